import { type CounterValue, metricOf } from './counter.ts'
import type { Crossing } from './crossing.ts'
import type { ChannelName } from './delivery.ts'
import type { Entry } from './entry.ts'
import { heldAmounts, type Hold } from './hold.ts'
import type { Price } from './price.ts'
import type { RefusalBatch } from './refusal.ts'
import type { RollupAdd } from './rollup.ts'

/**
 * One change of the ledger, as data: committed whole, or not at all with the reason. No callback and no condition other
 * than these crosses the port, so that SQLite, PostgreSQL and DynamoDB can all keep it.
 */
export interface Plan {
  readonly tenantId: string
  /** The tenant's version that the plan was made under; limits and keys may have changed since. */
  readonly expectTenantVersion?: number
  /** A hold to open. */
  readonly open?: Hold
  /** A hold to end, as it was seen. */
  readonly end?: Pick<Hold, 'id' | 'version'>
  /** An entry to append; its sequence is given by the store. */
  readonly entry?: Entry
  /** The rows of the price book that the entry was priced by, kept for as long as entries name them. */
  readonly prices?: readonly Price[]
  /** Claims the id of an ingested event, in the same commit as its entry. */
  readonly ingestKey?: IngestKey
  /** At most one per counter. */
  readonly adds: readonly CounterAdd[]
  readonly rollups: readonly RollupAdd[]
  /** Thresholds that were crossed: rows to put unless they are there. */
  readonly crossings?: readonly Crossing[]
  /** Over what people are told of those crossings that were not there before. */
  readonly tellOver?: readonly ChannelName[]
  readonly refusals?: RefusalBatch
}

/** Moves a counter. With a ceiling, settled + held after the move must not exceed it. */
export interface CounterAdd extends CounterValue {
  readonly counterId: string
  /** Which sub-bucket of a sliding minute moves. */
  readonly countedAtMs: number
  readonly ceiling: bigint | null
}

/** What was ingested, by its sender's own id. The digest tells a repetition from another event with the same id. */
export interface IngestKey {
  readonly source: string
  readonly id: string
  readonly digest: string
}

export type Answer =
  /** `seq` is the entry's place in the writer's sequence, null for a plan without an entry. */
  | { readonly kind: 'committed'; readonly seq: number | null }
  /** The first ceiling that the plan would have broken, and the counter as it stands. */
  | {
      readonly kind: 'missed'
      readonly counterId: string
      readonly value: CounterValue
      readonly freesAtMs: number | null
    }
  /** The tenant or the hold is no longer as expected. */
  | { readonly kind: 'stale'; readonly what: 'tenant' | 'hold' }
  /** The event was ingested before, as this entry. */
  | { readonly kind: 'duplicate'; readonly entryId: string; readonly digest: string }

/** Ends an open hold without an entry, as if it had never been: nothing was sent under it. */
export function planTakingBack({ id, version, tenantId, counters, countedAtMs, ...hold }: Hold): Plan {
  const held = heldAmounts(hold)
  const adds = counters.map((counterId) => {
    return { counterId, countedAtMs, settled: 0n, held: -held[metricOf(counterId)], ceiling: null }
  })
  return { tenantId, end: { id, version }, adds, rollups: [] }
}
