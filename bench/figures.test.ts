import { expect, test } from 'vitest'
import { quantile, spread, steadyGrowth, table } from './figures.ts'

test('a quantile is the figure that so many are below, and the largest at the end', () => {
  const hundred = Float64Array.from({ length: 100 }, (_, index) => index)
  expect(quantile(hundred, 0.5)).toBe(50)
  expect(quantile(hundred, 0.99)).toBe(99)
  expect(quantile(hundred, 1)).toBe(99)
  expect(quantile([], 0.5)).toBeNaN()
})

test('a spread is the middle, of two where the count is even, and both ends', () => {
  expect(spread([3, 1, 2])).toEqual({ median: 2, min: 1, max: 3 })
  expect(spread([4, 1, 2, 3])).toEqual({ median: 2.5, min: 1, max: 4 })
  expect(spread([]).median).toBeNaN()
})

test('growth is steady only where each third is above the one before', () => {
  expect(steadyGrowth([100, 100, 105, 105, 110, 110])).toBeCloseTo(0.1)
  expect(steadyGrowth([100, 100, 130, 130, 110, 110])).toBe(0)
  expect(steadyGrowth([100, 130, 99, 131, 100, 130])).toBe(0)
  expect(steadyGrowth([110, 105, 100])).toBe(0)
  expect(steadyGrowth([])).toBe(0)
})

test('columns are as wide as their widest cell', () => {
  expect(table(['a', 'bb'], [['long', '1']]).split('\n')).toEqual(['a     bb', '────  ──', 'long   1'])
})
