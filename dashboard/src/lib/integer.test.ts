import { expect, test } from 'vitest'
import { compareIntegers, integer, integerOrNull, percentOf } from './integer.ts'

test('a number and a decimal string read as the same integer, beyond 2^53 without losing a digit', () => {
  expect(integer(42)).toBe(42n)
  expect(integer(Number.MAX_SAFE_INTEGER)).toBe(9007199254740991n)
  expect(integer('9007199254740993')).toBe(9007199254740993n)
  expect(integer('-9223372036854775808')).toBe(-9223372036854775808n)
})

test('what is no exact integer is refused rather than shown wrong', () => {
  for (const wrong of [1.5, 2 ** 53, Number.NaN, Infinity, '', '1.5', '1e3', ' 1', '0x10'])
    expect(() => integer(wrong)).toThrow(RangeError)
})

test('null stays null: unknown is not zero', () => {
  expect(integerOrNull(null)).toBeNull()
  expect(integerOrNull(undefined)).toBeNull()
  expect(integerOrNull(0)).toBe(0n)
})

test('a percentage is exact for sums beyond 2^53, and 0 of nothing', () => {
  expect(percentOf(9007199254740993n, 18014398509481986n)).toBe(50)
  expect(percentOf(1n, 3n)).toBe(33.333)
  expect(percentOf(5n, 0n)).toBe(0)
})

test('big integers sort by value', () => {
  expect(['9007199254740993', '9007199254740992', '7'].map(BigInt).toSorted(compareIntegers)).toEqual([
    7n,
    9007199254740992n,
    9007199254740993n,
  ])
})
