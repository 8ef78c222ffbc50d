import type { DatabaseSync } from 'node:sqlite'
import type { LedgerStore } from '../../core/ports/ledger-store.ts'
import { planCommit } from './commit.ts'
import { counterRows, valueAt } from './counters.ts'
import { entryFrom, type Row } from './entry-row.ts'
import { holdFrom } from './hold-row.ts'
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
  const commitPlans = planCommit(database, nowMs, transactions.reached)
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
  const dataVersion = database.prepare('PRAGMA data_version')
  const ownChanges = database.prepare('SELECT total_changes() AS changes')
  // data_version counts the commits of others as this connection sees them, and begins anew with each connection.
  const opened = crypto.randomUUID()

  return {
    maxPlansPerCommit: MAX_PLANS_PER_COMMIT,
    commit: (writerId, plans) => transactions.write(() => commitPlans(writerId, plans)),
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
        const others = (dataVersion.get() as { data_version: number }).data_version
        const own = (ownChanges.get() as { changes: number }).changes
        return `${opened}/${others}/${own}`
      }),
    close,
  }
}
