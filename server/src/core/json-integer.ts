/** An integer as JSON carries it: a number up to 2^53-1 either way, and beyond it, where a number would round, a decimal string. */
export function jsonInteger(value: bigint): number | string {
  return value <= Number.MAX_SAFE_INTEGER && value >= Number.MIN_SAFE_INTEGER ? Number(value) : value.toString()
}
