import { expect, test } from 'vitest'
import type { Limit } from '../../lib/contract.ts'
import { findLimits, limitsOfUser, parseThresholds, sortLimits } from './sort-limits.ts'

const limit = (id: string, settled: number, amount: number | null, kind: Limit['scope']['kind'] = 'user'): Limit => ({
  limitId: id,
  scope: { kind, id },
  metric: 'tokens',
  window: { kind: 'lifetime' },
  amount,
  mode: 'hard',
  settled,
  held: 0,
  resetsAt: null,
  thresholds: [],
})
const ids = (limits: readonly Limit[]) => limits.map(({ limitId }) => limitId)

test('the fullest limit comes first, one that binds nobody last', () => {
  expect(
    ids(sortLimits([limit('lifted', 900, null), limit('b', 5, 10), limit('full', 12, 10), limit('a', 50, 100)])),
  ).toEqual(['full', 'a', 'b', 'lifted'])
})

test('limits are found by the words of what they bind', () => {
  const limits = [limit('ada', 1, 2), limit('gpt-4o', 1, 2, 'model')]
  expect(ids(findLimits(limits, 'MODEL tokens'))).toEqual(['gpt-4o'])
  expect(ids(findLimits(limits, ''))).toHaveLength(2)
})

test('a user is bound by their own limits and by those of everybody', () => {
  const limits = [limit('ada', 1, 2), limit('grace', 1, 2), limit('default', 1, 2, 'tenant'), limit('m', 1, 2, 'model')]
  expect(ids(limitsOfUser(limits, 'ada'))).toEqual(['ada', 'default'])
})

test('thresholds are whole percentages, in order and each once', () => {
  expect(parseThresholds('95, 80%; 100 80')).toEqual([80, 95, 100])
  expect(parseThresholds('')).toEqual([])
  for (const text of ['0', '1001', '80.5', 'all', '1 2 3 4 5 6 7 8 9 10 11'])
    expect(parseThresholds(text)).toBeUndefined()
})
