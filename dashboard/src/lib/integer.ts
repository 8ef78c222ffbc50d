import type { Int } from './contract.ts'

/**
 * Reads an integer of JSON without losing a digit. What is no integer is a fault of the wire and throws a RangeError:
 * a wrong number must never be shown.
 */
export function integer(value: Int): bigint {
  if (typeof value === 'number') {
    if (!Number.isSafeInteger(value)) throw new RangeError(`${value} is no exact integer`)
    return BigInt(value)
  }
  if (!/^-?\d+$/.test(value)) throw new RangeError(`"${value}" is no integer`)
  return BigInt(value)
}

/** The same, where null means unknown, unpriced or unlimited. */
export function integerOrNull(value: Int | null | undefined): bigint | null {
  return value === null || value === undefined ? null : integer(value)
}

/** `part` of `whole` in percent, to three decimals; 0 where there is no whole. Exact for sums beyond 2^53. */
export function percentOf(part: bigint, whole: bigint): number {
  return whole === 0n ? 0 : Number((part * 100_000n) / whole) / 1000
}

/** Orders bigints, for sort(). */
export function compareIntegers(a: bigint, b: bigint): number {
  if (a === b) return 0
  return a < b ? -1 : 1
}
