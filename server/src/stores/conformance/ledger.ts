import { describe, expect, test } from 'vitest'
import type { CounterValue } from '../../core/counter.ts'
import type { Limit } from '../../core/limit.ts'
import type { Answer, Plan } from '../../core/plan.ts'
import { competitorElsewhere, elsewhereOf } from './child.ts'
import { CEILING, compete, crossingText, limitsOfMatch, type Result } from './compete.ts'
import { MOST_SAMPLES_PER_QUARTER } from '../../core/refusal.ts'
import { dump } from './dump.ts'
import {
  A_PRICE,
  ANOTHER_PRICE,
  aHold,
  aLimit,
  aReading,
  aRefusal,
  countOf,
  counterAt,
  endOf,
  ingestOf,
  NOON_MS,
  reserveOf,
} from './fixtures.ts'
import type { MakePlace } from './place.ts'
import type { Stores } from './reference.ts'
import { placesOf } from './suite.ts'

const COMMITTED = { kind: 'committed', seq: null }
const STALE_HOLD = { kind: 'stale', what: 'hold' }
const USER = aLimit()
const KEY = aLimit({ id: 'limit-2', scope: { kind: 'key', id: 'key-ann' }, metric: 'requests', amount: 2n })
const TENANT = aLimit({
  id: 'limit-3',
  scope: { kind: 'tenant', id: 'acme' },
  metric: 'costNanoUsd',
  window: { kind: 'calendar', unit: 'month', zone: 'Europe/Amsterdam' },
  amount: 10_000n,
})
const MINUTE = aLimit({ id: 'limit-4', metric: 'requests', window: { kind: 'minute' }, amount: 100n })

