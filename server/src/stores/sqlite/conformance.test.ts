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
import { viewConformance } from '../conformance/views.ts'
import { askPlace, newPlace } from './place.ts'

ledgerConformance(newPlace)
accountConformance(newPlace)
refusalConformance(newPlace)
deliveryConformance(newPlace)
reportConformance(newPlace)
rollupConformance(newPlace)
windowConformance(newPlace)
seedConformance(newPlace)
crashConformance(newPlace)
differentialConformance(newPlace)
viewConformance(newPlace, askPlace)
