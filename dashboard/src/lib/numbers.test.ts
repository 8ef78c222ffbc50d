import { expect, test } from 'vitest'
import { counted, exactCount, percentText, shortCount } from './numbers.ts'

test('a count is exact below ten million and compact from there', () => {
  expect(shortCount(0n)).toBe('0')
  expect(shortCount(9_999_999n)).toBe('9,999,999')
  expect(shortCount(12_345_678n)).toBe('12.35M')
  expect(shortCount(1_000_000_000_000n)).toBe('1.00T')
  expect(exactCount(9_223_372_036_854_775_807n)).toBe('9,223,372,036,854,775,807')
})

const plain = (percent: number) => percentText(percent).replaceAll('\u00a0', ' ')

test('a percentage is never rounded onto 0 or 100', () => {
  expect(plain(0)).toBe('0 %')
  expect(plain(0.02)).toBe('< 0.1 %')
  expect(plain(65.32)).toBe('65.3 %')
  expect(plain(99.97)).toBe('99.9 %')
  expect(plain(100)).toBe('100 %')
  expect(plain(100.42)).toBe('100.4 %')
  expect(plain(1e11)).toBe('> 999 %')
})

test('one is counted in the singular', () => {
  expect(counted(1n, 'entry', 'entries')).toBe('1 entry')
  expect(counted(2n, 'call')).toBe('2 calls')
})
