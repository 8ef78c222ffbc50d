import { Chip } from '@heroui/react/chip'
import type { Refusal } from '../../lib/contract.ts'
import { refusalName } from '../../lib/refusal-names.ts'
import { useServices } from '../../lib/services.ts'
import { fullTime, shortTime } from '../../lib/time.ts'
import { PlainTable, table } from '../../ui/plain-table.tsx'
import { addFilter } from './call-filters.tsx'
import { Name } from '../../ui/name.tsx'

const COLUMNS = ['Time', 'User', 'Model', 'Reason', 'What was said'].map((title) => ({ title }))

interface RefusalsTableProps {
  rows: readonly Refusal[]
  nowMs: number
  onOpen: (refusal: Refusal) => void
}

export function RefusalsTable({ rows, nowMs, onOpen }: RefusalsTableProps) {
  const { zone } = useServices()
  return (
    <PlainTable className="refusals-table" columns={COLUMNS} label="Refusals">
      {rows.map((refusal) => (
        <tr
          className={table.row({ className: 'cursor-pointer' })}
          key={refusal.id}
          onClick={() => onOpen(refusal)}
          role="row"
        >
          <td className={table.cell({ className: 'whitespace-nowrap tabular-nums' })} role="cell">
            <button
              aria-label={`${shortTime(refusal.at, zone, nowMs)}, ${refusal.userId}: why was this refused?`}
              className="cursor-pointer rounded-sm underline-offset-2 outline-offset-2 hover:underline"
              data-call-row
              onClick={(event) => (event.stopPropagation(), onOpen(refusal))}
              type="button"
            >
              <time dateTime={refusal.at} title={fullTime(refusal.at, zone)}>
                {shortTime(refusal.at, zone, nowMs)}
              </time>
            </button>
          </td>
          <td className={table.cell({ className: 'name-cell' })} role="cell">
            <Name className="font-medium" of={refusal.userId} />
          </td>
          <td className={table.cell({ className: 'name-cell' })} data-name="Model" role="cell">
            {refusal.model === null ? <span className="text-muted">–</span> : <Name of={refusal.model} />}
          </td>
          <td className={table.cell({ className: 'whitespace-nowrap' })} role="cell">
            <button
              className="cursor-pointer rounded-sm"
              onClick={(event) => (event.stopPropagation(), addFilter('code', refusal.code))}
              tabIndex={-1}
              type="button"
            >
              <span className="sr-only">Only reason </span>
              <RefusalChip refusal={refusal} />
            </button>
          </td>
          <td className={table.cell({ className: 'text-muted' })} role="cell">
            <span className="line-clamp-2 wrap-anywhere" title={refusal.message}>
              {refusal.message}
            </span>
          </td>
        </tr>
      ))}
    </PlainTable>
  )
}

/** Why it was refused, or would have been. */
export function RefusalChip({ refusal: { code, shadow } }: { refusal: Pick<Refusal, 'code' | 'shadow'> }) {
  return (
    <Chip color={shadow ? 'default' : 'danger'} size="sm" variant={shadow ? 'primary' : 'soft'}>
      {shadow && 'Shadow: '}
      {refusalName(code)}
    </Chip>
  )
}
