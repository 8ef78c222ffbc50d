import type { Summary, Trend } from '../../lib/contract.ts'
import { deltaOf } from '../../lib/delta.ts'
import { integer } from '../../lib/integer.ts'
import { counted, exactCount } from '../../lib/numbers.ts'
import type { Range } from '../../lib/range.ts'
import { totals } from '../../lib/series.ts'
import { type Measure, seriesOf } from '../../lib/trend-series.ts'
import { Count, Usd } from '../../ui/amount.tsx'
import { Sparkline } from '../../ui/chart/sparkline.tsx'
import { CardGrid, DeltaMark, Part, Parts, StatCard } from '../../ui/stat-card.tsx'
import { beforeText } from './trend-sentence.ts'
import { refusalName } from '../../lib/refusal-names.ts'

interface OverviewCardsProps {
  summary: Summary
  before: Summary | undefined
  trend: Trend | undefined
  range: Range
}

export function OverviewCards({ summary, before, trend, range }: OverviewCardsProps) {
  const against = beforeText(range)
  const delta = (of: (summary: Summary) => bigint) =>
    before && <DeltaMark against={against} delta={deltaOf(of(summary), of(before))} />
  const spark = (measure: Measure) => <Sparkline values={trend ? sums(trend, measure) : []} />
  return (
    <CardGrid>
      <StatCard
        delta={delta((of) => integer(of.costNanoUsd))}
        spark={spark('cost')}
        title="Spend"
        value={<Usd of={integer(summary.costNanoUsd)} />}
      >
        <SpendNote before={before} summary={summary} />
      </StatCard>
      <StatCard
        delta={delta((of) => integer(of.totalTokens))}
        spark={spark('tokens')}
        title="Tokens"
        value={<Count of={integer(summary.totalTokens)} />}
      >
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
      <StatCard
        delta={delta((of) => integer(of.requests))}
        spark={spark('requests')}
        title="Requests"
        value={<Count of={integer(summary.requests)} />}
      >
        <OutcomeParts byOutcome={summary.byOutcome} />
      </StatCard>
      <StatCard
        delta={delta((of) => integer(of.refusals.total))}
        title="Refusals"
        value={<Count of={integer(summary.refusals.total)} />}
      >
        <RefusalParts refusals={summary.refusals} />
      </StatCard>
    </CardGrid>
  )
}

function sums(trend: Trend, measure: Measure): bigint[] {
  return totals(seriesOf(trend, measure), trend.series[0]?.points.length ?? 0)
}

/** What the sum leaves out comes first; otherwise, what it is compared with. */
function SpendNote({ summary, before }: { summary: Summary; before: Summary | undefined }) {
  const unpriced = integer(summary.unpricedEntries)
  if (unpriced > 0n)
    return (
      <span className="font-medium text-warning-soft-foreground">without {counted(unpriced, 'unpriced call')}</span>
    )
  if (integer(summary.costNanoUsd) === 0n) return <>Nothing spent</>
  return before ? (
    <Parts>
      <Part name="Before">
        <Usd of={integer(before.costNanoUsd)} />
      </Part>
    </Parts>
  ) : null
}

const OUTCOME_NAMES = {
  completed: 'Completed',
  cancelled: 'Cancelled',
  upstream_error: 'Upstream error',
  cut: 'Cut',
  voided: 'Voided',
} as const

/** Those outcomes that there are; completed is always told. */
function OutcomeParts({ byOutcome }: Pick<Summary, 'byOutcome'>) {
  const outcomes = (Object.keys(OUTCOME_NAMES) as (keyof typeof OUTCOME_NAMES)[]).map(
    (outcome) => [outcome, integer(byOutcome[outcome] ?? 0)] as const,
  )
  return (
    <Parts>
      {outcomes
        .filter(([outcome, entries]) => outcome === 'completed' || entries > 0n)
        .map(([outcome, entries]) => (
          <Part key={outcome} name={OUTCOME_NAMES[outcome]}>
            {exactCount(entries)}
          </Part>
        ))}
    </Parts>
  )
}

function RefusalParts({ refusals }: Pick<Summary, 'refusals'>) {
  const shadow = integer(refusals.shadow)
  const codes = Object.entries(refusals.byCode).filter(([, count]) => integer(count) > 0n)
  if (codes.length === 0 && shadow === 0n) return <>No call was refused</>
  return (
    <Parts>
      {codes.map(([code, count]) => (
        <Part key={code} name={refusalName(code)}>
          {exactCount(integer(count))}
        </Part>
      ))}
      {shadow > 0n && <Part name="Shadow">{exactCount(shadow)}</Part>}
    </Parts>
  )
}
