import type { CounterValue } from './counter.ts'
import type { Limit } from './limit.ts'

/**
 * A threshold of a limit that was crossed, once for each window: what an alert is made of. The id is made of what was
 * crossed, so that of several processes that see it, one writes it.
 */
export interface Crossing {
  readonly id: string
  readonly tenantId: string
  readonly limitId: string
  readonly counterId: string
  /** Percent of the amount. */
  readonly threshold: number
  readonly amount: bigint
  readonly settled: bigint
  readonly atMs: number
}

/** The thresholds that a limit's counter has reached. What is only held does not count: it may be given back. */
export function crossed(limit: Limit, counterId: string, value: CounterValue, atMs: number): Crossing[] {
  const { amount, thresholds = [], id: limitId, tenantId } = limit
  if (amount === null || amount === 0n) return []
  return thresholds
    .filter((threshold) => value.settled * 100n >= amount * BigInt(threshold))
    .map((threshold) => ({
      id: `${limitId} ${counterId} ${threshold}`,
      ...{ tenantId, limitId, counterId, threshold, amount, settled: value.settled, atMs },
    }))
}
