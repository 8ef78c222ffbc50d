import type { AccountStore } from '../../core/ports/account-store.ts'
import type { LedgerStore } from '../../core/ports/ledger-store.ts'
import type { ReportStore } from '../../core/ports/report-store.ts'
import { referenceAccounts } from './reference-accounts.ts'
import { referenceLedger } from './reference-ledger.ts'
import { referenceReports } from './reference-reports.ts'
import type { State } from './reference-state.ts'

/** The three ports of one store. */
export interface Stores {
  readonly ledger: LedgerStore
  readonly accounts: AccountStore
  readonly reports: ReportStore
  close(): Promise<void>
}

/**
 * The ports in memory: what every store is compared with, and a store for tests of the rooms above. It is read to be
 * believed, so nothing in it is fast or clever, and it survives nothing.
 */
export function referenceStore({ nowMs = Date.now }: { nowMs?: () => number } = {}): Stores {
  const state: State = {
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
    commits: 0,
  }
  return {
    ledger: referenceLedger(state, nowMs),
    accounts: referenceAccounts(state, nowMs),
    reports: referenceReports(state, nowMs),
    close: async () => {},
  }
}
