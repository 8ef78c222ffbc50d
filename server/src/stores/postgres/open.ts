import { setTimeout as delay } from 'node:timers/promises'
import { StoreUnavailable } from '../../core/errors.ts'
import type { AccountStore } from '../../core/ports/account-store.ts'
import type { DeliveryStore } from '../../core/ports/delivery-store.ts'
import type { LedgerStore } from '../../core/ports/ledger-store.ts'
import type { ReportStore } from '../../core/ports/report-store.ts'
import { postgresAccountStore } from './account-store.ts'
import { connections, type Connections, isAway } from './connection.ts'
import { postgresLedgerStore } from './ledger-store.ts'
import { migrate } from './migrations.ts'
import { postgresDeliveryStore } from './delivery-store.ts'
import { monthsAhead } from './months.ts'
import { postgresReportStore } from './report-store.ts'
import { transactions } from './transaction.ts'

/** A commit takes one, and so does each read of the hot path: more would only queue in the database instead of here. */
const MOST_CONNECTIONS = 10
const RETRY_MS = 250

export interface PostgresOptions {
  /** Told the name of each step of each commit, for tests that crash there: see transaction.ts. */
  readonly crashPoint?: (name: string) => void
  /** The store's clock, for tests; the database's own where none is given. */
  readonly nowMs?: () => number
  /** How long a server that cannot be reached yet is waited for. */
  readonly waitMs?: number
}

export interface PostgresStores {
  readonly ledger: LedgerStore
  readonly accounts: AccountStore
  readonly reports: ReportStore
  readonly deliveries: DeliveryStore
  /** Closes all of them, once; what is asked of them afterwards is refused. */
  close(): Promise<void>
}

/**
 * The ports on one PostgreSQL database, brought up to the latest schema. Any number of processes may open it.
 * Rejects with StoreUnavailable, one line for people that repeats nothing of the URL, where it cannot be used.
 */
export async function openPostgres(
  url: string,
  { crashPoint, nowMs, waitMs = 0 }: PostgresOptions = {},
): Promise<PostgresStores> {
  const hot = connections(url, { most: MOST_CONNECTIONS })
  // A step of the schema may take long.
  const patient = connections(url, { most: 1, statementMs: 0 })
  const testMs = () => nowMs?.() ?? null
  const everyRenewal = monthsAhead(hot)
  try {
    await reach(patient, waitMs)
    await migrate(patient)
    await everyRenewal()
  } catch (error) {
    await hot.close()
    const reason = (error as Error).message.replaceAll(/\s+/g, ' ')
    throw new StoreUnavailable(`Cannot open the database of DATABASE_URL: ${reason}`, { cause: error })
  } finally {
    await patient.close()
  }
  const writing = transactions(hot, crashPoint)
  const reports = postgresReportStore(url, testMs)
  let closing: Promise<void> | undefined
  const close = () => (closing ??= reports.close().then(() => hot.close()))
  return {
    ledger: postgresLedgerStore({ connections: hot, transactions: writing, testMs, everyRenewal, close }),
    accounts: postgresAccountStore({ url, connections: hot, transactions: writing, testMs }),
    reports,
    deliveries: postgresDeliveryStore(hot, writing, testMs),
    close,
  }
}

/** Until the server answers, whatever it says. */
async function reach(connected: Connections, waitMs: number): Promise<void> {
  const deadlineMs = performance.now() + waitMs
  while (true)
    try {
      await connected.ask('SELECT 1 AS one')
      return
    } catch (error) {
      if (!isAway((error as Error).cause) || performance.now() > deadlineMs) throw error
      await delay(RETRY_MS)
    }
}
