import type { DatabaseSync } from 'node:sqlite'
import type { LedgerStore } from '../../core/ports/ledger-store.ts'
import { planCommit } from './commit.ts'
import { counterRows, valueAt } from './counters.ts'
import type { Row } from '../rows/columns.ts'
import { entryFrom } from '../rows/entry-row.ts'
import { holdFrom } from '../rows/hold-row.ts'
import { answering, type Transactions } from './transaction.ts'

/** More would not make a flush cheaper, and hold the event loop up for milliseconds. */
const MAX_PLANS_PER_COMMIT = 256

export interface LedgerStoreOptions {
  readonly database: DatabaseSync
  readonly transactions: Transactions
  readonly nowMs: () => number
  readonly close: () => Promise<void>
}

export function sqliteLedgerStore({ database, transactions, nowMs, close }: LedgerStoreOptions): LedgerStore {
  const plans = planCommit(database, nowMs, transactions.reached)
  const counters = counterRows(database)
  const selectHold = database.prepare('SELECT * FROM holds WHERE hold_id = ?', { readBigInts: true })
  const selectEntry = database.prepare('SELECT * FROM entries WHERE entry_id = ?', { readBigInts: true })
  const upsertLease = database.prepare(`
    INSERT INTO writers (writer_id, seq, lease_until_ms) VALUES (?, 0, ?)
    ON CONFLICT (writer_id) DO UPDATE SET lease_until_ms = excluded.lease_until_ms`)
  const selectOrphans = database.prepare(
    `SELECT holds.* FROM holds LEFT JOIN writers USING (writer_id)
     WHERE coalesce(lease_until_ms, 0) <= ? ORDER BY counted_at_ms, hold_id LIMIT ?`,
    { readBigInts: true },
  )
  // Both only grow, and not with a lease or a setting: everything else that a commit changes, people can see.
  const selectWatermark = database.prepare(
    'SELECT (SELECT sum(commits) FROM writers) AS commits, (SELECT sum(version) FROM tenants) AS versions',
  )

  return {
    maxPlansPerCommit: MAX_PLANS_PER_COMMIT,
    commit: (writerId, batch) => transactions.write(() => plans.commit(writerId, batch)),
    check: async (plan) => transactions.read(() => plans.check(plan)),
    counter: (counterId, atMs) => answering(() => valueAt(counters.get(counterId), atMs)),
    hold: (id) =>
      answering(() => {
        const row = selectHold.get(id)
        return row && holdFrom(row as Row)
      }),
    entry: (id) =>
      answering(() => {
        const row = selectEntry.get(id)
        return row && entryFrom(row as Row)
      }),
    renewLease: (writerId, ttlMs) =>
      transactions.write(() => {
        upsertLease.run(writerId, nowMs() + ttlMs)
        transactions.reached('lease renewed')
      }),
    orphanedHolds: (limit) => answering(() => selectOrphans.all(nowMs(), limit).map((row) => holdFrom(row as Row))),
    watermark: () =>
      answering(() => {
        const { commits, versions } = selectWatermark.get() as Record<'commits' | 'versions', number | null>
        return `${commits ?? 0}/${versions ?? 0}`
      }),
    close,
  }
}
