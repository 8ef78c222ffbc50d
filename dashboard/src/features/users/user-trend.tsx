import { counted, shortCount } from '../../lib/numbers.ts'
import { shortUsd } from '../../lib/money.ts'
import { integer } from '../../lib/integer.ts'
import type { Range } from '../../lib/range.ts'
import { sum } from '../../lib/series.ts'
import { useServices } from '../../lib/services.ts'
import { axisText, bucketLabels, bucketName, exactText, seriesOf } from '../../lib/trend-series.ts'
import { useSummary, useTrend } from '../../lib/use-sums.ts'
import { Usd } from '../../ui/amount.tsx'
import { Chart } from '../../ui/chart/chart.tsx'
import { ShareBars } from '../../ui/chart/share-bars.tsx'
import { ErrorState } from '../../ui/error-state.tsx'
import { Link } from '../../ui/link.tsx'
import { LoadingRows } from '../../ui/loading.tsx'
import { LINK, Panel } from '../../ui/panel.tsx'
import { Name } from '../../ui/name.tsx'

/** A cost of nothing is left out: it may as well have no price, and only the entries tell which. */
function ModelSums({ tokens, cost }: { tokens: bigint; cost: bigint | undefined }) {
  return (
    <>
      {shortCount(tokens)}
      {cost !== undefined && (
        <>
          {' '}
          <span className="text-muted">·</span> <Usd of={cost} />
        </>
      )}
    </>
  )
}

/** A user's tokens by model over time, and what each model came to. */
export function UserTrend({ userId, range }: { userId: string; range: Range }) {
  const { zone } = useServices()
  const trend = useTrend(range, 'model', { userId })
  const summary = useSummary(range, { userId })
  if (!trend.data && trend.error)
    return <ErrorState error={trend.error} onRetry={() => void trend.refetch()} what="The usage over time" />
  if (!trend.data) return <LoadingRows rows={5} what="Usage over time" />
  const tokens = seriesOf(trend.data, 'tokens')
  const costs = new Map(seriesOf(trend.data, 'cost').map(({ key, values }) => [key, sum(values)]))
  const ranked = tokens
    .map(({ key, name, values }) => ({ key, name, value: sum(values) }))
    .toSorted((a, b) => Number(b.value - a.value))
  const said =
    summary.data && integer(summary.data.requests) > 0n
      ? `${shortCount(integer(summary.data.totalTokens))} tokens in ${counted(integer(summary.data.requests), 'request')} for ${shortUsd(integer(summary.data.costNanoUsd))}`
      : 'No tokens in this time'
  return (
    <div className="grid gap-3 lg:grid-cols-[minmax(0,2fr)_minmax(0,1fr)]">
      <Chart
        axis={(value) => axisText('tokens', value)}
        exact={(value) => exactText('tokens', value)}
        isOld={trend.isPlaceholderData}
        labels={bucketLabels(trend.data, zone)}
        series={tokens}
        summary={said}
        title={`Tokens by model, per ${bucketName(trend.data.bucket)}`}
      />
      <Panel title="By model">
        {ranked.length === 0 && <p className="text-[13px] text-muted">Nothing in this time.</p>}
        <ShareBars
          shares={ranked.map(({ key, name, value }) => ({
            key,
            name:
              key === 'other' ? (
                <span className="text-muted">{name}</span>
              ) : (
                <Link className={LINK} parameters={{ user: userId, model: key }} to="/requests">
                  <Name of={name} />
                </Link>
              ),
            value,
            text: <ModelSums cost={costs.get(key)} tokens={value} />,
          }))}
        />
      </Panel>
    </div>
  )
}
