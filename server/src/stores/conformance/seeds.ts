import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { amountsOf, type Entry } from '../../core/entry.ts'
import { type Limit, METRICS, type ScopeKind, SCOPES } from '../../core/limit.ts'
import { CALENDAR_UNITS, rangeAt, type Window } from '../../core/window.ts'
import { aHold, aLimit, counterAt, ingestOf, NOON_MS, reserveOf } from './fixtures.ts'
import type { MakePlace } from './place.ts'
import { referenceStore, type Stores } from './reference.ts'
import { placesOf } from './suite.ts'

const DAY_MS = 86_400_000
const QUARTER_MS = 900_000
const IDS: Readonly<Record<Exclude<ScopeKind, 'tenant'>, readonly [string, string]>> = {
  user: ['ann', 'bob'],
  key: ['key-1', 'key-2'],
  provider: ['sim', 'other'],
  model: ['small', 'large'],
  label: ['team=a', 'team=b'],
}
/** Monrovia's clock was 44 minutes and 30 seconds behind until 1972: there, windows begin within a quarter of an hour. */
const ZONES = ['UTC', 'Europe/Amsterdam', 'Asia/Kathmandu', 'America/St_Johns', 'Africa/Monrovia']
const NOWS = [NOON_MS, Date.UTC(2026, 2, 29, 1, 10), Date.UTC(1971, 6, 1, 0, 40)]
const WINDOWS: readonly Window[] = [
  { kind: 'lifetime' },
  { kind: 'minute' },
  ...CALENDAR_UNITS.flatMap((unit) => ZONES.map((zone) => ({ kind: 'calendar', unit, zone }) as const)),
]

/** Now, or an edge of a window, where cells and limits may disagree; or far from any. */
const anInstant = fc.record({
  window: fc.constantFrom(...WINDOWS),
  edge: fc.constantFrom('now', 'startMs', 'endMs'),
  offsetMs: fc.oneof(
    fc.constantFrom(0, -1, -QUARTER_MS, QUARTER_MS, -DAY_MS, DAY_MS),
    fc.integer({ min: -QUARTER_MS, max: QUARTER_MS }),
    fc.integer({ min: -40 * DAY_MS, max: 2 * DAY_MS }),
  ),
})
const whose = fc.record({
  user: fc.constantFrom(...IDS.user),
  key: fc.constantFrom(...IDS.key),
  provider: fc.constantFrom(...IDS.provider),
  model: fc.constantFrom(...IDS.model),
  team: fc.constantFrom('a', 'b', null),
})
/** A call, an event that was told later or ahead of time, or a call that is still open. */
const aThing = fc.record({
  kind: fc.constantFrom('call', 'event', 'event', 'hold'),
  whose,
  counted: anInstant,
  occurred: anInstant,
  tokens: fc.option(fc.nat({ max: 1_000 })),
  elsewhere: fc.constantFrom(undefined, undefined, 30),
  cost: fc.option(fc.bigInt({ min: 0n, max: 2n ** 50n })),
  ending: fc.constantFrom('settled', 'settled', 'voided'),
})
const aRule = fc.record({
  scope: fc.constantFrom(...SCOPES),
  which: fc.constantFrom(0, 1),
  metric: fc.constantFrom(...METRICS),
  window: fc.constantFrom(...WINDOWS),
})
const aPast = fc.record({
  now: fc.constantFrom(...NOWS),
  things: fc.array(aThing, { minLength: 5, maxLength: 40 }),
  rules: fc.uniqueArray(aRule, { minLength: 10, maxLength: 20, selector: (rule) => JSON.stringify(rule) }),
})
type Past = typeof aPast extends fc.Arbitrary<infer T> ? T : never
type Thing = Past['things'][number]

const DEFAULT_RUNS = 25

