import { useNow } from '../../lib/clock.ts'
import type { AlertChannel, AlertTest } from '../../lib/alert-contract.ts'
import { counted } from '../../lib/numbers.ts'
import { useServices } from '../../lib/services.ts'
import { shortTime } from '../../lib/time.ts'
import { useAlerts, useTestAlerts } from '../../lib/use-alerts.ts'
import { BusyButton } from '../../ui/busy-button.tsx'
import { ErrorLine } from '../../ui/error-state.tsx'
import { AlertIcon, CheckIcon } from '../../ui/icons.tsx'
import { LoadingLines } from '../../ui/loading.tsx'
import { Panel } from '../../ui/panel.tsx'

/** "Who is told when a limit is nearly used up, and does that work?" */
export function Channels() {
  const { data, error } = useAlerts()
  const test = useTestAlerts()
  const isThere = data !== undefined && data.length > 0
  return (
    <Panel
      more={
        isThere && (
          <BusyButton busy={test.isPending} onPress={() => test.mutate()} size="sm" variant="tertiary">
            {test.isPending ? 'Sending a test…' : 'Send a test'}
          </BusyButton>
        )
      }
      title="Channels"
    >
      {!data && error && <ErrorLine error={error} />}
      {!data && !error && <LoadingLines lines={1} what="Channels" />}
      {data?.length === 0 && (
        <p className="text-[13px] text-muted">
          Nobody is told of crossed thresholds. Set ALERT_WEBHOOK_URL and ALERT_WEBHOOK_SECRET where the server starts.
        </p>
      )}
      <ul className="flex flex-col gap-2.5">
        {data?.map((channel) => (
          <Channel channel={channel} key={channel.channel} />
        ))}
      </ul>
      <div aria-live="polite" className="text-[13px]">
        {test.error && <ErrorLine error={test.error} />}
        {test.data?.map((result) => (
          <p className="mt-2 text-muted" key={result.channel}>
            {testText(result)}
          </p>
        ))}
      </div>
    </Panel>
  )
}

function Channel({ channel: { channel, target, waiting, failing } }: { channel: AlertChannel }) {
  const { zone } = useServices()
  const nowMs = useNow(30_000)
  const Icon = failing ? AlertIcon : CheckIcon
  return (
    <li className="flex gap-2.5 text-[13px]">
      <Icon className={`mt-0.5 size-4 ${failing ? 'text-danger' : 'text-success-soft-foreground'}`} />
      <div className="min-w-0">
        <p className="wrap-anywhere">
          <span className="font-medium capitalize">{channel}</span> to {target}
        </p>
        <p className="text-xs wrap-anywhere text-muted">
          {waiting === 0 ? 'Nothing waits' : counted(BigInt(waiting), 'alert waits', 'alerts wait')}
          {failing && `: ${failing.error}, after ${counted(BigInt(failing.attempts), 'attempt')}`}
          {failing?.nextAt && `. The next is at ${shortTime(failing.nextAt, zone, nowMs)}`}
        </p>
      </div>
    </li>
  )
}

function testText({ channel, delivered, reason }: AlertTest): string {
  return delivered ? `The ${channel} has taken the test.` : `The ${channel} has not taken the test: ${reason}.`
}
