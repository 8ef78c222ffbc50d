import type { EntryDetail } from '../../lib/contract.ts'
import { Cost, Took } from './known.tsx'
import { DetailPart } from './detail-part.tsx'
import { OutcomeChip } from './outcome-chip.tsx'
import { Name } from '../../ui/name.tsx'

interface CallAttemptsProps {
  entries: readonly EntryDetail[]
  chosen: number | undefined
  onChoose: (attempt: string) => void
}

/** The tries that the call took, in order: each is an entry of its own. */
export function CallAttempts({ entries, chosen, onChoose }: CallAttemptsProps) {
  return (
    <DetailPart title={`${entries.length} attempts`}>
      <ol className="divide-y divide-separator overflow-hidden rounded-lg border border-border">
        {entries.map((entry) => (
          <li key={entry.id}>
            <button
              aria-pressed={entry.attempt === chosen}
              className="flex w-full cursor-pointer flex-wrap items-center gap-x-3 gap-y-1 px-3 py-2 text-start -outline-offset-2 hover:bg-surface-secondary aria-pressed:bg-accent-soft"
              onClick={() => onChoose(String(entry.attempt))}
              type="button"
            >
              <span className="text-muted tabular-nums">{entry.attempt}</span>
              <span className="min-w-0">
                <Name className="font-medium" of={entry.model} />{' '}
                <span className="text-muted">at {entry.provider}</span>
              </span>
              <OutcomeChip outcome={entry.outcome} />
              <span className="ms-auto text-muted tabular-nums">
                {entry.httpStatus !== null && `HTTP ${entry.httpStatus}, `}
                <Took entry={entry} />
              </span>
              <span className="tabular-nums">
                <Cost entry={entry} />
              </span>
            </button>
          </li>
        ))}
      </ol>
    </DetailPart>
  )
}
