import { randomUUID } from 'node:crypto'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { TokenBound } from '../core/bound.ts'
import { counterId, counterOf } from '../core/counter.ts'
import type { Attempt, Entry, Reading } from '../core/entry.ts'
import { applying, type Limit, NO_AMOUNTS } from '../core/limit.ts'
import type { ReportStore } from '../core/ports/report-store.ts'
import type { IngestKey } from '../core/plan.ts'
import type { Refusal } from '../core/refusal.ts'
import type { Price } from '../core/price.ts'
import { referenceStore } from '../stores/conformance/reference.ts'
import { openLedger } from './ledger.ts'
import type { ReserveRequest } from './reserve.ts'
import { verify } from './verify.ts'

const TENANT = 'default'
const AT_MS = Date.UTC(2026, 10, 22, 12)
const LEASE_MS = 15_000

const price: Price = {
  version: 'p1',
  provider: 'openai',
  model: 'gpt-4o',
  source: 'test',
  rates: { perToken: { inUncached: 2_500_000n, outText: 10_000_000n }, perToolCall: {} },
  tiers: [],
}

function limit(
  kind: Limit['scope']['kind'],
  id: string,
  metric: Limit['metric'],
  amount: bigint,
  window: Limit['window'] = { kind: 'lifetime' },
): Limit {
  return {
    id: `${kind} ${metric} ${window.kind}`,
    tenantId: TENANT,
    scope: { kind, id },
    metric,
    window,
    amount,
    mode: 'hard',
  }
}

function attempt(): Attempt {
  const id = randomUUID()
  return {
    id,
    callId: id,
    attempt: 1,
    tenantId: TENANT,
    userId: 'alice',
    keyId: 'key_1',
    provider: 'openai',
    model: 'gpt-4o',
    format: 'openai-chat',
    stream: false,
    audit: {},
    labels: {},
  }
}

const bound = (inputTokens: number, outputTokens: number): TokenBound => ({
  inputTokens,
  outputTokens,
  leastOutputTokens: Math.min(16, outputTokens),
  choices: 1,
})

const used = (inUncached: number, outText: number): Reading => ({
  outcome: 'completed',
  evidence: 'reported',
  usage: { buckets: { inUncached, outText } },
  rawUsage: '{}',
  quarantine: null,
  servedModel: 'gpt-4o',
  costNanoUsd: BigInt(inUncached * 2_500 + outText * 10_000),
  priceVersion: 'p1',
  httpStatus: 200,
  firstByteMs: 1,
  durationMs: 2,
})

/** A ledger over the reference model, with the limits put, and a way to ask what a limit's counter says. */
async function setUp(limits: readonly Limit[]) {
  const clock = { nowMs: AT_MS }
  const stores = referenceStore({ nowMs: () => clock.nowMs })
  const { version } = await stores.accounts.tenant(TENANT)
  const createUser = { id: 'alice', tenantId: TENANT, createdAtMs: 0 }
  await stores.accounts.commit({
    tenantId: TENANT,
    expectVersion: version,
    createUser,
    putLimits: { limits, atMs: AT_MS },
  })
  const open = (writerId: string) =>
    openLedger({
      store: stores.ledger,
      writerId,
      leaseMs: LEASE_MS,
      onCommitted: () => {},
      onError: (error) => expect.unreachable(String(error)),
    })
  const ledger = await open('writer')
  const request = (tokens: TokenBound | null, more: Partial<ReserveRequest> = {}): ReserveRequest => {
    const wish = attempt()
    return {
      attempt: wish,
      tenantVersion: version + 1,
      limits: applying(limits, wish),
      bound: tokens,
      tighten: async () => null,
      price,
      atMs: AT_MS,
      ...more,
    }
  }
  const value = (of: Limit) => stores.ledger.counter(counterId(counterOf(of, AT_MS)), AT_MS)
  const proofs = async () => (await verify(stores.reports)).filter(({ ok }) => !ok)
  return { ...stores, clock, ledger, open, request, value, proofs }
}

