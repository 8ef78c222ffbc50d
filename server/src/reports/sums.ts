import { addSums, type Grain, GRAINS, MEASURES, type Sums } from '../core/rollup.ts'
import { type Bucket, INPUT_BUCKETS, OUTPUT_BUCKETS } from '../core/usage.ts'
import type { Range } from '../core/window.ts'

export interface TokenSums {
  readonly inputTokens: bigint
  /** The part of the input that was read from a cache. */
  readonly cachedTokens: bigint
  readonly outputTokens: bigint
  readonly totalTokens: bigint
}

export function tokenSums(sums: Sums): TokenSums {
  const inputTokens = sumOf(sums, INPUT_BUCKETS)
  const outputTokens = sumOf(sums, OUTPUT_BUCKETS)
  return { inputTokens, cachedTokens: sums.inCacheRead, outputTokens, totalTokens: inputTokens + outputTokens }
}

export const NO_SUMS: Sums = recordOf(MEASURES, () => 0n)

export function total(groups: readonly { readonly sums: Sums }[]): Sums {
  return groups.reduce((sum, group) => addSums(sum, group.sums), NO_SUMS)
}

/** The range as whole hours, with quarters of an hour before and after: the same cells, four times fewer to read. */
export function piecesOf({ startMs, endMs }: Range): { grain: Grain; range: Range }[] {
  const firstHour = Math.ceil(startMs / GRAINS.hour) * GRAINS.hour
  const lastHour = Math.floor(endMs / GRAINS.hour) * GRAINS.hour
  if (firstHour >= lastHour) return [{ grain: 'quarter', range: { startMs, endMs } }]
  const pieces: { grain: Grain; range: Range }[] = [
    { grain: 'quarter', range: { startMs, endMs: firstHour } },
    { grain: 'hour', range: { startMs: firstHour, endMs: lastHour } },
    { grain: 'quarter', range: { startMs: lastHour, endMs } },
  ]
  return pieces.filter((piece) => piece.range.startMs < piece.range.endMs)
}

export function recordOf<Name extends string, Value>(
  names: readonly Name[],
  value: (name: Name) => Value,
): Record<Name, Value> {
  return Object.fromEntries(names.map((name) => [name, value(name)])) as Record<Name, Value>
}

/** For sorting, the largest first. */
export function descending(a: bigint, b: bigint): number {
  return a < b ? 1 : a > b ? -1 : 0
}

function sumOf(sums: Sums, buckets: readonly Bucket[]): bigint {
  return buckets.reduce((sum, bucket) => sum + sums[bucket], 0n)
}
