import { expect, test } from 'vitest'
import { exactUsd, exactUsdOfPico, nanoFromPico, ratePerMillion, shortUsd } from './money.ts'

test('what is not nothing never shows as $0.00', () => {
  expect(shortUsd(0n)).toBe('$0.00')
  expect(shortUsd(1n)).toBe('$0.000000001')
  expect(shortUsd(3400n)).toBe('$0.0000034')
  for (let exponent = 0n; exponent < 20n; exponent++) expect(shortUsd(10n ** exponent)).toMatch(/[1-9]/)
})

test('below a dollar four significant digits, from a dollar on two decimals, from a million on compact', () => {
  expect(shortUsd(1_234_567n)).toBe('$0.001235')
  expect(shortUsd(282_449_400n)).toBe('$0.2824')
  expect(shortUsd(500_000_000n)).toBe('$0.50')
  expect(shortUsd(41_204_999_999n)).toBe('$41.20')
  expect(shortUsd(999_999_000_000_000n)).toBe('$999,999.00')
  expect(shortUsd(12_345_678_901_234_567n)).toBe('$12.34M')
  expect(shortUsd(-3400n)).toBe('-$0.0000034')
})

test('rounding up to the next digit keeps the number whole', () => {
  expect(shortUsd(999_999_999n)).toBe('$1.00')
  expect(shortUsd(99_999_999n)).toBe('$0.10')
})

test('the exact amount has every digit and no more', () => {
  expect(exactUsd(9_007_199_254_740_993n)).toBe('$9,007,199.254740993')
  expect(exactUsd(1_000_000_000n)).toBe('$1')
  expect(exactUsdOfPico(1n)).toBe('$0.000000000001')
  expect(ratePerMillion(3_000_000n)).toBe('$3')
  expect(ratePerMillion(10_000n)).toBe('$0.01')
})

test('the one rounding is half away from zero, as the ledger does it', () => {
  expect([499n, 500n, 1499n, 1500n, -500n].map(nanoFromPico)).toEqual([0n, 1n, 1n, 2n, -1n])
})
