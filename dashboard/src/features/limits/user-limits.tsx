import { useNow } from '../../lib/clock.ts'
import {
  exactAmount,
  limitTitle,
  METRIC_NAMES,
  MODE_NAMES,
  SCOPE_NAMES,
  shortAmount,
  windowText,
} from '../../lib/limit-words.ts'
import type { Limit } from '../../lib/contract.ts'
import { percentText } from '../../lib/numbers.ts'
import { usageOfLimit } from '../../lib/standing.ts'
import { untilText } from '../../lib/time.ts'
import { useLimits } from '../../lib/use-limits.ts'
import { ErrorLine } from '../../ui/error-state.tsx'
import { Link } from '../../ui/link.tsx'
import { LINK, Panel } from '../../ui/panel.tsx'
import { UsageBar } from '../../ui/usage-bar.tsx'
import { limitsOfUser, sortLimits } from './sort-limits.ts'

/** The limits that bind this user whatever is called: the user's own, and everybody's. */
export function UserLimits({ userId }: { userId: string }) {
  const { data, error } = useLimits()
  const nowMs = useNow(30_000)
  const limits = sortLimits(limitsOfUser(data ?? [], userId))
  return (
    <Panel
      more={
        <Link className={LINK} to="/limits">
          All limits
        </Link>
      }
      title="Limits that apply"
    >
      {error && !data && <ErrorLine error={error} />}
      {data && limits.length === 0 && <p className="text-[13px] text-muted">None: nothing stops this user.</p>}
      <ul className="flex flex-col gap-3.5 text-[13px]">
        {limits.map((limit) => (
          <UserLimit key={limit.limitId} limit={limit} nowMs={nowMs} />
        ))}
      </ul>
    </Panel>
  )
}

function UserLimit({ limit, nowMs }: { limit: Limit; nowMs: number }) {
  const { metric, window, mode, scope, resetsAt } = limit
  const usage = usageOfLimit(limit)
  return (
    <li>
      <div className="mb-1 flex flex-wrap items-baseline gap-x-2">
        <span className="font-medium">
          {METRIC_NAMES[metric]} {windowText(window)}
        </span>
        <span className="text-muted">
          {scope.kind === 'tenant' && SCOPE_NAMES.tenant.toLowerCase()}
          {mode !== 'hard' && ` ${MODE_NAMES[mode].title.toLowerCase()}`}
        </span>
        <span className="ms-auto tabular-nums">
          {shortAmount(metric, usage.used)}
          {usage.held > 0n && <span className="text-muted"> + {shortAmount(metric, usage.held)} held</span>}
          <span className="text-muted">
            {usage.limit === null ? ', no limit' : ` of ${shortAmount(metric, usage.limit)}`}
          </span>
        </span>
      </div>
      <UsageBar exact={(amount) => exactAmount(metric, amount)} label={`Used of ${limitTitle(limit)}`} usage={usage} />
      <p className="mt-1 text-xs text-muted tabular-nums">
        {usage.percent !== null && percentText(usage.percent)}
        {resetsAt !== null && `, resets ${untilText(resetsAt, nowMs)}`}
      </p>
    </li>
  )
}
