import { expect, test } from 'vitest'
import { checkCost } from './cost-check.ts'

const line = (count: number, ratePicoUsd: number | string, costPicoUsd: number | string) => ({
  what: 'inUncached',
  model: null,
  count,
  ratePicoUsd,
  costPicoUsd,
})

test('the lines come to the cost after one rounding', () => {
  const check = checkCost({ costLines: [line(3, 100, 300), line(3, 100, 300)], costNanoUsd: 1 })
  expect(check).toEqual({ sumPicoUsd: 600n, roundedNanoUsd: 1n, roundingPicoUsd: 400n, agrees: true })
})

test('a cost that the lines do not come to is said to disagree, and so is a line that does not multiply', () => {
  expect(checkCost({ costLines: [line(3, 1000, 3000)], costNanoUsd: 4 }).agrees).toBe(false)
  expect(checkCost({ costLines: [line(3, 1000, 4000)], costNanoUsd: 4 }).agrees).toBe(false)
})

test('sums beyond 2^53 are exact', () => {
  const costLines = [line(1_000_000_000, '9007199254740993', '9007199254740993000000000')]
  expect(checkCost({ costLines, costNanoUsd: '9007199254740993000000' }).agrees).toBe(true)
})
