import type { AccountStore } from '../../core/ports/account-store.ts'
import type { DeliveryStore } from '../../core/ports/delivery-store.ts'
import type { LedgerStore } from '../../core/ports/ledger-store.ts'
import type { ReportStore } from '../../core/ports/report-store.ts'
import { sqliteAccountStore } from './account-store.ts'
import { checkpoints } from './checkpoints.ts'
import { connect } from './connection.ts'
import { sqliteDeliveryStore } from './delivery-store.ts'
import { sqliteLedgerStore } from './ledger-store.ts'
import { type Datasync, logFlushes } from './log-flushes.ts'
import { migrate, recognise } from './migrations.ts'
import { pastReader } from './past-reader.ts'
import { sqliteReportStore } from './report-store.ts'
import { transactions } from './transaction.ts'

export interface SqliteOptions {
  /** Told the name of each step of each commit, for tests that crash there: see transaction.ts. */
  readonly crashPoint?: (name: string) => void
  /** The store's clock; Date.now where none is given. */
  readonly nowMs?: () => number
  /** What makes the log durable; the system's own where none is given. */
  readonly datasync?: Datasync
}

export interface SqliteStores {
  readonly ledger: LedgerStore
  readonly accounts: AccountStore
  readonly reports: ReportStore
  readonly deliveries: DeliveryStore
  /** Closes all of them, once; what is asked of them afterwards is refused. */
  close(): Promise<void>
}

/**
 * The ports on one SQLite file, brought up to the latest schema. Several processes may open the same file.
 * Throws StoreUnavailable with one line for people where the file cannot be used.
 */
export function openSqlite(path: string, { crashPoint, nowMs = Date.now, datasync }: SqliteOptions = {}): SqliteStores {
  const database = connect(path, { recognise, migrate })
  const checkpointing = checkpoints(path)
  const flushes = logFlushes(path, database, datasync)
  const durable = () => {
    checkpointing.committed()
    return flushes.flushed()
  }
  const writing = transactions(database, crashPoint, { turn: checkpointing.turn, durable })
  const reports = sqliteReportStore(path, nowMs)
  const past = pastReader(path)
  let closing: Promise<void> | undefined
  async function closeAll(): Promise<void> {
    await Promise.all([reports.close(), past.close(), checkpointing.close()])
    await flushes.close()
    database.close()
  }
  const close = () => (closing ??= closeAll())
  return {
    ledger: sqliteLedgerStore({ database, transactions: writing, nowMs, close }),
    accounts: sqliteAccountStore({ database, transactions: writing, past, nowMs }),
    reports,
    deliveries: sqliteDeliveryStore(database, writing, nowMs),
    close,
  }
}
