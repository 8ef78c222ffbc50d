import { useNow } from '../../lib/clock.ts'
import { useServices } from '../../lib/services.ts'
import { shortTime } from '../../lib/time.ts'
import { ErrorLine } from '../../ui/error-state.tsx'
import { Link } from '../../ui/link.tsx'
import { LINK, Panel } from '../../ui/panel.tsx'
import { RefusalChip } from './refusals-table.tsx'
import { useRefusals } from './use-calls.ts'

const SHOWN = 5

/** What a user was refused lately. */
export function LatestRefusals({ userId }: { userId: string }) {
  const { zone } = useServices()
  const { data, error } = useRefusals({ userId }, null, SHOWN)
  const nowMs = useNow(60_000)
  return (
    <Panel
      more={
        <Link className={LINK} parameters={{ view: 'refusals', user: userId }} to="/requests">
          All refusals
        </Link>
      }
      title="Last refusals"
    >
      {error && !data && <ErrorLine error={error} />}
      {data?.refusals.length === 0 && <p className="text-[13px] text-muted">None.</p>}
      <ul className="-mx-2 flex flex-col text-[13px]">
        {data?.refusals.map((refusal) => (
          <li key={refusal.id}>
            <Link
              className="flex flex-wrap items-center gap-x-3 gap-y-1 rounded-lg px-2 py-1.5 hover:bg-surface-secondary"
              parameters={{ view: 'refusals', user: userId, call: refusal.callId }}
              to="/requests"
            >
              <span className="text-muted tabular-nums">{shortTime(refusal.at, zone, nowMs)}</span>
              <RefusalChip refusal={refusal} />
              <span className="min-w-0 flex-1 basis-60 truncate text-muted">{refusal.message}</span>
            </Link>
          </li>
        ))}
      </ul>
    </Panel>
  )
}
