import { Button } from '@heroui/react/button'
import { Chip } from '@heroui/react/chip'
import { useNow } from '../../lib/clock.ts'
import type { Limit } from '../../lib/contract.ts'
import {
  exactAmount,
  limitTitle,
  METRIC_NAMES,
  MODE_NAMES,
  shortAmount,
  windowText,
  windowZone,
} from '../../lib/limit-words.ts'
import { percentText } from '../../lib/numbers.ts'
import { useServices } from '../../lib/services.ts'
import { usageOfLimit } from '../../lib/standing.ts'
import { dateAndTime, shortTime, untilText } from '../../lib/time.ts'
import { PencilIcon } from '../../ui/icons.tsx'
import { PlainTable, table } from '../../ui/plain-table.tsx'
import { UsageBar } from '../../ui/usage-bar.tsx'
import { ScopeName } from '../../ui/scope-name.tsx'

const COLUMNS = [
  { title: 'Whom it binds' },
  { title: 'What it counts' },
  { title: 'Amount', end: true },
  { title: 'Used' },
  { title: 'Left', end: true },
  { title: 'Resets' },
  { title: 'Tells at' },
]

interface LimitsTableProps {
  limits: readonly Limit[]
  onChange: (limit: Limit) => void
}

export function LimitsTable({ limits, onChange }: LimitsTableProps) {
  const nowMs = useNow(30_000)
  return (
    <PlainTable className="limits-table" columns={COLUMNS} label="Limits">
      {limits.map((limit) => (
        <LimitRow key={limit.limitId} limit={limit} nowMs={nowMs} onChange={onChange} />
      ))}
    </PlainTable>
  )
}

interface LimitRowProps {
  limit: Limit
  nowMs: number
  onChange: (limit: Limit) => void
}

function LimitRow({ limit, nowMs, onChange }: LimitRowProps) {
  const { zone } = useServices()
  const { scope, metric, window, mode, resetsAt, thresholds } = limit
  const usage = usageOfLimit(limit)
  const number = table.cell({ className: 'text-end whitespace-nowrap tabular-nums' })
  const windowsZone = windowZone(window)
  return (
    <tr className={table.row()} role="row">
      <td className={table.cell({ className: 'name-cell' })} role="cell">
        <ScopeName scope={scope} />
      </td>
      <td className={table.cell()} role="cell">
        <span className="whitespace-nowrap">
          {METRIC_NAMES[metric]} <span className="text-muted">{windowText(window)}</span>
        </span>
        {(mode !== 'hard' || (windowsZone !== null && windowsZone !== zone)) && (
          <span className="flex flex-wrap items-center gap-x-1.5 text-xs text-muted">
            {mode !== 'hard' && (
              <Chip size="sm" variant="primary">
                {MODE_NAMES[mode].title}
              </Chip>
            )}
            {windowsZone !== null && windowsZone !== zone && `in ${windowsZone}`}
          </span>
        )}
      </td>
      <td className={number} data-name="Amount" role="cell">
        <div className="flex items-center justify-end gap-1.5">
          {usage.limit === null ? (
            <span className="text-muted">Lifted</span>
          ) : (
            <span title={exactAmount(metric, usage.limit)}>{shortAmount(metric, usage.limit)}</span>
          )}
          <Button
            aria-label={`Change the limit: ${limitTitle(limit)}`}
            className="-me-2 size-7 min-w-7 text-muted"
            isIconOnly
            onPress={() => onChange(limit)}
            size="sm"
            variant="ghost"
          >
            <PencilIcon className="size-3.5" />
          </Button>
        </div>
      </td>
      <td className={table.cell()} data-name="Used" role="cell">
        <div className="md:min-w-32 lg:min-w-44">
          <UsageBar
            exact={(amount) => exactAmount(metric, amount)}
            label={`Used of ${limitTitle(limit)}`}
            usage={usage}
          />
          <div className="mt-1 flex gap-3 text-xs whitespace-nowrap text-muted tabular-nums">
            <span>
              <span title={exactAmount(metric, usage.used)}>{shortAmount(metric, usage.used)}</span>
              {usage.held > 0n && (
                <span title={exactAmount(metric, usage.held)}> + {shortAmount(metric, usage.held)} held</span>
              )}
            </span>
            {usage.percent !== null && <span className="ms-auto text-foreground">{percentText(usage.percent)}</span>}
          </div>
        </div>
      </td>
      <td className={number} data-name="Left" role="cell">
        {usage.remaining === null ? (
          <span className="text-muted">–</span>
        ) : (
          <span title={exactAmount(metric, usage.remaining)}>{shortAmount(metric, usage.remaining)}</span>
        )}
      </td>
      <td className={table.cell({ className: 'whitespace-nowrap' })} data-name="Resets" role="cell">
        {resetsAt === null ? (
          <span className="text-muted">{window.kind === 'minute' ? 'Slides' : 'Never'}</span>
        ) : (
          <time dateTime={resetsAt} title={`${dateAndTime(resetsAt, zone)} ${zone}`}>
            {untilText(resetsAt, nowMs)}
            <span className="block text-xs text-muted tabular-nums">{shortTime(resetsAt, zone, nowMs)}</span>
          </time>
        )}
      </td>
      <td className={table.cell({ className: 'text-muted tabular-nums' })} data-name="Tells at" role="cell">
        {thresholds.length === 0 ? '–' : `${thresholds.join(', ')}\u00a0%`}
      </td>
    </tr>
  )
}