/** What the ledger's port promises (core/ports/ledger-store.ts), on any engine. */
export function ledgerConformance(makePlace: MakePlace): void {
  describe('ledger store', () => {
    const { newPlace, newStores } = placesOf(makePlace)

    test('a hold and its entry come back as they were given', async () => {
      const stores = await newStores()
      const hold = aHold({
        audit: { question: 'Où ça? 🇳🇱 \u202e', collection: 'books', documentsRetrieved: 0, sessionId: 's' },
        labels: { team: 'Zoë', __proto__x: 'y' },
        stream: true,
      })
      const plan = reserveOf(hold, [USER, MINUTE])
      expect(await commit(stores, plan)).toEqual([COMMITTED])
      expect(await stores.ledger.hold(hold.id)).toEqual(plan.open)
      const usage = {
        buckets: { inUncached: 0, outReasoning: 2 ** 53 - 1 },
        toolCalls: { web_search: 2 },
        serviceTier: 'batch+us',
        elsewhere: [{ model: 'sim-large', buckets: { inUncached: 0, outText: 7 }, priceVersion: 'price-2' }],
      }
      const reading = aReading({ usage, costNanoUsd: 9_007_199_254_740_993n, quarantine: 'why', httpStatus: null })
      const end = { ...endOf(plan.open, { kind: 'settle', reading }), prices: [A_PRICE, ANOTHER_PRICE] }
      expect(await commit(stores, end)).toEqual([{ kind: 'committed', seq: 1 }])
      const entry = { ...end.entry, writerId: 'writer-1', seq: 1 }
      expect(await stores.ledger.entry(hold.id)).toStrictEqual(entry)
      expect(await stores.reports.entry('acme', hold.id)).toStrictEqual(entry)
      expect(await stores.ledger.hold(hold.id)).toBeUndefined()
      expect(await stores.reports.price('price-1')).toStrictEqual(A_PRICE)
      expect(await stores.reports.price('price-2')).toStrictEqual(ANOTHER_PRICE)
    })

    test('a hold without a bound, and one that is unpriced, keep their nulls', async () => {
      const stores = await newStores()
      const hold = aHold({ bound: null, boundCostNanoUsd: null, priceVersion: null })
      await commit(stores, reserveOf(hold, []))
      expect(await stores.ledger.hold(hold.id)).toEqual(hold)
    })

    test('a plan moves all its counters or none, whichever of several ceilings it breaks', async () => {
      const stores = await newStores({ nowMs: () => NOON_MS })
      const limits = [USER, KEY, TENANT, MINUTE]
      const fits = (id: string) => reserveOf(aHold({ id }), limits)
      expect(await commit(stores, fits('one'), fits('two'))).toEqual([COMMITTED, COMMITTED])
      const before = await valuesOf(stores, ...limits)
      expect(before.map((value) => value.held)).toEqual([200n, 2n, 1_000n, 2n])
      const [answer] = await commit(stores, fits('three'))
      expect(answer).toEqual({ kind: 'missed', counterId: counterAt(KEY), value: before[1], freesAtMs: null })
      expect(await valuesOf(stores, ...limits)).toEqual(before)
      expect(await stores.ledger.hold('three')).toBeUndefined()
    })

    test('a missed ceiling fails no other plan of its batch, and is judged after those before it', async () => {
      const stores = await newStores()
      const ask = (id: string, inputTokens: number) =>
        reserveOf(aHold({ id, bound: { inputTokens, outputTokens: 0 } }), [USER])
      const answers = await commit(stores, ask('a', 600), ask('b', 500), ask('c', 400), ask('d', 1))
      const full = { settled: 0n, held: 1_000n }
      expect(answers).toEqual([
        COMMITTED,
        { kind: 'missed', counterId: counterAt(USER), value: { settled: 0n, held: 600n }, freesAtMs: null },
        COMMITTED,
        { kind: 'missed', counterId: counterAt(USER), value: full, freesAtMs: null },
      ])
      expect(await valuesOf(stores, USER)).toEqual([full])
    })

    test('Q14: a ceiling of 0 admits nothing, no ceiling admits everything and counts', async () => {
      const stores = await newStores()
      const none = { ...USER, amount: 0n }
      expect(await commit(stores, reserveOf(aHold(), [none]))).toMatchObject([{ kind: 'missed' }])
      const huge = aHold({ bound: { inputTokens: 2 ** 53 - 1, outputTokens: 0 } })
      expect(await commit(stores, reserveOf(huge, [{ ...USER, amount: null }]))).toEqual([COMMITTED])
      expect(await valuesOf(stores, USER)).toEqual([{ settled: 0n, held: 9_007_199_254_740_991n }])
    })

    test('M20: whatever ends a hold, nothing stays held, and only what was used is spent', async () => {
      const stores = await newStores()
      const limits = [USER, KEY, aLimit({ id: 'limit-3', metric: 'costNanoUsd' })]
      const holds = ['settled', 'voided', 'expired'].map((id) => reserveOf(aHold({ id }), limits).open)
      await commit(
        stores,
        ...holds.map((hold) =>
          reserveOf(
            hold,
            limits.map((limit) => ({ ...limit, amount: null })),
          ),
        ),
      )
      const ends = [
        endOf(holds[0]!, { kind: 'settle', reading: aReading() }),
        endOf(holds[1]!, { kind: 'void', reading: { httpStatus: 503, durationMs: 1 } }),
        endOf(holds[2]!, { kind: 'expire' }),
      ]
      await commit(stores, ...ends)
      // An expired one counts in full, and says so.
      const used = [30n + 100n, 2n, 150n + 500n].map((settled) => ({ settled, held: 0n }))
      expect(await valuesOf(stores, ...limits)).toEqual(used)
      expect((await stores.reports.entry('acme', 'expired'))!.evidence).toBe('bounded')
    })

    test('M21: a hold ends once, also within one batch, and a late end changes nothing', async () => {
      const stores = await newStores()
      const { open } = reserveOf(aHold(), [USER])
      await commit(stores, reserveOf(aHold(), [USER]))
      const settle = endOf(open)
      const voided = endOf(open, { kind: 'void', reading: { httpStatus: 500, durationMs: 1 } })
      expect(await commit(stores, settle, voided)).toEqual([{ kind: 'committed', seq: 1 }, STALE_HOLD])
      const before = await dump(stores, ['acme'])
      expect(await commit(stores, voided)).toEqual([STALE_HOLD])
      expect(await commit(stores, settle)).toEqual([STALE_HOLD])
      expect(await commit(stores, endOf(open, { kind: 'expire' }))).toEqual([STALE_HOLD])
      expect(await dump(stores, ['acme'])).toEqual(before)
      expect(await valuesOf(stores, USER)).toEqual([{ settled: 30n, held: 0n }])
    })

    test('a hold of another version or another tenant is not ended, and no id is opened twice', async () => {
      const stores = await newStores()
      const hold = aHold()
      expect(await commit(stores, reserveOf(hold, []), reserveOf(hold, []))).toEqual([COMMITTED, STALE_HOLD])
      expect(await commit(stores, endOf({ ...hold, version: 2 }))).toEqual([STALE_HOLD])
      expect(await commit(stores, endOf({ ...hold, tenantId: 'other' }))).toEqual([STALE_HOLD])
      expect(await commit(stores, endOf(hold), reserveOf(hold, []))).toEqual([
        { kind: 'committed', seq: 1 },
        STALE_HOLD,
      ])
    })

    test('Q01: an event is counted once, however often and together with whatever it comes', async () => {
      const stores = await newStores()
      const event = (id: string, digest = 'd') => ingestOf({ id }, { source: 'sdk', id: 'event-1', digest }, [USER])
      // One that is refused claims nothing, neither for itself nor for those beside it.
      const stale = { ...event('z', 'other'), expectTenantVersion: 7 }
      expect(await commit(stores, stale)).toEqual([{ kind: 'stale', what: 'tenant' }])
      expect(await commit(stores, stale, event('a'), event('b'))).toEqual([
        { kind: 'stale', what: 'tenant' },
        { kind: 'committed', seq: 1 },
        { kind: 'duplicate', entryId: 'a', digest: 'd' },
      ])
      expect(await commit(stores, event('c', 'other'))).toEqual([{ kind: 'duplicate', entryId: 'a', digest: 'd' }])
      const elsewhere = ingestOf({ id: 'd' }, { source: 'import', id: 'event-1', digest: 'd' }, [USER])
      const foreign = ingestOf({ id: 'e', tenantId: 'other' }, { source: 'sdk', id: 'event-1', digest: 'd' })
      expect(await commit(stores, elsewhere, foreign)).toMatchObject([{ seq: 2 }, { seq: 3 }])
      expect(await valuesOf(stores, USER)).toEqual([{ settled: 60n, held: 0n }])
    })

    test('F17: an entry whose id is there is not taken again, whoever brings it and together with whatever', async () => {
      const stores = await newStores()
      const spooled = (id: string) => ingestOf({ id, ending: 'spooled' }, undefined, [USER])
      expect(await commit(stores, spooled('a'))).toEqual([{ kind: 'committed', seq: 1 }])
      expect(await commit(stores, spooled('a'), spooled('b'))).toEqual([STALE_HOLD, { kind: 'committed', seq: 2 }])
      expect(await stores.ledger.commit('writer-2', [spooled('b')])).toEqual([STALE_HOLD])
      expect(await valuesOf(stores, USER)).toEqual([{ settled: 60n, held: 0n }])
    })

    test('sequences are gapless for each writer, whatever plans fail between', async () => {
      const stores = await newStores()
      const failing = [endOf(aHold({ id: 'nobody' })), { ...anEvent('x'), expectTenantVersion: 7 }]
      expect(seqs(await commit(stores, anEvent('a'), ...failing, anEvent('b')))).toEqual([1, '-', '-', 2])
      expect(seqs(await commit(stores, ...failing))).toEqual(['-', '-'])
      expect(seqs(await stores.ledger.commit('writer-2', [anEvent('c'), anEvent('a'), anEvent('d')]))).toEqual([
        1,
        '-',
        2,
      ])
      expect(seqs(await commit(stores, reserveOf(aHold(), []), anEvent('e')))).toEqual([null, 3])
    })

    test('a plan made under another version of its tenant is stale', async () => {
      const stores = await newStores()
      const plan = reserveOf(aHold(), [USER])
      const stale = [{ kind: 'stale', what: 'tenant' }]
      expect(await commit(stores, { ...plan, expectTenantVersion: 1 })).toEqual(stale)
      await stores.accounts.tenant('acme')
      expect(await commit(stores, { ...plan, expectTenantVersion: 2 })).toEqual(stale)
      expect(await valuesOf(stores, USER)).toEqual([{ settled: 0n, held: 0n }])
      expect(await commit(stores, { ...plan, expectTenantVersion: 1 })).toEqual([COMMITTED])
    })

    test('Q23: a sliding minute admits no more than its limit in any 60 seconds, by two instances together', async () => {
      let now = NOON_MS
      const place = await newPlace()
      const clock = { nowMs: () => now }
      const instances = [await place.open(clock), await place.open(clock)]
      const admittedAt: number[] = []
      const burst = async (atMs: number, asked: number) => {
        now = atMs
        const plans = (instance: number) =>
          Array.from({ length: asked / 2 }, (_, index) =>
            reserveOf(aHold({ id: `${atMs}-${instance}-${index}`, countedAtMs: now }), [MINUTE]),
          )
        const answers = await Promise.all(
          instances.map(({ ledger }, instance) => ledger.commit(`writer-${instance}`, plans(instance))),
        )
        const admitted = answers.flat().filter((answer) => answer.kind === 'committed').length
        admittedAt.push(...Array.from({ length: admitted }, () => atMs))
        return answers.flat().find((answer) => answer.kind === 'missed')
      }
      const minute = Math.ceil(NOON_MS / 60_000) * 60_000
      await burst(minute + 100, 20)
      await burst(minute + 59_900, 160)
      const missed = await burst(minute + 60_100, 160)
      expect(missed).toMatchObject({ value: { held: 100n }, freesAtMs: minute + 65_000 })
      await burst(minute + 65_100, 160)
      await burst(minute + 124_800, 160)
      await burst(minute + 125_200, 160)
      const most = Math.max(
        ...admittedAt.map((from) => admittedAt.filter((at) => at >= from && at < from + 60_000).length),
      )
      expect(most).toBe(100)
      expect(admittedAt).toHaveLength(200)
    })

    test('writers without a live lease orphan their holds', async () => {
      let now = NOON_MS
      const { ledger } = await newStores({ nowMs: () => now })
      await ledger.renewLease('alive', 10_000)
      await ledger.renewLease('dying', 5_000)
      await ledger.commit('alive', [
        reserveOf(aHold({ id: 'a', writerId: 'alive', countedAtMs: 1 }), []),
        reserveOf(aHold({ id: 'b', writerId: 'dying', countedAtMs: 3 }), []),
        reserveOf(aHold({ id: 'c', writerId: 'unknown', countedAtMs: 2 }), []),
      ])
      const orphans = async (limit = 10) => (await ledger.orphanedHolds(limit)).map(({ id }) => id)
      expect(await orphans()).toEqual(['c'])
      now += 5_000
      expect(await orphans()).toEqual(['c', 'b'])
      expect(await orphans(1)).toEqual(['c'])
      await ledger.renewLease('dying', 1_000)
      expect(await orphans()).toEqual(['c'])
      now += 5_000
      expect((await orphans()).toSorted()).toEqual(['a', 'b', 'c'])
    })

    test('the watermark changes with what people can see of any process’s commits, and with nothing else', async () => {
      const place = await newPlace()
      const [one, other] = [await place.open(), await place.open()]
      const first = await one.ledger.watermark()
      expect(await one.ledger.watermark()).toBe(first)
      await commit(one, reserveOf(aHold({ id: 'a' }), []))
      const second = await one.ledger.watermark()
      expect(second).not.toBe(first)
      await commit(other, reserveOf(aHold({ id: 'b' }), []))
      const third = await one.ledger.watermark()
      expect(third).not.toBe(second)
      await other.accounts.tenant('acme')
      const fourth = await one.ledger.watermark()
      expect(fourth).not.toBe(third)
      const createUser = { id: 'ann', tenantId: 'acme', createdAtMs: 1 }
      await other.accounts.commit({ tenantId: 'acme', expectVersion: 1, createUser })
      const fifth = await one.ledger.watermark()
      expect(fifth).not.toBe(fourth)
      const plan = { tenantId: 'acme', adds: [], rollups: [] }
      await commit(other, { ...plan, refusals: { counts: [countOf(aRefusal(), 1)], samples: [] } })
      const sixth = await one.ledger.watermark()
      expect(sixth).not.toBe(fifth)
      await other.ledger.renewLease('writer-2', 1_000)
      await one.ledger.renewLease('writer-1', 1_000)
      await other.accounts.keepSetting('name', 'value')
      await other.accounts.replaceSetting('name', 'next', 'value')
      await commit(other, reserveOf(aHold({ id: 'b' }), []))
      expect(await one.ledger.watermark()).toBe(sixth)
    })

    test('Q05: settled + held never pass the ceiling, with committers on two connections', async () => {
      const place = await newPlace()
      const [one, other, observer] = [await place.open(), await place.open(), await place.open()]
      await competition(observer, [
        (match) => compete(one, 'writer-1', match),
        (match) => compete(other, 'writer-2', match),
      ])
    })

    test('Q04: settled + held never pass the ceiling, with a committer in another process', async ({ skip }) => {
      const place = await newPlace()
      const elsewhere = elsewhereOf(place)
      skip(!elsewhere, 'reason' in place.elsewhere ? place.elsewhere.reason : '')
      const [mine, observer] = [await place.open(), await place.open()]
      const theirs = await competitorElsewhere(elsewhere!, 'writer-2')
      try {
        await competition(observer, [(match) => compete(mine, 'writer-1', match), theirs.compete])
      } finally {
        await theirs.end()
      }
    }, 60_000)
  })
}

