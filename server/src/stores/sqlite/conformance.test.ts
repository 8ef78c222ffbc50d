import { accountConformance } from '../conformance/accounts.ts'
import { crashConformance } from '../conformance/crashes.ts'
import { differentialConformance } from '../conformance/differential.ts'
import { ledgerConformance } from '../conformance/ledger.ts'
import { reportConformance } from '../conformance/reports.ts'
import { newPlace } from './place.ts'

ledgerConformance(newPlace)
accountConformance(newPlace)
reportConformance(newPlace)
crashConformance(newPlace)
differentialConformance(newPlace)
