import { useNow } from '../../lib/clock.ts'
import type { CallFilter } from '../../lib/api.ts'
import type { EntryRow } from '../../lib/contract.ts'
import type { Parameters } from '../../lib/location.ts'
import { useServices } from '../../lib/services.ts'
import { fullTime, shortTime } from '../../lib/time.ts'
import { ErrorLine } from '../../ui/error-state.tsx'
import { Link } from '../../ui/link.tsx'
import { LoadingLines } from '../../ui/loading.tsx'
import { LINK, Panel } from '../../ui/panel.tsx'
import { Cost, Tokens } from './known.tsx'
import { OutcomeChip } from './outcome-chip.tsx'
import { useCalls } from './use-calls.ts'
import { Name } from '../../ui/name.tsx'

const SHOWN = 10

/** The last calls as they happen, each with the way to how it was counted. */
export function LatestCalls({ filter, parameters = {} }: { filter: CallFilter; parameters?: Parameters }) {
  const calls = useCalls(filter, { size: SHOWN })
  const nowMs = useNow(60_000)
  const { data, error } = calls
  return (
    <Panel
      more={
        <Link className={LINK} parameters={parameters} to="/requests">
          All requests
        </Link>
      }
      title="Last calls"
    >
      {!data && error && <ErrorLine error={error} />}
      {!data && !error && <LoadingLines lines={SHOWN} what="Last calls" />}
      {data?.entries.length === 0 && <p className="text-[13px] text-muted">No call yet.</p>}
      <ul className="-mx-2 text-[13px]">
        {data?.entries.map((entry) => (
          <LatestCall entry={entry} key={entry.id} nowMs={nowMs} parameters={parameters} withUser={!filter.userId} />
        ))}
      </ul>
    </Panel>
  )
}

interface LatestCallProps {
  entry: EntryRow
  nowMs: number
  parameters: Parameters
  withUser: boolean
}

function LatestCall({ entry, nowMs, parameters, withUser }: LatestCallProps) {
  const { zone } = useServices()
  const time = shortTime(entry.occurredAt, zone, nowMs)
  return (
    <li className="latest-call relative grid items-center gap-x-3 rounded-lg px-2 py-1.5 hover:bg-surface-secondary">
      <Link
        aria-label={`${time}, ${entry.userId}, ${entry.model}: how was this counted?`}
        className="text-muted tabular-nums after:absolute after:inset-0 after:rounded-lg"
        parameters={{ ...parameters, call: entry.callId, attempt: String(entry.attempt) }}
        to="/requests"
      >
        <time dateTime={entry.occurredAt} title={fullTime(entry.occurredAt, zone)}>
          {time}
        </time>
      </Link>
      {withUser && <Name className="latest-call-user justify-self-start font-medium" of={entry.userId} />}
      <Name className="latest-call-model justify-self-start" of={entry.model} />
      <span className="text-end whitespace-nowrap tabular-nums">
        <Tokens evidence={entry.evidence} of={entry.totalTokens} />{' '}
        {entry.totalTokens !== null && <span className="text-muted max-sm:sr-only">tokens</span>}
      </span>
      <span className="text-end whitespace-nowrap tabular-nums">
        <Cost entry={entry} />
      </span>
      <span className="justify-self-end">
        <OutcomeChip outcome={entry.outcome} />
      </span>
    </li>
  )
}