test('Q04: of a hundred parallel calls against a limit that fits one, one is admitted', async () => {
  const tokens = limit('user', 'alice', 'tokens', 150n)
  const { ledger, request, value } = await setUp([tokens])
  const answers = await Promise.all(Array.from({ length: 100 }, () => ledger.reserve(request(bound(100, 50)))))
  expect(answers.filter(({ kind }) => kind === 'held')).toHaveLength(1)
  expect(await value(tokens)).toEqual({ settled: 0n, held: 150n })
})

test('a user, a key, a tenant budget and a minute limit are held all together or not at all', async () => {
  const limits = [
    limit('user', 'alice', 'tokens', 1_000n),
    limit('key', 'key_1', 'tokens', 1_000n),
    limit('tenant', TENANT, 'costNanoUsd', 10_000_000n, { kind: 'calendar', unit: 'month', zone: 'Europe/Amsterdam' }),
    limit('user', 'alice', 'requests', 2n, { kind: 'minute' }),
  ]
  const { ledger, request, value } = await setUp(limits)
  await ledger.reserve(request(bound(100, 50)))
  await ledger.reserve(request(bound(100, 50)))
  const refused = await ledger.reserve(request(bound(100, 50)))
  expect(refused).toMatchObject({ kind: 'refused', obstacle: { limit: { metric: 'requests' }, asked: 1n } })
  const held = await Promise.all(limits.map(async (each) => (await value(each)).held))
  expect(held).toEqual([300n, 300n, 2n * 750_000n, 2n])
})

test('near the limit of a user the output is clamped to what is left, above the least useful answer', async () => {
  const { ledger, request } = await setUp([limit('user', 'alice', 'tokens', 150n)])
  expect(await ledger.reserve(request(bound(100, 4_000)))).toMatchObject({
    kind: 'held',
    bound: { inputTokens: 100, outputTokens: 50 },
  })
  const second = await setUp([limit('user', 'alice', 'tokens', 110n)])
  expect(await second.ledger.reserve(second.request(bound(100, 4_000)))).toMatchObject({ kind: 'refused' })
})

test('a bound that does not fit is counted exactly before the answer is no', async () => {
  const { ledger, request } = await setUp([limit('user', 'alice', 'tokens', 100n)])
  const tighten = async () => bound(20, 50)
  expect(await ledger.reserve(request(bound(400, 50), { tighten }))).toMatchObject({
    kind: 'held',
    bound: { inputTokens: 20 },
  })
})

test('Q14: a limit of 0 admits nothing, and no limit everything', async () => {
  const none = await setUp([limit('user', 'alice', 'tokens', 0n)])
  expect((await none.ledger.reserve(none.request(bound(1, 1)))).kind).toBe('refused')
  const unlimited = await setUp([{ ...limit('user', 'alice', 'tokens', 0n), amount: null }])
  expect((await unlimited.ledger.reserve(unlimited.request(bound(1, 1)))).kind).toBe('held')
})

test('M20: whatever ends a hold, what was held is given back, and only what was used stays', async () => {
  const tokens = limit('user', 'alice', 'tokens', 1_000n)
  const { ledger, request, value, proofs } = await setUp([tokens])
  const reserve = async () => {
    const reserved = await ledger.reserve(request(bound(100, 50)))
    if (reserved.kind !== 'held') return expect.unreachable('not held')
    return reserved.hold
  }
  await ledger.end(await reserve(), { kind: 'settle', reading: used(80, 20) }, [price])
  await ledger.end(await reserve(), { kind: 'void', reading: { httpStatus: 429, durationMs: 1 } })
  expect(await value(tokens)).toEqual({ settled: 100n, held: 0n })
  expect(await proofs()).toEqual([])
})

