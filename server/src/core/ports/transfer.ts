import type { Key, Tenant, User } from '../account.ts'
import type { CounterValue } from '../counter.ts'
import type { Crossing } from '../crossing.ts'
import type { Delivery } from '../delivery.ts'
import type { PlacedEntry } from '../entry.ts'
import type { Hold } from '../hold.ts'
import type { Limit } from '../limit.ts'
import type { MinuteRow } from '../minute.ts'
import type { IngestKey } from '../plan.ts'
import type { Price } from '../price.ts'
import type { Refusal, RefusalCount } from '../refusal.ts'
import type { RollupAdd } from '../rollup.ts'

/** What a ledger is made of, in the order in which it is moved: what names something else comes after it. */
export interface Parts {
  readonly settings: { readonly name: string; readonly value: string }
  readonly tenants: Tenant
  readonly users: User
  readonly keys: Key
  readonly limits: Limit
  readonly prices: Price
  readonly ingestKeys: IngestKey & { readonly tenantId: string; readonly entryId: string }
  readonly refusals: Refusal
  readonly refusalCounts: RefusalCount
  readonly crossings: Crossing
  readonly deliveries: Delivery
  readonly entries: PlacedEntry
  readonly rollups: RollupAdd
  readonly holds: Hold
  readonly counters: PlacedCounter
}
export type PartName = keyof Parts

/** A counter as it is kept. `minute` is there for sliding minutes alone, whose sums are then 0. */
export interface PlacedCounter {
  readonly counterId: string
  readonly tenantId: string
  readonly value: CounterValue
  readonly minute: MinuteRow | null
}

/** A ledger that is read as a whole, of every tenant. Every method rejects with StoreUnavailable. */
export interface TransferSource {
  /** From now on everything is read as it stands at this moment. Absent where the engine has no such moments. */
  freeze?(): Promise<void>
  /** Writers whose lease holds now, on the store's own clock. */
  livingWriters(): Promise<readonly string[]>
  /** The last sequence of everybody who ever had a lease or an entry; 0 where there is no entry. */
  sequences(): Promise<ReadonlyMap<string, number>>
  /** All rows of a part, piece by piece; entries are in the order of each writer's sequence. */
  read<Name extends PartName>(part: Name): AsyncIterable<readonly Parts[Name][]>
  /** What `mark` has left here; undefined where nobody ever made a copy here. It is no part of the ledger. */
  marker(): Promise<string | undefined>
  /** The entries of a writer after one of its sequences, in order, piece by piece. */
  entriesAfter(writerId: string, seq: number): AsyncIterable<readonly PlacedEntry[]>
  close(): Promise<void>
}

/** A ledger that is made. Whatever is put twice is there once, as it was put last. */
export interface TransferTarget extends Omit<TransferSource, 'freeze'> {
  /** Replaces the marker, if it is still as it was seen; answers whether it was. */
  mark(marker: string, seen: string | undefined): Promise<boolean>
  /**
   * Puts rows, whole pieces or nothing, as long as the marker is the one that was marked here last: then nobody else makes
   * another copy. A piece of entries is of one writer and moves its sequence; entries that are there are passed over.
   */
  put<Name extends PartName>(part: Name, rows: readonly Parts[Name][]): Promise<void>
  /** Forgets all open holds: those that have ended at the source since they were put would stay for ever. */
  forgetHolds(): Promise<void>
  /** Makes what the engine keeps for itself out of what was put. */
  complete(): Promise<void>
}