/** What a new limit starts from, however an engine adds it up: exactly what its entries and open holds say. */
export function seedConformance(makePlace: MakePlace, runs = DEFAULT_RUNS): void {
  describe('counters of new limits', () => {
    const { newPlace } = placesOf(makePlace)

    test('M43: start from the sum of all entries and open holds, also of those told late, at every edge of every window', async () => {
      const place = await newPlace()
      const clock = { now: 0 }
      const [store, model] = [await place.open({ nowMs: () => clock.now }), referenceStore({ nowMs: () => clock.now })]
      let pasts = 0
      const property = fc.asyncProperty(aPast, async ({ now, things, rules }) => {
        clock.now = now
        // Each past has a tenant of its own.
        const tenantId = `tenant-${++pasts}`
        const limits = rules.map((rule, index) => limitOf(rule, tenantId, index))
        for (const stores of [store, model]) {
          await live(stores, tenantId, now, things)
          const putLimits = { limits, atMs: now }
          const { version } = await stores.accounts.tenant(tenantId)
          const answer = await stores.accounts.commit({ tenantId, expectVersion: version, putLimits })
          expect(answer).toMatchObject({ kind: 'committed' })
        }
        for (const limit of limits) {
          const of = (stores: Stores) => stores.ledger.counter(counterAt(limit, now), now)
          expect([limit, await of(store)]).toEqual([limit, await of(model)])
        }
      })
      await fc.assert(property, { numRuns: Number(process.env.STORE_DIFFERENTIAL_RUNS ?? runs) })
    }, 3_600_000)

    test('M43: what is committed while the limit of a label is put is counted once, whoever writes it', async () => {
      const place = await newPlace()
      const open = () => place.open({ nowMs: () => NOON_MS })
      const [one, other] = [await open(), await open()]
      let events = 0
      const event = () => ingestOf({ id: `event-${++events}`, labels: { team: 'a' } }, undefined)
      await one.ledger.commit('writer-1', Array.from({ length: 200 }, event))
      let there = events
      for (const [index, metric] of [...METRICS, ...METRICS].entries()) {
        const window = index < METRICS.length ? WINDOWS[0]! : WINDOWS.at(-1)!
        const limit = aLimit({ id: `limit-${index}`, scope: { kind: 'label', id: 'team=a' }, metric, window })
        const { version } = await one.accounts.tenant('acme')
        const state = { isOver: false }
        const put = one.accounts
          .commit({ tenantId: 'acme', expectVersion: version, putLimits: { limits: [limit], atMs: NOON_MS } })
          .finally(() => {
            state.isOver = true
          })
        // A writer that has written before, and one that begins now.
        const writing = [[one, 'writer-1'] as const, [other, `writer-of-${index}`] as const]
        const commitMeanwhile = async ([{ ledger }, writerId]: (typeof writing)[number]) => {
          while (!state.isOver) {
            // What comes after the limit would have to move its counter by itself.
            const [answer] = await ledger.commit(writerId, [{ ...event(), expectTenantVersion: version }])
            if (answer!.kind === 'committed') there++
            await new Promise(setImmediate)
          }
        }
        await Promise.all(writing.map(commitMeanwhile))
        expect(await put).toMatchObject({ kind: 'committed' })
        const { settled } = await one.ledger.counter(counterAt(limit), NOON_MS)
        expect([limit.id, settled]).toEqual([limit.id, amountsOf(event().entry!)[metric] * BigInt(there)])
      }
    }, 60_000)
  })
}

function limitOf({ scope, which, metric, window }: Past['rules'][number], tenantId: string, index: number): Limit {
  // Another's id names nobody within a tenant.
  const id = scope === 'tenant' ? [tenantId, 'another'][which]! : IDS[scope][which]
  return aLimit({ id: `limit-${index}`, tenantId, scope: { kind: scope, id }, metric, window, mode: 'soft' })
}

async function live({ ledger }: Stores, tenantId: string, now: number, things: readonly Thing[]): Promise<void> {
  const plans = things.map((thing, index) => {
    const { kind, whose: who, tokens, elsewhere, cost, ending } = thing
    const countedAtMs = instantOf(thing.counted, now)
    const subject = {
      ...{ id: `${tenantId}-${index}`, tenantId, userId: who.user, keyId: who.key },
      ...{ provider: who.provider, model: who.model, labels: who.team === null ? {} : { team: who.team } },
    }
    if (kind === 'hold') {
      const bound = { inputTokens: tokens ?? 0, outputTokens: 1 }
      return reserveOf(aHold({ ...subject, countedAtMs, bound, boundCostNanoUsd: cost }), [])
    }
    const usage: Entry['usage'] = {
      buckets: tokens === null ? {} : { inUncached: tokens, outText: 1 },
      ...(elsewhere !== undefined && { elsewhere: [{ model: 'm', buckets: { outText: elsewhere } }] }),
    }
    const occurredAtMs = kind === 'call' ? countedAtMs : instantOf(thing.occurred, now)
    return ingestOf(
      {
        ...subject,
        countedAtMs,
        occurredAtMs,
        usage,
        costNanoUsd: cost,
        ending: kind === 'call' ? ending : 'ingested',
      },
      undefined,
    )
  })
  await ledger.commit('writer-1', plans)
}

function instantOf({ window, edge, offsetMs }: Thing['counted'], now: number): number {
  const atMs = edge === 'now' || window.kind !== 'calendar' ? now : rangeAt(window, now)[edge]
  return atMs + offsetMs
}
