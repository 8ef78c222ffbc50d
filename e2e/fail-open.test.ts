import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterAll, afterEach, beforeAll, test } from 'vitest'
import { answering } from './answers.ts'
import { expectSpooledAndBooked, expectSpoolSurvivesKill, OUTAGE_MS, type Outages } from './fail-open.ts'
import { type FakeProvider, startFakeProvider } from './fake-provider.ts'

let provider: FakeProvider
beforeAll(async () => {
  provider = await startFakeProvider(answering())
})
afterEach(() => provider.forget())
afterAll(() => provider.close())

/** SQLite is out of reach while another process writes without end. */
function lockedLedger(): Outages {
  let other: DatabaseSync | undefined
  return {
    provider,
    environment: {},
    async begin({ folder }) {
      other = new DatabaseSync(join(folder, 'ledger.db'))
      other.exec('BEGIN IMMEDIATE')
    },
    async end() {
      other!.exec('ROLLBACK')
      other!.close()
    },
  }
}

test(
  'F17: of calls while the ledger is out of reach, as many as may pass and are spooled; after it each is booked once',
  () => expectSpooledAndBooked(lockedLedger()),
  OUTAGE_MS,
)

test(
  'F17: a kill -9 while the ledger is out of reach loses nothing',
  () => expectSpoolSurvivesKill(lockedLedger()),
  OUTAGE_MS,
)
