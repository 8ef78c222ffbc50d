import { memo, type ReactNode, useEffect, useRef } from 'react'
import type { EntryRow } from '../../lib/contract.ts'
import { useServices } from '../../lib/services.ts'
import { fullTime, shortTime } from '../../lib/time.ts'
import { PlainTable, table } from '../../ui/plain-table.tsx'
import { Cost, Took, Tokens } from './known.tsx'
import { addFilter } from './call-filters.tsx'
import type { FilterName } from './call-filter.ts'
import { OutcomeChip } from './outcome-chip.tsx'
import { Name } from '../../ui/name.tsx'

const COLUMNS = [
  { title: 'Time' },
  { title: 'User' },
  { title: 'Model' },
  { title: 'Outcome' },
  { title: 'In', end: true },
  { title: 'Cached', end: true },
  { title: 'Out', end: true },
  { title: 'Cost', end: true },
  { title: 'Duration', end: true },
  { title: 'Evidence' },
]

interface CallsTableProps {
  rows: readonly EntryRow[]
  nowMs: number
  onOpen: (entry: EntryRow) => void
}

/** The rows never change once they are there, so a new call renders one row. */
export function CallsTable({ rows, nowMs, onOpen }: CallsTableProps) {
  const known = useRef<ReadonlySet<string> | null>(null)
  useEffect(() => {
    known.current = new Set(rows.map((row) => row.id))
  }, [rows])
  const isNew = (id: string) => known.current !== null && !known.current.has(id)
  return (
    <PlainTable className="calls-table" columns={COLUMNS} label="Calls">
      {rows.map((row) => (
        <CallRow arrived={isNew(row.id)} day={dayOf(nowMs)} entry={row} key={row.id} onOpen={onOpen} />
      ))}
    </PlainTable>
  )
}

/** Changes once a minute at most, so that rows render again only when "today" may have become another day. */
const dayOf = (nowMs: number) => Math.floor(nowMs / 60_000) * 60_000

interface CallRowProps {
  entry: EntryRow
  day: number
  arrived: boolean
  onOpen: (entry: EntryRow) => void
}

const CallRow = memo(function CallRow({ entry, day, arrived, onOpen }: CallRowProps) {
  const { zone } = useServices()
  const number = table.cell({ className: 'text-end tabular-nums whitespace-nowrap' })
  const time = shortTime(entry.occurredAt, zone, day)
  return (
    <tr
      className={table.row({ className: `cursor-pointer ${arrived ? 'arrived-row' : ''}` })}
      onClick={() => onOpen(entry)}
      role="row"
    >
      <td className={table.cell({ className: 'whitespace-nowrap tabular-nums' })} role="cell">
        <button
          aria-label={`${time}, ${entry.userId}, ${entry.model}: how was this counted?`}
          className="cursor-pointer rounded-sm underline-offset-2 outline-offset-2 hover:underline"
          data-call-row
          // The row's own click would open it a second time.
          onClick={(event) => (event.stopPropagation(), onOpen(entry))}
          type="button"
        >
          <time dateTime={entry.occurredAt} title={fullTime(entry.occurredAt, zone)}>
            {time}
          </time>
        </button>
      </td>
      <td className={table.cell({ className: 'name-cell' })} role="cell">
        <Only name="user" value={entry.userId}>
          <Name className="font-medium" of={entry.userId} />
        </Only>
      </td>
      <td className={table.cell({ className: 'name-cell' })} role="cell">
        <Only name="model" value={entry.model}>
          <Name of={entry.model} title={`${entry.provider} / ${entry.model}`} />
        </Only>
      </td>
      <td className={table.cell()} role="cell">
        <Only name="outcome" value={entry.outcome}>
          <OutcomeChip outcome={entry.outcome} />
        </Only>
      </td>
      <td className={number} data-name="In" role="cell">
        <Tokens evidence={entry.evidence} of={entry.inputTokens} />
      </td>
      <td className={number} data-name="Cached" role="cell">
        {entry.cachedTokens === null && entry.inputTokens !== null ? (
          <span className="text-muted" title="The provider did not say">
            –<span className="sr-only">not reported</span>
          </span>
        ) : (
          <Tokens evidence={entry.evidence} of={entry.cachedTokens} />
        )}
      </td>
      <td className={number} data-name="Out" role="cell">
        <Tokens evidence={entry.evidence} of={entry.outputTokens} />
      </td>
      <td className={number} data-name="Cost" role="cell">
        <Cost entry={entry} />
      </td>
      <td className={number} data-name="Duration" role="cell">
        <Took entry={entry} />
      </td>
      <td className={table.cell({ className: 'text-[13px] text-muted' })} data-name="Evidence" role="cell">
        {entry.quarantine === null ? (
          <Only name="evidence" value={entry.evidence}>
            {entry.evidence}
          </Only>
        ) : (
          <span className="text-danger-soft-foreground">quarantined</span>
        )}
      </td>
    </tr>
  )
})

/**
 * A value that filters by itself when it is clicked. Not a stop for Tab, which would be two hundred of them: the drawer and the
 * field above the table do the same by keyboard.
 */
function Only({ name, value, children }: { name: FilterName; value: string; children: ReactNode }) {
  return (
    <button
      className="block max-w-full cursor-pointer rounded-sm decoration-dotted underline-offset-2 hover:underline"
      onClick={(event) => (event.stopPropagation(), addFilter(name, value))}
      tabIndex={-1}
      type="button"
    >
      <span className="sr-only">Only {name} </span>
      {children}
    </button>
  )
}