test('M21: a hold ends once; whoever comes second is told how, and changes nothing', async () => {
  const tokens = limit('user', 'alice', 'tokens', 1_000n)
  const { ledger, request, value } = await setUp([tokens])
  const first = await ledger.reserve(request(bound(100, 50)))
  const second = await ledger.reserve(request(bound(100, 50)))
  if (first.kind !== 'held' || second.kind !== 'held') return expect.unreachable('not held')
  const settle = { kind: 'settle', reading: used(80, 20) } as const
  const voiding = { kind: 'void', reading: { httpStatus: null, durationMs: 0 } } as const
  expect((await ledger.end(first.hold, settle, [price])).kind).toBe('ended')
  expect(await ledger.end(first.hold, settle, [price])).toEqual({ kind: 'already_ended', as: 'settled' })
  expect(await ledger.end(first.hold, voiding)).toEqual({ kind: 'already_ended', as: 'settled' })
  expect((await ledger.end(second.hold, { kind: 'expire' })).kind).toBe('ended')
  expect(await ledger.end(second.hold, settle, [price])).toEqual({ kind: 'already_ended', as: 'expired' })
  expect(await value(tokens)).toEqual({ settled: 100n + 150n, held: 0n })
})

test('a hold of a dead writer settles at its bound, marked so, once, whoever sweeps', async () => {
  const tokens = limit('user', 'alice', 'tokens', 1_000n)
  const { clock, ledger, open, request, value, reports, proofs } = await setUp([tokens])
  const reserved = await ledger.reserve(request(bound(100, 50)))
  expect(await ledger.sweep()).toBe(0)
  clock.nowMs += LEASE_MS + 1
  const others = await Promise.all([open('b'), open('c')])
  const swept = await Promise.all(others.map((other) => other.sweep()))
  expect(swept.reduce((sum, count) => sum + count)).toBe(1)
  expect(await value(tokens)).toEqual({ settled: 150n, held: 0n })
  const [entry] = await reports.entries({ tenantId: TENANT, limit: 10 })
  expect(entry).toMatchObject({
    ending: 'expired',
    evidence: 'bounded',
    outcome: 'cut',
    usage: { buckets: { inUncached: 100, outText: 50 } },
  })
  expect(
    reserved.kind === 'held' && (await ledger.end(reserved.hold, { kind: 'settle', reading: used(1, 1) })),
  ).toEqual({
    kind: 'already_ended',
    as: 'expired',
  })
  expect(await proofs()).toEqual([])
})

test('a limit that is put while a call is under way finds what was used and held, and is moved by its end', async () => {
  const { accounts, ledger, request, value, proofs } = await setUp([])
  const [done, open] = [await ledger.reserve(request(bound(100, 50))), await ledger.reserve(request(bound(200, 50)))]
  if (done.kind !== 'held' || open.kind !== 'held') return expect.unreachable('not held')
  await ledger.end(done.hold, { kind: 'settle', reading: used(80, 20) }, [price])
  const tokens = limit('user', 'alice', 'tokens', 400n)
  const { version } = await accounts.tenant(TENANT)
  await accounts.commit({ tenantId: TENANT, expectVersion: version, putLimits: { limits: [tokens], atMs: AT_MS } })
  expect(await value(tokens)).toEqual({ settled: 100n, held: 250n })
  expect(await ledger.reserve(request(bound(10, 10)))).toEqual({ kind: 'stale' })
  await ledger.end(open.hold, { kind: 'settle', reading: used(150, 50) }, [price])
  expect(await value(tokens)).toEqual({ settled: 300n, held: 0n })
  expect(await proofs()).toEqual([])
})

