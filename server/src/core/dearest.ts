import { amountsIn, type Sums } from './rollup.ts'

export interface Totalled {
  readonly key: string
  readonly total: Sums
}

/** For sorting: the dearest first; of those that cost the same, those with more tokens. */
export function dearestFirst(a: Totalled, b: Totalled): number {
  return (
    Number(b.total.costNanoUsd - a.total.costNanoUsd) ||
    Number(amountsIn(b.total).tokens - amountsIn(a.total).tokens) ||
    (a.key < b.key ? -1 : 1)
  )
}
