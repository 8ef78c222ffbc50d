import type { Summary, Trend } from '../../lib/contract.ts'
import { integer } from '../../lib/integer.ts'
import { useUrlParameter } from '../../lib/location.ts'
import { useServices } from '../../lib/services.ts'
import { axisText, bucketLabels, bucketName, exactText, type Measure, seriesOf } from '../../lib/trend-series.ts'
import { Chart } from '../../ui/chart/chart.tsx'
import { Segments } from '../../ui/segments.tsx'
import { trendSentence } from './trend-sentence.ts'

const MEASURES: readonly { value: Measure; title: string }[] = [
  { value: 'cost', title: 'Spend' },
  { value: 'tokens', title: 'Tokens' },
  { value: 'requests', title: 'Requests' },
]
const FIELDS = { cost: 'costNanoUsd', tokens: 'totalTokens', requests: 'requests' } as const

interface TrendChartProps {
  trend: Trend
  before: Summary | undefined
  isOld: boolean
}

/** The range by model over time: what was spent, the tokens, or the requests. */
export function TrendChart({ trend, before, isOld }: TrendChartProps) {
  const { zone } = useServices()
  const [chosen, choose] = useUrlParameter('measure')
  const measure = MEASURES.find(({ value }) => value === chosen)?.value ?? 'cost'
  const series = seriesOf(trend, measure)
  const labels = bucketLabels(trend, zone)
  const name = MEASURES.find(({ value }) => value === measure)?.title
  return (
    <Chart
      actions={
        <Segments
          label="Measure"
          onChange={(value) => choose(value === 'cost' ? null : value, true)}
          options={MEASURES}
          value={measure}
        />
      }
      axis={(value) => axisText(measure, value)}
      exact={(value) => exactText(measure, value)}
      isOld={isOld}
      labels={labels}
      series={series}
      summary={trendSentence(measure, series, before ? integer(before[FIELDS[measure]]) : null)}
      title={`${name} by model, per ${bucketName(trend.bucket)}`}
    />
  )
}
