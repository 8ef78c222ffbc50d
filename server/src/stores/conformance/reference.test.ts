import { accountConformance } from './accounts.ts'
import { deliveryConformance } from './deliveries.ts'
import { ledgerConformance } from './ledger.ts'
import type { Place } from './place.ts'
import { referenceStore } from './reference.ts'
import { emptyState } from './reference-state.ts'
import { refusalConformance } from './refusals.ts'
import { reportConformance } from './reports.ts'

async function newPlace(): Promise<Place> {
  const state = emptyState()
  return {
    open: async (options) => referenceStore({ ...options, state }),
    elsewhere: { reason: 'the model lives in the memory of one process' },
    remove: async () => {},
  }
}

ledgerConformance(newPlace)
accountConformance(newPlace)
refusalConformance(newPlace)
deliveryConformance(newPlace)
reportConformance(newPlace)
