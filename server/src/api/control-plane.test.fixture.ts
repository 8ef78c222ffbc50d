import { randomUUID } from 'node:crypto'
import { openAccounts } from '../accounts/accounts.ts'
import { openSecrets } from '../accounts/secrets.ts'
import type { Price } from '../core/price.ts'
import { openLedger } from '../ledger/ledger.ts'
import { openReports } from '../reports/reports.ts'
import { referenceStore } from '../stores/conformance/reference.ts'
import { buildControlPlane } from './control-plane.ts'

/** For tests: a price for every model but `unpriced`. */
const PRICE: Price = {
  version: 'test-1',
  provider: 'bedrock',
  model: 'any',
  source: 'test',
  rates: { perToken: { inUncached: 3_000_000n, outText: 15_000_000n }, perToolCall: {} },
  tiers: [],
}

/** For tests: a control plane over a store in memory, with a user `alice`, her key, and a clock that can be set. */
export async function openFixture({ dashboardFolder = '/nowhere', secure = false } = {}) {
  const clock = { nowMs: Date.UTC(2026, 10, 30, 12, 34, 56) }
  const now = () => clock.nowMs
  const store = referenceStore({ nowMs: now })
  const accounts = await openAccounts({
    store: store.accounts,
    reports: store.reports,
    secrets: openSecrets('an installation secret for tests'),
    now,
  })
  const ledger = await openLedger({
    store: store.ledger,
    writerId: 'w1',
    leaseMs: 60_000,
    onCommitted: () => {},
    onError: () => {},
  })
  await accounts.createUser('default', 'alice', 1_000_000n)
  const { secret: key, key: aliceKey } = await accounts.createKey('default', 'alice', 'laptop')
  const listeners = new Set<(watermark: string) => void>()
  const problems: unknown[] = []
  const causes: string[] = []
  const app = buildControlPlane({
    accounts,
    reports: openReports(store.reports, store.ledger, now),
    ledger,
    prices: { price: (_provider, model) => (model === 'unpriced' ? undefined : PRICE) },
    live: {
      subscribe(listener) {
        listeners.add(listener)
        return () => void listeners.delete(listener)
      },
    },
    ready: () => causes,
    dashboardFolder,
    version: '0.0.0-test',
    secure,
    newId: randomUUID,
    now,
    report: (problem, error) => void problems.push([problem, error]),
  })
  await app.ready()
  const adminSecret = accounts.newAdministratorSecret!
  const admin = { authorization: `Bearer ${adminSecret}` }
  return {
    app,
    store,
    accounts,
    ledger,
    clock,
    key,
    keyId: aliceKey.id,
    adminSecret,
    admin,
    listeners,
    problems,
    causes,
    async close() {
      await app.close()
      await ledger.close()
    },
  }
}