test('Q01: an ingested event counts once, and its id means no other event', async () => {
  const tokens = limit('user', 'alice', 'tokens', 1n)
  const { accounts, ledger, value, proofs } = await setUp([tokens])
  const entry: Entry = {
    ...attempt(),
    ...used(80, 20),
    ending: 'ingested',
    countedAtMs: AT_MS,
    occurredAtMs: AT_MS - 1,
    held: NO_AMOUNTS,
  }
  const key = { source: 'sdk', id: 'event-1', digest: 'a' }
  const { version: tenantVersion } = await accounts.tenant(TENANT)
  const event = (of: Entry, by: IngestKey) => ({ entry: of, key: by, limits: [tokens], tenantVersion, price })
  expect(await ledger.ingest(event(entry, key))).toEqual({ kind: 'ingested', entryId: entry.id })
  const again = { ...entry, id: randomUUID() }
  expect(await ledger.ingest(event(again, key))).toEqual({ kind: 'duplicate', entryId: entry.id })
  await expect(ledger.ingest(event(again, { ...key, digest: 'b' }))).rejects.toMatchObject({
    body: { code: 'conflict' },
  })
  expect(await value(tokens)).toEqual({ settled: 100n, held: 0n })
  expect(await proofs()).toEqual([])
})

test('Q05: whatever calls of whatever sizes do at once, settled and held never exceed the limit', async () => {
  const call = fc.record({
    input: fc.integer({ min: 1, max: 400 }),
    output: fc.integer({ min: 1, max: 400 }),
    usedShare: fc.double({ min: 0, max: 1, noNaN: true }),
    voided: fc.boolean(),
  })
  await fc.assert(
    fc.asyncProperty(fc.array(call, { minLength: 1, maxLength: 60 }), fc.bigInt(0n, 5_000n), async (calls, amount) => {
      const tokens = limit('user', 'alice', 'tokens', amount)
      const { ledger, request, value, proofs } = await setUp([tokens])
      const observe = async () => {
        const { settled, held } = await value(tokens)
        expect(settled + held <= amount).toBe(true)
      }
      await Promise.all(
        calls.map(async ({ input, output, usedShare, voided }) => {
          const reserved = await ledger.reserve(request(bound(input, output)))
          await observe()
          if (reserved.kind !== 'held') return
          const reading = used(input, Math.floor(reserved.bound!.outputTokens * usedShare))
          await ledger.end(
            reserved.hold,
            voided ? { kind: 'void', reading: { httpStatus: 500, durationMs: 1 } } : { kind: 'settle', reading },
          )
          await observe()
        }),
      )
      expect((await value(tokens)).held).toBe(0n)
      expect(await proofs()).toEqual([])
    }),
    { numRuns: 50 },
  )
})

test('a threshold is written once for each window, whichever process sees it, and by what is settled alone', async () => {
  const day = { kind: 'calendar', unit: 'day', zone: 'Europe/Amsterdam' } as const
  const tokens = { ...limit('user', 'alice', 'tokens', 1_000n, day), thresholds: [50, 80, 100] }
  const { ledger, open, request, reports } = await setUp([tokens])
  const other = await open('other')
  const use = async (output: number) => {
    const reserved = await ledger.reserve(request(bound(0, output)))
    if (reserved.kind !== 'held') return expect.unreachable('not held')
    await Promise.all([ledger.watch([tokens], AT_MS), other.watch([tokens], AT_MS)])
    await ledger.end(reserved.hold, { kind: 'settle', reading: used(0, output) }, [price])
    await Promise.all([ledger.watch([tokens], AT_MS), other.watch([tokens], AT_MS), ledger.watch([tokens], AT_MS)])
    return (await reports.crossings(TENANT, 10)).map(({ threshold }) => threshold).toSorted((a, b) => a - b)
  }
  expect(await use(490)).toEqual([])
  expect(await use(20)).toEqual([50])
  expect(await use(400)).toEqual([50, 80])
  expect(await use(90)).toEqual([50, 80, 100])
})

