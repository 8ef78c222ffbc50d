import { expect, test } from 'vitest'
import { parseAmount, parseUsd } from './parse-amount.ts'

test('dollars are read to the last digit, never through a float', () => {
  expect(parseUsd('5')).toBe(5_000_000_000)
  expect(parseUsd('$0.1')).toBe(100_000_000)
  expect(parseUsd('0.000000001')).toBe(1)
  expect(parseUsd('1,234.56')).toBe(1_234_560_000_000)
  expect(parseUsd('9007199.254740993')).toBe('9007199254740993')
})

test('what is no amount is not guessed at', () => {
  for (const text of ['', 'five', '-1', '0.0000000001', '1,23', '9223372036854775808'])
    expect(parseUsd(text)).toBeUndefined()
})

test('an amount is in the unit of its metric', () => {
  expect(parseAmount('tokens', '1.5M')).toBe(1_500_000)
  expect(parseAmount('requests', '60')).toBe(60)
  expect(parseAmount('costNanoUsd', '1.5')).toBe(1_500_000_000)
})
