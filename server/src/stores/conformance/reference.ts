import type { AccountStore } from '../../core/ports/account-store.ts'
import type { DeliveryStore } from '../../core/ports/delivery-store.ts'
import type { LedgerStore } from '../../core/ports/ledger-store.ts'
import type { ReportStore } from '../../core/ports/report-store.ts'
import { referenceAccounts } from './reference-accounts.ts'
import { referenceDeliveries } from './reference-deliveries.ts'
import { referenceLedger } from './reference-ledger.ts'
import { referenceReports } from './reference-reports.ts'
import { emptyState } from './reference-state.ts'

/** The ports of one store. */
export interface Stores {
  readonly ledger: LedgerStore
  readonly accounts: AccountStore
  readonly reports: ReportStore
  readonly deliveries: DeliveryStore
  close(): Promise<void>
}

/**
 * The ports in memory: what every store is compared with, and a store for tests of the rooms above. It is read to be
 * believed, so nothing in it is fast or clever, and it survives nothing. Several may share one state, like connections.
 */
export function referenceStore({ nowMs = Date.now, state = emptyState() } = {}): Stores {
  return {
    ledger: referenceLedger(state, nowMs),
    accounts: referenceAccounts(state, nowMs),
    reports: referenceReports(state, nowMs),
    deliveries: referenceDeliveries(state, nowMs),
    close: async () => {},
  }
}
