import type { Evidence, Summary } from '../../lib/contract.ts'
import { integer, percentOf } from '../../lib/integer.ts'
import { counted, percentText } from '../../lib/numbers.ts'
import { Count } from '../../ui/amount.tsx'
import { Part, Parts, StatCard } from './stat-card.tsx'

const KINDS: readonly { kind: Evidence; name: string; colour: string }[] = [
  { kind: 'reported', name: 'Reported', colour: 'bg-accent' },
  { kind: 'estimated', name: 'Estimated', colour: 'bg-held' },
  { kind: 'bounded', name: 'Bounded', colour: 'bg-warning' },
  { kind: 'unknown', name: 'Unknown', colour: 'bg-danger' },
]

/** How well today's usage is known: by the provider's own report, or by something less. */
export function EvidenceCard({ summary }: { summary: Summary }) {
  const counts = KINDS.map((kind) => ({ ...kind, entries: integer(summary.byEvidence[kind.kind] ?? 0) }))
  const total = counts.reduce((sum, { entries }) => sum + entries, 0n)
  const reported = counts[0]?.entries ?? 0n
  const unpriced = integer(summary.unpricedEntries)
  return (
    <StatCard
      title="How well it is known"
      value={
        total === 0n ? (
          <span className="text-muted">–</span>
        ) : (
          <>
            {percentText(percentOf(reported, total))}
            <span className="ms-1.5 text-sm font-medium tracking-normal text-muted">reported</span>
          </>
        )
      }
    >
      {total > 0n && reported < total && (
        <div aria-hidden="true" className="mb-2 flex h-1.5 gap-px overflow-hidden rounded-full">
          {counts.map(({ kind, colour, entries }) => (
            <div
              className={`min-w-1 ${colour} ${entries === 0n ? 'hidden' : ''}`}
              key={kind}
              style={{ flexGrow: percentOf(entries, total) }}
            />
          ))}
        </div>
      )}
      {total === 0n && 'No calls yet today'}
      {total > 0n &&
        reported === total &&
        unpriced === 0n &&
        `All of ${counted(total, 'entry', 'entries')}, by the provider itself`}
      <Parts>
        {counts.slice(1).map(
          ({ kind, name, entries }) =>
            entries > 0n && (
              <Part key={kind} name={name}>
                <Count of={entries} />
              </Part>
            ),
        )}
        {unpriced > 0n && (
          <Part name="Unpriced">
            <Count of={unpriced} />
          </Part>
        )}
      </Parts>
    </StatCard>
  )
}
