import type { LedgerStore } from '../../core/ports/ledger-store.ts'
import { type Row } from '../rows/columns.ts'
import { entryFrom } from '../rows/entry-row.ts'
import { holdFrom } from '../rows/hold-row.ts'
import { planCommit } from './commit.ts'
import type { Connections } from './connection.ts'
import { counterReads } from './counter-reads.ts'
import { knownCommits } from './lost-answers.ts'
import type { Transactions } from './transaction.ts'

/** More would not make a commit cheaper, and would keep others waiting for its counters. */
const MAX_PLANS_PER_COMMIT = 256

export interface LedgerStoreOptions {
  readonly connections: Connections
  readonly transactions: Transactions
  /** The store's clock, for tests; null is the database's own. */
  readonly testMs: () => number | null
  /** What is to be done now and then, as long as somebody writes. */
  readonly everyRenewal: () => Promise<void>
  readonly close: () => Promise<void>
}

export function postgresLedgerStore(options: LedgerStoreOptions): LedgerStore {
  const { connections, transactions, testMs, everyRenewal, close } = options
  const { send, check } = planCommit(connections, transactions, testMs)
  const known = knownCommits(connections, send, hold)

  async function hold(id: string) {
    const [row] = await connections.ask(SELECT_HOLD, [id])
    return row && holdFrom(row)
  }

  return {
    maxPlansPerCommit: MAX_PLANS_PER_COMMIT,
    commit: known.commit,
    check,
    hold,
    counter: counterReads(connections),
    async entry(id) {
      const [row] = await connections.ask(SELECT_ENTRY, [id])
      return row && entryFrom(row)
    },
    async renewLease(writerId, ttlMs) {
      await transactions.write(async (connection) => {
        await connection.query(RENEW_LEASE, [writerId, ttlMs, testMs()])
        transactions.reached('lease renewed')
      })
      await known.settle(writerId)
      await everyRenewal()
    },
    async orphanedHolds(limit) {
      return (await connections.ask(SELECT_ORPHANS, [testMs(), limit])).map(holdFrom)
    },
    async watermark() {
      const [row] = (await connections.ask(SELECT_WATERMARK)) as [Row]
      return `${row.commits}/${row.versions}`
    },
    close,
  }
}

const SELECT_HOLD = { name: 'hold', text: 'SELECT * FROM holds WHERE hold_id = $1' }
const SELECT_ENTRY = {
  name: 'entry',
  text: `SELECT entries.* FROM entry_ids JOIN entries USING (tenant_id, occurred_at_ms, entry_id) WHERE entry_ids.entry_id = $1`,
}
const RENEW_LEASE = {
  name: 'lease',
  text: `
    INSERT INTO writers (writer_id, lease_until_ms)
    VALUES ($1, coalesce($3, floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint) + $2::bigint)
    ON CONFLICT (writer_id) DO UPDATE SET lease_until_ms = excluded.lease_until_ms`,
}
const SELECT_ORPHANS = {
  name: 'orphans',
  text: `
    SELECT holds.* FROM holds LEFT JOIN writers USING (writer_id)
    WHERE coalesce(lease_until_ms, 0) <= coalesce($1, floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint)
    ORDER BY counted_at_ms, hold_id LIMIT $2`,
}
/** Both only grow, and not with a lease or a setting: everything else that a commit changes, people can see. */
const SELECT_WATERMARK = {
  name: 'watermark',
  text: `SELECT (SELECT coalesce(sum(commits), 0) FROM writers) AS commits,
    (SELECT coalesce(sum(version), 0) FROM tenants) AS versions`,
}
