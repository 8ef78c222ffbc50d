import { expect, test } from 'vitest'
import type { Trend, TrendPoint } from './contract.ts'
import { axisText, bucketLabels, seriesOf } from './trend-series.ts'

const point = (start: string, totalTokens: number, costNanoUsd: number | string): TrendPoint => ({
  start,
  requests: 1,
  inputTokens: 0,
  cachedTokens: 0,
  outputTokens: 0,
  totalTokens,
  costNanoUsd,
})
const START = '2026-11-21T23:00:00Z'
const trend: Trend = {
  from: START,
  to: '2026-11-22T23:00:00Z',
  zone: 'Europe/Amsterdam',
  bucket: 'day',
  by: 'model',
  series: [
    { key: 'gpt-4o', points: [point(START, 5, '9007199254740993')] },
    { key: 'unpriced', points: [point(START, 7, 0)] },
    { key: 'other', points: [point(START, 1, 1)] },
  ],
}

test('series are exact, and what cost nothing is not drawn as if it had', () => {
  expect(seriesOf(trend, 'cost').map(({ key, values }) => [key, ...values])).toEqual([
    ['gpt-4o', 9_007_199_254_740_993n],
    ['other', 1n],
  ])
  expect(seriesOf(trend, 'tokens').map(({ name }) => name)).toEqual(['gpt-4o', 'unpriced', 'Other'])
})

test('buckets are called by the days of the zone, or by its clock', () => {
  expect(bucketLabels(trend, 'Europe/Amsterdam')).toMatchObject([{ short: '22 Nov', full: 'Sunday 22 November' }])
  expect(bucketLabels({ ...trend, bucket: 'hour' }, 'Europe/Amsterdam')).toMatchObject([
    { short: '00:00', full: '22 Nov 00:00' },
  ])
})

test('an axis has few digits, and cents where it has any', () => {
  expect([0, 5e7, 2e8, 2e9, 1.5e12, 5e4].map((value) => axisText('cost', value))).toEqual([
    '$0',
    '$0.05',
    '$0.20',
    '$2',
    '$1.5K',
    '$0.00005',
  ])
  expect(axisText('tokens', 2_500_000)).toBe('2.5M')
})
