import type { Key } from '../account.ts'
import type { CounterValue } from '../counter.ts'
import type { Outcome, PlacedEntry } from '../entry.ts'
import type { Hold } from '../hold.ts'
import type { Crossing } from '../crossing.ts'
import type { ErrorCode } from '../errors.ts'
import type { Limit } from '../limit.ts'
import type { Price } from '../price.ts'
import type { Refusal, RefusalCount, RefusalReason } from '../refusal.ts'
import type { CubeName, Dimension, Grain, RollupAdd, Sums } from '../rollup.ts'
import type { Evidence } from '../usage.ts'
import type { Range } from '../window.ts'

/** Reads for lists, reports and verify: never in the way of the hot path, always of one tenant. */
export interface ReportStore {
  /** Newest first by (occurredAtMs, id); `before` is the last row of the page before. */
  entries(query: EntryQuery): Promise<readonly PlacedEntry[]>
  entry(tenantId: string, id: string): Promise<PlacedEntry | undefined>
  price(version: string): Promise<Price | undefined>
  /** Sums of the cells of a cube whose bucket starts in the range, grouped by some of its dimensions. */
  sums(query: SumsQuery): Promise<readonly Group[]>
  /** The values of a dimension, the dearest first as `dearestFirst` sorts them: only so many. */
  largest(query: LargestQuery): Promise<readonly string[]>
  /** In order of id, after `after`. */
  users(tenantId: string, page: { limit: number; after?: string }): Promise<readonly UserRow[]>
  user(tenantId: string, id: string): Promise<UserRow | undefined>
  keys(tenantId: string, userId?: string): Promise<readonly Key[]>
  limits(tenantId: string): Promise<readonly Limit[]>

  /** Newest first; `before` is the last row of the page before. */
  refusals(query: RefusalQuery): Promise<readonly Refusal[]>
  /** How many calls were refused in the quarters of an hour that start in the range, by reason and whom. */
  refusalCounts(tenantId: string, range: Range): Promise<readonly RefusalSum[]>
  /** The same by reason alone, of one user, one model or of all: few, however many were refused. */
  refusalReasons(query: ReasonsQuery): Promise<readonly RefusalReason[]>
  /** Newest first. */
  crossings(tenantId: string, limit: number): Promise<readonly Crossing[]>

  /**
   * From now on until it is closed, this store reads everything as it stands at this moment: for verify. Absent where the
   * engine has no such moments.
   */
  freeze?(): Promise<void>
  /** For verify: everything there is, of every tenant, in pieces. */
  scanEntries(after: { writerId: string; seq: number } | undefined, limit: number): Promise<readonly PlacedEntry[]>
  scanHolds(): Promise<readonly (Hold & { readonly leaseExpired: boolean })[]>
  /** Without sliding minutes, which forget what they no longer need. */
  scanCounters(): Promise<readonly { readonly counterId: string; readonly value: CounterValue }[]>
  scanRollups(): AsyncIterable<RollupAdd>
  /** What the engine itself says of its files; empty where all is well. */
  integrity(): Promise<readonly string[]>
  close(): Promise<void>
}

export interface EntryQuery {
  readonly tenantId: string
  readonly limit: number
  readonly before?: { readonly occurredAtMs: number; readonly id: string }
  readonly userId?: string
  readonly model?: string
  readonly outcome?: Outcome
  readonly keyId?: string
  readonly provider?: string
  readonly evidence?: Evidence
  readonly callId?: string
  /** Only those whose reported usage was not believed. */
  readonly quarantined?: true
  /** Half-open, by occurredAtMs. */
  readonly range?: Range
}

export interface RefusalQuery {
  readonly tenantId: string
  readonly limit: number
  readonly before?: { readonly atMs: number; readonly id: string }
  readonly userId?: string
  readonly code?: ErrorCode
  readonly callId?: string
}
export interface ReasonsQuery {
  readonly tenantId: string
  readonly range: Range
  readonly userId?: string
  readonly model?: string
}
/** Counts of a range as one. */
export type RefusalSum = Omit<RefusalCount, 'startMs'>

export type Where = Readonly<Partial<Record<Dimension, string | readonly string[]>>>
export interface SumsQuery {
  readonly tenantId: string
  readonly cube: CubeName
  readonly grain: Grain
  readonly range: Range
  readonly by: readonly Dimension[]
  /** Only the cells with these coordinates, which must be dimensions of the cube; of a list, with any of it. */
  readonly where?: Where
  /**
   * Also apart by time: by cell, or by buckets that begin at these instants, ascending, the first no later than the
   * range. A group's `startMs` is then its bucket's.
   */
  readonly byTime: boolean | readonly number[]
}
export interface LargestQuery extends Pick<SumsQuery, 'tenantId' | 'cube' | 'range' | 'where'> {
  readonly of: Dimension
  readonly most: number
}
export interface Group {
  readonly dimensions: Readonly<Partial<Record<Dimension, string>>>
  readonly startMs?: number
  readonly sums: Sums
}

/** A user with its lifetime token limit (null: unlimited) and what the counter says. */
export interface UserRow {
  readonly id: string
  readonly createdAtMs: number
  readonly tokenLimit: bigint | null
  readonly tokens: CounterValue
  readonly lastCallAtMs: number | null
}
