import type { LedgerStore } from '../../core/ports/ledger-store.ts'
import { type Item, numberOf, textOf, whole } from './attributes.ts'
import { answering, type PlanCommit } from './commit.ts'
import type { Connection } from './connection.ts'
import { counterPlace, valueIn } from './counters.ts'
import { placedEntryIn } from './entry-items.ts'
import { attemptKey, holdKey, type Key, WRITER_SHARDS, writerKey, writerPartition } from './keys.ts'
import { holdIn, openHolds } from './hold-items.ts'

/** A hold alone is two items of the hundred that a transaction takes. */
const MAX_PLANS_PER_COMMIT = 48

export interface LedgerStoreOptions {
  readonly connection: Connection
  readonly plans: PlanCommit
  readonly nowMs: () => number
  /** How far the clocks of two processes may lie apart. */
  readonly marginMs: number
  readonly reached: (point: string) => void
  /** Takes up what processes that died have left unfinished. */
  readonly finishOthers: () => Promise<void>
  readonly close: () => Promise<void>
}

export function dynamoLedgerStore(options: LedgerStoreOptions): LedgerStore {
  const { connection, plans, nowMs, marginMs, reached, finishOthers, close } = options
  return {
    maxPlansPerCommit: MAX_PLANS_PER_COMMIT,
    commit: plans.commit,
    check: plans.check,
    async counter(counterId, atMs) {
      const place = counterPlace(counterId)
      return valueIn(place, await connection.get(place.key), atMs)
    },
    async hold(id) {
      const item = await connection.get(holdKey(id))
      return item && holdIn(item)
    },
    async entry(id) {
      const item = await entryItemOf(connection, id)
      return item && placedEntryIn(item)
    },
    async renewLease(writerId, ttlMs) {
      answering(() => reached('begun'))
      await plans.settleUnknown(writerId)
      answering(() => reached('sending'))
      const set = { lease_until_ms: whole(nowMs() + ttlMs) }
      const outcome = await connection.transact([{ kind: 'update', key: writerKey(writerId), set }])
      if (outcome.kind === 'unknown') throw outcome.error
      reached('committed')
    },
    async orphanedHolds(limit) {
      await finishOthers()
      const holds = await openHolds(connection)
      const over = await leasesOver(connection, nowMs(), marginMs)
      return holds
        .filter(({ writerId }) => over(writerId))
        .toSorted((a, b) => a.countedAtMs - b.countedAtMs || (a.id < b.id ? -1 : 1))
        .slice(0, limit)
    },
    async watermark() {
      const writers = await writerItems(connection)
      return String(writers.reduce((sum, item) => sum + numberOf(item, 'commits'), 0))
    },
    close,
  }
}

/** The item of an entry, by its id alone. */
export async function entryItemOf(connection: Connection, id: string): Promise<Item | undefined> {
  const place = (await connection.get(attemptKey(id)))?.at?.M
  return place && connection.get({ table: 'ledger', pk: textOf(place, 'pk'), sk: textOf(place, 'sk') } satisfies Key)
}

/** Everybody who ever wrote, in no order. */
export async function writerItems(connection: Connection): Promise<Item[]> {
  const shards = Array.from({ length: WRITER_SHARDS }, (_, shard) => connection.partition(writerPartition(shard)))
  return (await Promise.all(shards)).flat()
}

/**
 * DynamoDB has no clock, so each machine's own is asked, and a lease is over only this much after its end: as far as
 * clocks may lie apart.
 */
export async function leasesOver(connection: Connection, nowMs: number, marginMs: number) {
  const until = new Map(
    (await writerItems(connection)).map((item) => [textOf(item, 'sk'), numberOf(item, 'lease_until_ms')]),
  )
  return (writerId: string) => (until.get(writerId) ?? 0) + marginMs <= nowMs
}
