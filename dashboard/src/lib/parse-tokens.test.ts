import { expect, test } from 'vitest'
import { parseTokens } from './parse-tokens.ts'

test('a limit is read as people write it', () => {
  expect(parseTokens('0')).toBe(0)
  expect(parseTokens(' 50000 ')).toBe(50_000)
  expect(parseTokens('1,000,000')).toBe(1_000_000)
  expect(parseTokens('1 000 000')).toBe(1_000_000)
  expect(parseTokens('1.5M')).toBe(1_500_000)
  expect(parseTokens('50k')).toBe(50_000)
  expect(parseTokens('9007199254740991')).toBe(Number.MAX_SAFE_INTEGER)
})

test('what is no exact number of tokens is no limit', () => {
  for (const wrong of ['', '-1', '1.5', '1e6', '1,00', '1.2345k', '0x10', 'many', '9007199254740992', '∞'])
    expect(parseTokens(wrong)).toBeUndefined()
})
