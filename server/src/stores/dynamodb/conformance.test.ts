import { describe } from 'vitest'
import { accountConformance } from '../conformance/accounts.ts'
import { crashConformance } from '../conformance/crashes.ts'
import { deliveryConformance } from '../conformance/deliveries.ts'
import { differentialConformance } from '../conformance/differential.ts'
import { ledgerConformance } from '../conformance/ledger.ts'
import { refusalConformance } from '../conformance/refusals.ts'
import { reportConformance } from '../conformance/reports.ts'
import { rollupConformance } from '../conformance/rollups.ts'
import { seedConformance } from '../conformance/seeds.ts'
import { windowConformance } from '../conformance/windows.ts'
import { MISSING, newPlace } from './place.ts'

describe.skipIf(MISSING)(MISSING ?? 'DynamoDB', () => {
  ledgerConformance(newPlace)
  accountConformance(newPlace)
  refusalConformance(newPlace)
  deliveryConformance(newPlace)
  reportConformance(newPlace)
  rollupConformance(newPlace)
  windowConformance(newPlace)
  crashConformance(newPlace)
  // Each past takes a second, each life two.
  seedConformance(newPlace, 8)
  differentialConformance(newPlace, 10)
})