const MOST_MATCHES = 50

/**
 * Matches in which everybody starts at once, each of which must keep the ceiling, until there was one in which everybody
 * won something and was refused something: on a busy machine, one may be over before another has begun.
 */
async function competition(observer: Stores, competitors: readonly ((match: number) => Promise<Result>)[]) {
  let samples = 0
  for (let match = 1; match <= MOST_MATCHES; match++) {
    const results = await expectBelow(observer, match, Promise.all(competitors.map((take) => take(match))))
    samples += results.reduce((total, result) => total + result.samples, 0)
    const kept = await observer.reports.refusals({ tenantId: 'acme', limit: 10_000 })
    expect(kept).toHaveLength(Math.min(samples, MOST_SAMPLES_PER_QUARTER))
    if (results.every(({ held, refused }) => held > 0 && refused > 0)) return
  }
  throw new Error(`in none of ${MOST_MATCHES} matches did everybody win`)
}

/** Observes the counter while others move it; in the end everything must be what their answers add up to. */
async function expectBelow({ ledger, reports }: Stores, match: number, results: Promise<readonly Result[]>) {
  const [limit, counting] = limitsOfMatch(match)
  const observed: bigint[] = []
  const observe = async () => {
    const { settled, held } = await ledger.counter(counterAt(limit), NOON_MS)
    observed.push(settled + held)
  }
  const all = await whileWaiting(results, observe)
  expect(observed.find((total) => total > CEILING)).toBeUndefined()
  const total = (name: 'settled' | 'held' | 'refused') => all.reduce((sum, result) => sum + result[name], 0)
  const sum = { settled: BigInt(total('settled')), held: BigInt(total('held')) }
  expect(await ledger.counter(counterAt(limit), NOON_MS)).toEqual(sum)
  expect(await ledger.counter(counterAt(counting), NOON_MS)).toEqual(sum)
  // The ceiling was nearly reached, but for what was given back last.
  expect(sum.settled + sum.held).toBeGreaterThan((CEILING * 9n) / 10n)
  const counts = await reports.refusalCounts('acme', { startMs: 0, endMs: NOON_MS })
  expect(counts.find(({ userId }) => userId === `match-${match}`)?.count).toBe(total('refused'))
  const crossings = await reports.crossings('acme', 1_000)
  const told = crossings.filter(({ counterId }) => counterId === counterAt(limit)).map(crossingText)
  expect(told).toHaveLength(1)
  expect(all.map(({ crossing }) => crossing)).toContain(told[0])
  return all
}

/** Does the work again and again, between other things, until the promise has settled. */
async function whileWaiting<T>(promise: Promise<T>, work: () => Promise<void>): Promise<T> {
  const state = { over: false }
  const end = () => {
    state.over = true
  }
  promise.then(end, end)
  while (!state.over) {
    await work()
    await new Promise(setImmediate)
  }
  return promise
}

function valuesOf({ ledger }: Stores, ...limits: Limit[]): Promise<CounterValue[]> {
  return Promise.all(limits.map((limit) => ledger.counter(counterAt(limit), NOON_MS)))
}

function commit({ ledger }: Stores, ...plans: Plan[]): Promise<readonly Answer[]> {
  return ledger.commit('writer-1', plans)
}

function anEvent(id: string): Plan {
  return ingestOf({ id }, undefined)
}

function seqs(answers: readonly Answer[]): (number | null | '-')[] {
  return answers.map((answer) => (answer.kind === 'committed' ? answer.seq : '-'))
}
