import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { CUBES, type Grain, GRAINS } from '../../core/rollup.ts'
import { DAY_MS, WEEK_MS } from './kept-cells.ts'
import { spansOf } from './sum-spans.ts'

const QUARTER_MS = GRAINS.quarter
const WIDTHS: Readonly<Record<string, number>> = { ...GRAINS, day: DAY_MS, week: WEEK_MS }
/** Around a midnight before which there is no time. */
const anInstant = fc.integer({ min: -12 * 96 * 4, max: 12 * 96 * 4 }).map((n) => (n * QUARTER_MS) / 4)

/** How often each quarter of an hour is counted, by the bucket that it is counted in. */
function countsOf(query: Parameters<typeof spansOf>[0]): Map<string, number> {
  const counts = new Map<string, number>()
  const { cells, uses, isSearch } = spansOf(query)
  for (const { span, grain, fromMs, toMs } of cells) {
    const widthMs = WIDTHS[grain]!
    if (isSearch) expect([toMs, Math.abs(fromMs % widthMs)]).toEqual([fromMs + 1, 0])
    for (let cellMs = Math.ceil(fromMs / widthMs) * widthMs; cellMs < toMs; cellMs += widthMs)
      for (let atMs = cellMs; atMs < cellMs + widthMs; atMs += QUARTER_MS)
        for (const { bucketMs, sign } of uses.filter((use) => use.span === span)) {
          const id = `${atMs} in ${bucketMs}`
          counts.set(id, (counts.get(id) ?? 0) + sign)
        }
  }
  return new Map([...counts].filter(([, count]) => count !== 0))
}

test('every cell of the range is counted once, in its bucket, and none beside it, however wide the cells are', () => {
  fc.assert(
    fc.property(
      fc.constantFrom<Grain>('quarter', 'hour'),
      fc.uniqueArray(anInstant, { minLength: 2, maxLength: 6 }).map((all) => all.toSorted((a, b) => a - b)),
      fc.boolean(),
      fc.constantFrom([], ['userId'] as const, ['provider'] as const),
      fc.constantFrom<Record<string, string | string[]>>({}, { userId: 'ann' }, { userId: ['ann', 'bob'] }),
      (grain, edges, isApart, by, where) => {
        const range = { startMs: edges[0]!, endMs: edges.at(-1)! }
        const byTime = isApart && edges.slice(0, -1)
        const cube = by[0] === 'provider' && where['userId'] === undefined ? 'quality' : 'account'
        expect(CUBES[cube]).toEqual(expect.arrayContaining([...by, ...Object.keys(where)]))
        const expected = new Map<string, number>()
        const widthMs = GRAINS[grain]
        for (let cellMs = Math.ceil(range.startMs / widthMs) * widthMs; cellMs < range.endMs; cellMs += widthMs)
          for (let atMs = cellMs; atMs < cellMs + widthMs; atMs += QUARTER_MS)
            expected.set(`${atMs} in ${byTime === false ? 0 : byTime.findLast((startMs) => startMs <= cellMs)}`, 1)
        expect(countsOf({ tenantId: 'acme', cube, grain, range, by, where, byTime })).toEqual(expected)
      },
    ),
    { numRuns: 500 },
  )
})

test('a month of days in Amsterdam is read in a day and two hours each', () => {
  const startMs = Date.UTC(2026, 5, 30, 22)
  const starts = Array.from({ length: 30 }, (_, at) => startMs + at * DAY_MS)
  const range = { startMs, endMs: startMs + 30 * DAY_MS }
  const query = { tenantId: 'acme', cube: 'quality', grain: 'quarter', range, by: [], byTime: starts } as const
  const grains = Map.groupBy(
    spansOf(query).cells,
    ({ grain, fromMs, toMs }) => `${(toMs - fromMs) / GRAINS.hour} in ${grain}`,
  )
  expect([...grains].map(([name, cells]) => [name, cells.length])).toEqual([
    ['2 in hour', 31],
    ['24 in day', 30],
  ])
})
