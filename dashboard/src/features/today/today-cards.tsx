import type { Outcome, Summary } from '../../lib/contract.ts'
import { compareIntegers, integer, integerOrNull, percentOf } from '../../lib/integer.ts'
import { counted, exactCount, percentText } from '../../lib/numbers.ts'
import { Count, Usd } from '../../ui/amount.tsx'
import { EvidenceCard } from './evidence-card.tsx'
import { CardGrid, Part, Parts, StatCard } from './stat-card.tsx'

export function TodayCards({ summary }: { summary: Summary }) {
  return (
    <CardGrid>
      <StatCard title="Spend" value={<Usd of={integer(summary.costNanoUsd)} />}>
        <SpendNote summary={summary} />
      </StatCard>
      <StatCard title="Tokens" value={<Count of={integer(summary.totalTokens)} />}>
        <Parts>
          <Part name="In">
            <Count of={integer(summary.inputTokens)} />
          </Part>
          <Part name="Out">
            <Count of={integer(summary.outputTokens)} />
          </Part>
          <Part name="Cached">
            <Count of={integer(summary.cachedTokens)} />
          </Part>
        </Parts>
      </StatCard>
      <StatCard title="Requests" value={<Count of={integer(summary.requests)} />}>
        <OutcomeParts byOutcome={summary.byOutcome} />
      </StatCard>
      <EvidenceCard summary={summary} />
    </CardGrid>
  )
}

/** What the sum leaves out comes first; otherwise, which model took most of it. */
function SpendNote({ summary }: { summary: Summary }) {
  const unpriced = integer(summary.unpricedEntries)
  if (unpriced > 0n)
    return (
      <span className="font-medium text-warning-soft-foreground">without {counted(unpriced, 'unpriced call')}</span>
    )
  const total = integer(summary.costNanoUsd)
  const [dearest] = summary.byModel
    .map(({ model, costNanoUsd }) => ({ model, cost: integerOrNull(costNanoUsd) ?? 0n }))
    .toSorted((a, b) => compareIntegers(b.cost, a.cost))
  if (!dearest || dearest.cost === 0n) return <>Nothing spent yet today</>
  return (
    <span className="block truncate" title={dearest.model}>
      {percentText(percentOf(dearest.cost, total))} on{' '}
      <bdi className="font-medium text-foreground">{dearest.model}</bdi>
    </span>
  )
}

const NAMES: Record<Outcome, string> = {
  completed: 'Completed',
  cancelled: 'Cancelled',
  upstream_error: 'Upstream error',
  cut: 'Cut',
  voided: 'Voided',
}

/** Those outcomes that there are; completed is always told. */
function OutcomeParts({ byOutcome }: Pick<Summary, 'byOutcome'>) {
  const outcomes = (Object.keys(NAMES) as Outcome[]).map(
    (outcome) => [outcome, integer(byOutcome[outcome] ?? 0)] as const,
  )
  return (
    <Parts>
      {outcomes
        .filter(([outcome, entries]) => outcome === 'completed' || entries > 0n)
        .map(([outcome, entries]) => (
          <Part key={outcome} name={NAMES[outcome]}>
            {exactCount(entries)}
          </Part>
        ))}
    </Parts>
  )
}
