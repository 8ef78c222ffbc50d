import type { Trend } from './contract.ts'
import { integer } from './integer.ts'
import { exactUsd } from './money.ts'
import { compactNumber, exactCount } from './numbers.ts'
import type { Series } from './series.ts'
import { clockTime, dayAndMinute, dayAndMonth, dayName } from './time.ts'

/** What a trend is drawn of. */
export type Measure = 'cost' | 'tokens' | 'requests'

const FIELDS = { cost: 'costNanoUsd', tokens: 'totalTokens', requests: 'requests' } as const
const NANO = 1e9

/** The series of a trend, those that are nothing throughout left out; `other` is the rest that the server put together. */
export function seriesOf(trend: Trend, measure: Measure): Series[] {
  return trend.series
    .map(({ key, points }) => ({
      key: key ?? 'all',
      name: key === 'other' ? 'Other' : (key ?? 'All'),
      values: points.map((point) => integer(point[FIELDS[measure]])),
    }))
    .filter(({ values }) => values.some((value) => value > 0n))
}

/** What the buckets of a trend are called. By the trend's own bucket: while another range is read, the old one is seen. */
export function bucketLabels({ series, bucket }: Pick<Trend, 'series' | 'bucket'>, zone: string) {
  const points = series[0]?.points ?? []
  return points.map(({ start }) => {
    const ms = Date.parse(start)
    if (bucket === 'day') return { start, short: dayAndMonth(ms, zone), full: dayName(ms, zone) }
    return { start, short: clockTime(ms, zone).slice(0, 5), full: dayAndMinute(ms, zone) }
  })
}

export function bucketName(bucket: Trend['bucket']): string {
  return bucket === 'quarter' ? 'quarter of an hour' : bucket
}

/** A value on an axis: "$0.05", "2.5M". */
export function axisText(measure: Measure, value: number): string {
  if (measure !== 'cost') return compactNumber(value)
  // "$0.2" among "$0.25" reads as another amount than it is.
  return `$${compactNumber(value / NANO).replace(/^(\d+\.\d)$/, '$10')}`
}

/** A value in full. */
export function exactText(measure: Measure, value: bigint): string {
  return measure === 'cost' ? exactUsd(value) : exactCount(value)
}
