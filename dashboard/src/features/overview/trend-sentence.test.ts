import { expect, test } from 'vitest'
import { trendSentence } from './trend-sentence.ts'

const series = (name: string, ...values: bigint[]) => ({ key: name, name, values })
const said = (...of: Parameters<typeof trendSentence>) => trendSentence(...of).replaceAll('\u00a0', ' ')

test('a sentence says how much, how it changed, and what most of it was', () => {
  const spend = [series('sonnet', 30_000_000_000n), series('haiku', 5_000_000_000n, 6_200_000_000n)]
  expect(said('cost', spend, 30_746_000_000n)).toBe('Spend rose 34 % to $41.20, mostly sonnet (72.8 %)')
  expect(said('cost', spend, 82_400_000_000n)).toBe('Spend fell 50 % to $41.20, mostly sonnet (72.8 %)')
  expect(said('tokens', [series('a', 5n), series('b', 5n), series('c', 1n)], null)).toBe('Tokens are 11')
  expect(said('requests', [series('a', 60n)], 5n)).toBe('Requests rose 12 times to 60, all of it a')
  expect(said('tokens', [series('a', 7n)], 0n)).toBe('Tokens are 7, all of it a')
})

test('nothing is said to be nothing, and the rest is never what most of it was', () => {
  expect(said('cost', [], 5n)).toBe('Nothing was spent in this time')
  expect(said('tokens', [], null)).toBe('No tokens in this time')
  expect(said('tokens', [series('other', 90n), series('a', 10n)], null)).toBe('Tokens are 100')
})
