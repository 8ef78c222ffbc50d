import type { Sums } from './rollup.ts'
import { BUCKETS } from './usage.ts'

export interface Totalled {
  readonly key: string
  readonly total: Sums
}

/** For sorting: the dearest first; of those that cost the same, those with more tokens. */
export function dearestFirst(a: Totalled, b: Totalled): number {
  return (
    Number(b.total.costNanoUsd - a.total.costNanoUsd) ||
    Number(tokensOf(b.total) - tokensOf(a.total)) ||
    (a.key < b.key ? -1 : 1)
  )
}

function tokensOf(sums: Sums): bigint {
  return BUCKETS.reduce((tokens, bucket) => tokens + sums[bucket], 0n)
}