test('refusals are counted one by one, and kept as samples with the numbers of the decision', async () => {
  const { ledger, reports } = await setUp([])
  const refusal = (id: string): Refusal => ({
    id,
    callId: id,
    atMs: AT_MS,
    tenantId: TENANT,
    userId: 'alice',
    keyId: 'key_1',
    provider: 'openai',
    model: 'gpt-4o',
    code: 'limit_reached',
    limitId: 'one',
    shadow: false,
    message: 'used up',
    details: { asked: '5' },
  })
  for (let call = 0; call < 300; call++) ledger.refuse(refusal(`call ${call}`))
  await ledger.close()
  const counts = await reports.refusalCounts(TENANT, { startMs: AT_MS - 900_000, endMs: AT_MS + 900_000 })
  expect(counts).toMatchObject([{ code: 'limit_reached', limitId: 'one', count: 300 }])
  const samples = await reports.refusals({ tenantId: TENANT, limit: 100 })
  expect(samples.length).toBeGreaterThan(0)
  expect(samples[0]).toMatchObject({ message: 'used up', details: { asked: '5' } })
})

test('would this call pass? is answered as the call would be, names every rule, and sets nothing aside', async () => {
  const cost = limit('tenant', TENANT, 'costNanoUsd', 1_000_000n)
  const shadow: Limit = { ...limit('key', 'key_1', 'requests', 0n), mode: 'shadow' }
  await fc.assert(
    fc.asyncProperty(fc.nat(600), fc.nat(600), fc.bigInt(0n, 700n), async (input, output, amount) => {
      const tokens = limit('user', 'alice', 'tokens', amount)
      const { ledger, request, value } = await setUp([tokens, cost, shadow])
      const asked = request(bound(input, output))
      const { reserved: foretold, verdicts } = await ledger.wouldReserve(asked)
      expect((await value(tokens)).held).toBe(0n)
      const reserved = await ledger.reserve(asked)
      expect(foretold.kind).toBe(reserved.kind)
      if (foretold.kind === 'held' && reserved.kind === 'held') expect(foretold.bound).toEqual(reserved.bound)
      expect(verdicts.map(({ verdict }) => verdict).includes('refuses')).toBe(reserved.kind === 'refused')
      expect(verdicts.find(({ limit: { mode } }) => mode === 'shadow')).toMatchObject({ verdict: 'would_refuse' })
    }),
    { numRuns: 60 },
  )
})

test('a limit in shadow mode refuses nobody, and tells whom it would have refused', async () => {
  const shadow: Limit = { ...limit('user', 'alice', 'requests', 1n), mode: 'shadow' }
  const { ledger, request } = await setUp([shadow])
  const [first, second] = [await ledger.reserve(request(bound(1, 1))), await ledger.reserve(request(bound(1, 1)))]
  if (first.kind !== 'held' || second.kind !== 'held') return expect.unreachable('not held')
  expect(await ledger.shadowObstacles(second.hold, [shadow])).toMatchObject([{ value: { held: 1n }, asked: 1n }])
})

test('verify names what was tampered with: a counter, a rollup, a missing entry', async () => {
  const tokens = limit('user', 'alice', 'tokens', 1_000n)
  const { ledger, request, reports } = await setUp([tokens])
  for (let call = 0; call < 3; call++) {
    const reserved = await ledger.reserve(request(bound(100, 50)))
    if (reserved.kind === 'held') await ledger.end(reserved.hold, { kind: 'settle', reading: used(80, 20) }, [price])
  }
  const failing = async (tampered: Partial<ReportStore>) =>
    (await verify({ ...reports, ...tampered })).filter(({ ok }) => !ok).map(({ name }) => name)
  expect(await failing({})).toEqual([])
  const counters = async () =>
    (await reports.scanCounters()).map((row) => ({ ...row, value: { settled: 299n, held: 0n } }))
  expect(await failing({ scanCounters: counters })).toEqual(['counters equal entries and holds'])
  const withoutSecond: ReportStore['scanEntries'] = async (after, most) =>
    (await reports.scanEntries(after, most)).filter(({ seq }) => seq !== 2)
  expect(await failing({ scanEntries: withoutSecond })).toEqual([
    'sequences are gapless',
    'counters equal entries and holds',
    'rollups equal entries',
  ])
})
