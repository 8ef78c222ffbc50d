import { randomUUID } from 'node:crypto'
import type { InjectOptions } from 'fastify'
import { afterEach, expect } from 'vitest'
import { openAccounts } from '../accounts/accounts.ts'
import { openCredentials } from '../accounts/credentials.ts'
import { openSecrets } from '../accounts/secrets.ts'
import type { Deployment } from '../core/ports/deployment.ts'
import type { Price } from '../core/price.ts'
import type { Gateway } from '../gateway/gateway.ts'
import { health } from '../gateway/health.ts'
import { simulate } from '../gateway/simulate.ts'
import { filesIn } from '../dashboard-files.ts'
import { openLedger } from '../ledger/ledger.ts'
import { openReports } from '../reports/reports.ts'
import { referenceStore, type Stores } from '../stores/conformance/reference.ts'
import { ERRORS } from '../core/errors.ts'
import { fewNames } from '../core/few-names.ts'
import { openGuesses } from '../core/guesses.ts'
import { buildControlPlane } from './control-plane.ts'
import { errorSchema } from './schemas.ts'

const SECRET = 'an installation secret for tests'

/** For tests: a price for every model but `unpriced`. */
const PRICE: Price = {
  version: 'test-1',
  provider: 'bedrock',
  model: 'any',
  source: 'test',
  rates: { perToken: { inUncached: 3_000_000n, outText: 15_000_000n }, perToolCall: {} },
  tiers: [],
}

/** For tests: one deployment, of `m1`, with room for 1,000 tokens of output. */
const DEPLOYMENT = {
  name: 'bedrock/m1',
  provider: 'bedrock',
  format: 'anthropic-messages',
  model: 'm1',
  upstreamModel: 'm1',
  ceilings: { contextTokens: 10_000, outputTokens: 1_000 },
  credential: 'x',
} as Deployment

/** For tests: a control plane over a store in memory, with a user `alice`, her key, and a clock that can be set. */
export async function openFixture({
  dashboardFolder = '/nowhere',
  secure = false,
  isLocalOnly = false,
  isTrustedProxy = (_address: string): boolean => false,
  openStores = (options: { nowMs: () => number }): Stores => referenceStore(options),
} = {}) {
  const clock = { nowMs: Date.UTC(2026, 10, 30, 12, 34, 56) }
  const now = () => clock.nowMs
  const store = openStores({ nowMs: now })
  const accounts = await openAccounts({
    store: store.accounts,
    reports: store.reports,
    secrets: openSecrets(SECRET),
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
  const spool = { calls: 0 }
  const prices = {
    price: (_provider: string, model: string) => (model === 'unpriced' ? undefined : PRICE),
    canonical: (_provider: string, name: string) => name.replace(/-dated$/, ''),
  }
  const deployments = {
    resolve: (format: string, model: string) =>
      format === DEPLOYMENT.format && model === DEPLOYMENT.model ? [DEPLOYMENT] : [],
    models: () => [DEPLOYMENT],
  }
  const healths = health({ allowedFailures: 1, coolDownMs: 60_000 }, now)
  const gateway = { deployments, health: healths, ledger, prices, nowMs: now } as unknown as Gateway
  const app = buildControlPlane({
    simulate: (call, of) => simulate(gateway, call, of),
    health: healths.all,
    spooledCalls: () => spool.calls,
    accounts,
    credentials: openCredentials({ store: store.accounts, secret: SECRET, conceal: () => {}, now }),
    reports: openReports(store, now),
    alerts: { state: async () => [], test: async () => [] },
    ledger,
    prices,
    canonical: (name) => (name === 'both' ? ['one', 'two'] : [prices.canonical('', name)]),
    names: fewNames(200),
    live: {
      subscribe(listener) {
        listeners.add(listener)
        return () => void listeners.delete(listener)
      },
    },
    ready: () => causes,
    dashboardFolder,
    isDashboardFile: filesIn(dashboardFolder),
    version: '0.0.0-test',
    metrics: async () => ({ contentType: 'text/plain; version=0.0.4; charset=utf-8', body: 'up 1\n' }),
    ...{ secure, isLocalOnly, isTrustedProxy },
    guesses: openGuesses(now),
    newId: randomUUID,
    now,
    report: (problem, error) => void problems.push([problem, error]),
  })
  await app.ready()
  const adminSecret = accounts.newAdministratorSecret!
  const admin = { authorization: `Bearer ${adminSecret}` }
  return {
    app,
    healths,
    deployment: DEPLOYMENT,
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
    spool,
    async close() {
      await app.close()
      await ledger.close()
      await store.close()
    },
  }
}

export type Fixture = Awaited<ReturnType<typeof openFixture>>
const opened: Fixture[] = []
/** For tests: as openFixture, closed when the test ends; an error that is ours makes the test fail. */
export async function open(options: Parameters<typeof openFixture>[0] = {}): Promise<Fixture> {
  const fixture = await openFixture(options)
  opened.push(fixture)
  return fixture
}
afterEach(async () => {
  for (const fixture of opened.splice(0)) {
    await fixture.close()
    expect(fixture.problems).toEqual([])
  }
})

/** For tests: one request. Every error is checked to be one of the catalogue. */
export async function ask({ app }: Fixture, method: string, url: string, options: Partial<InjectOptions> = {}) {
  const answer = await app.inject({ method: method as 'GET', url, ...options })
  if (answer.statusCode >= 400) {
    const { error } = errorSchema.parse(answer.json())
    expect(answer.statusCode).toBe(ERRORS[error.code].status)
    expect(error.hint).not.toBe('')
    if (error.code === 'invalid_field') expect(error.field ?? error.message).toMatch(/./)
  }
  return answer
}
export const errorOf = (answer: { json(): unknown }) => errorSchema.parse(answer.json()).error

/** The body of POST /usage as it is printed for those who send it. */
export const EVENT = {
  tenant_id: 'my-tenant',
  provider: 'bedrock',
  model: 'anthropic.claude-3-sonnet-20240229-v1:0',
  prompt_tokens: 150,
  completion_tokens: 50,
  timestamp: '2024-12-20T10:30:00Z',
  latency_ms: 1500,
  host: {
    hostname: 'app-server-1',
    cloud_provider: 'aws',
    instance_id: 'i-1234567890abcdef',
    k8s: { pod: 'app-abc123', namespace: 'production' },
  },
}

/** A request of each route that is allowed and right, but for ids that are not there. */
export const SAMPLES: Readonly<Record<string, Partial<InjectOptions>>> = {
  'POST /api/session': { payload: { secret: 'x' } },
  'POST /api/users': { payload: { userId: 'bob', tokenLimit: 5 } },
  'PATCH /api/users/:userId': { payload: { tokenLimit: 5 } },
  'POST /api/keys': { payload: { userId: 'alice' } },
  'POST /api/credentials': { payload: { name: 'OPENAI_API_KEY', value: 'x' } },
  'POST /api/limits': {
    payload: { scope: { kind: 'tenant', id: 'default' }, metric: 'requests', window: { kind: 'minute' }, amount: 9 },
  },
  'POST /api/limits/test': { payload: { userId: 'alice', model: 'm1' } },
  'POST /usage': { payload: EVENT },
}
