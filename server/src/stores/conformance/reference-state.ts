import type { Key, User } from '../../core/account.ts'
import type { CounterValue } from '../../core/counter.ts'
import type { Crossing } from '../../core/crossing.ts'
import type { Delivery } from '../../core/delivery.ts'
import type { PlacedEntry } from '../../core/entry.ts'
import type { Hold } from '../../core/hold.ts'
import type { Limit } from '../../core/limit.ts'
import type { MinuteRow } from '../../core/minute.ts'
import type { Price } from '../../core/price.ts'
import type { Refusal, RefusalCount } from '../../core/refusal.ts'
import type { RollupAdd } from '../../core/rollup.ts'

/** Everything that a store keeps, as plain as can be. */
export interface State {
  readonly tenants: Map<string, number>
  readonly users: Map<string, User>
  readonly keys: Map<string, Key>
  readonly limits: Map<string, Limit>
  readonly settings: Map<string, string>
  readonly writers: Map<string, { seq: number; leaseUntilMs: number }>
  readonly holds: Map<string, Hold>
  readonly entries: Map<string, PlacedEntry>
  readonly counters: Map<string, CounterValue>
  readonly minutes: Map<string, MinuteRow>
  readonly rollups: Map<string, RollupAdd>
  readonly ingestKeys: Map<string, { readonly entryId: string; readonly digest: string }>
  readonly prices: Map<string, Price>
  readonly refusals: Map<string, Refusal>
  readonly refusalCounts: Map<string, RefusalCount>
  readonly crossings: Map<string, Crossing>
  readonly deliveries: Map<string, Delivery>
  /** Those that people can see. */
  commits: number
}

/** A key of several parts for a map. */
export function keyOf(...parts: readonly string[]): string {
  return JSON.stringify(parts)
}

export function emptyState(): State {
  return {
    tenants: new Map(),
    users: new Map(),
    keys: new Map(),
    limits: new Map(),
    settings: new Map(),
    writers: new Map(),
    holds: new Map(),
    entries: new Map(),
    counters: new Map(),
    minutes: new Map(),
    rollups: new Map(),
    ingestKeys: new Map(),
    prices: new Map(),
    refusals: new Map(),
    refusalCounts: new Map(),
    crossings: new Map(),
    deliveries: new Map(),
    commits: 0,
  }
}
