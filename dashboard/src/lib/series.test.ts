import fc from 'fast-check'
import { expect, test } from 'vitest'
import { stacked, sum, totals } from './series.ts'

const BUCKETS = 4
const anySeries = fc.array(
  fc.record({
    key: fc.string(),
    name: fc.string(),
    values: fc.array(fc.bigInt({ min: 0n, max: 10n ** 12n }), { minLength: BUCKETS, maxLength: BUCKETS }),
  }),
  { maxLength: 6 },
)

test('segments stand on one another without a gap, up to the sum of their bucket', () => {
  fc.assert(
    fc.property(anySeries, (series) => {
      const sums = totals(series, BUCKETS)
      stacked(series, BUCKETS).forEach((bar, at) => {
        bar.forEach(({ from, to }, index) => {
          expect(from).toBe(bar[index - 1]?.to ?? 0)
          expect(to).toBeGreaterThan(from)
        })
        expect(bar.at(-1)?.to ?? 0).toBe(Number(sums[at]))
      })
      expect(sum(sums)).toBe(series.reduce((all, { values }) => all + sum(values), 0n))
    }),
  )
})
