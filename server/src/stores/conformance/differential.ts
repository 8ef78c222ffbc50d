import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { CHANNELS } from '../../core/delivery.ts'
import {
  aCrossing,
  aHold,
  aKey,
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
import { CALENDAR_UNITS, type Window } from '../../core/window.ts'
import { EVIDENCE } from '../../core/usage.ts'
import type { HoldEnd } from '../../core/hold.ts'
import { METRICS, type Limit, SCOPES, type ScopeKind } from '../../core/limit.ts'
import { OUTCOMES } from '../../core/entry.ts'
import type { Plan } from '../../core/plan.ts'
import { dump } from './dump.ts'
import type { MakePlace } from './place.ts'
import { referenceStore, type Stores } from './reference.ts'
import { placesOf } from './suite.ts'

/** Ids of a small world, so that random steps meet each other. */
export const TENANTS = ['acme', 'other']
const WRITERS = ['writer-1', 'writer-2']
const IDS: Readonly<Record<ScopeKind, readonly string[]>> = {
  tenant: TENANTS,
  user: ['ann', 'bob/ü %'],
  key: ['key-ann', 'key-bob'],
  provider: ['sim'],
  model: ['sim-small', 'sim-large'],
  label: ['team=books', `a"b=Zoë=\\ '%`],
}
const WINDOWS: readonly Window[] = [
  { kind: 'lifetime' },
  { kind: 'minute' },
  ...CALENDAR_UNITS.map((unit) => ({ kind: 'calendar', unit, zone: 'America/St_Johns' }) as const),
]

/** Plans as they are asked for; what they become depends on what is there, which is the same in both stores. */
const limitIndex = fc.nat({ max: 7 })
const subject = fc.record({
  tenantId: fc.constantFrom(...TENANTS),
  userId: fc.constantFrom(...IDS.user),
  keyId: fc.constantFrom(...IDS.key),
  model: fc.constantFrom(...IDS.model),
  labels: fc.constantFrom<Record<string, string>>({}, {}, { team: 'books' }, { 'a"b=Zoë': `\\ '%`, team: 'x' }),
})
const reserveStep = fc.record({
  kind: fc.constant('reserve' as const),
  hold: fc.nat({ max: 12 }),
  subject,
  tokens: fc.nat({ max: 400 }),
  cost: fc.option(fc.bigInt({ min: 0n, max: 2n ** 60n })),
  limits: fc.uniqueArray(limitIndex, { maxLength: 4 }),
  ceiling: fc.option(fc.bigInt({ min: 0n, max: 1_500n })),
  versionOff: fc.constantFrom(undefined, undefined, 0, 0, 1),
})
const endStep = fc.record({
  kind: fc.constant('end' as const),
  hold: fc.nat({ max: 12 }),
  end: fc.oneof(
    fc.record({
      kind: fc.constant('settle' as const),
      tokens: fc.option(fc.nat({ max: 500 })),
      elsewhere: fc.constantFrom(undefined, undefined, 30),
      outcome: fc.constantFrom(...OUTCOMES),
      evidence: fc.constantFrom(...EVIDENCE),
      cost: fc.option(fc.bigInt({ min: 0n, max: 2n ** 55n })),
    }),
    fc.record({ kind: fc.constant('void' as const) }),
    fc.record({ kind: fc.constant('expire' as const) }),
  ),
  versionOff: fc.constantFrom(0, 0, 0, 1),
})
const ingestStep = fc.record({
  kind: fc.constant('ingest' as const),
  id: fc.nat({ max: 8 }),
  digest: fc.constantFrom('a', 'b'),
  subject,
  agoMs: fc.nat({ max: 90_000_000 }),
  limits: fc.uniqueArray(limitIndex, { maxLength: 3 }),
})
/** Refusals and crossings, alone as most of them come, or together with another plan. */
const refuseStep = fc.record({
  kind: fc.constant('refuse' as const),
  tenantId: fc.constantFrom(...TENANTS),
  refusals: fc.array(
    fc.record({
      id: fc.nat({ max: 400 }).map((id) => `refusal-${id}`),
      userId: fc.constantFrom(...IDS.user),
      model: fc.constantFrom(null, ...IDS.model),
      code: fc.constantFrom('limit_reached' as const, 'rate_limited' as const),
      limitId: fc.constantFrom(null, 'limit-1'),
      shadow: fc.boolean(),
      count: fc.integer({ min: 1, max: 9 }),
    }),
    { maxLength: 60 },
  ),
  crossings: fc.array(fc.nat({ max: 3 }), { maxLength: 3 }),
  isTold: fc.boolean(),
})
const commitStep = fc.record({
  kind: fc.constant('commit' as const),
  writer: fc.constantFrom(...WRITERS),
  plans: fc.array(fc.oneof(reserveStep, endStep, ingestStep, refuseStep), { minLength: 1, maxLength: 6 }),
})
const limitStep = fc.record({
  kind: fc.constant('limit' as const),
  tenantId: fc.constantFrom(...TENANTS),
  scope: fc.constantFrom(...SCOPES),
  metric: fc.constantFrom(...METRICS),
  window: fc.constantFrom(...WINDOWS),
  which: fc.nat({ max: 1 }),
  amount: fc.option(fc.bigInt({ min: 0n, max: 2n ** 62n })),
  stale: fc.constantFrom(0, 0, 0, 1),
})
const accountStep = fc.record({
  kind: fc.constant('account' as const),
  tenantId: fc.constantFrom(...TENANTS),
  user: fc.constantFrom(...IDS.user),
  key: fc.option(fc.constantFrom(...IDS.key)),
  revoke: fc.option(fc.constantFrom(...IDS.key)),
})
const timeStep = fc.record({
  kind: fc.constant('time' as const),
  passMs: fc.oneof(fc.nat({ max: 8_000 }), fc.nat({ max: 70_000 }), fc.nat({ max: 4_000_000 })),
  lease: fc.constantFrom(...WRITERS),
})
const step = fc.oneof({ weight: 6, arbitrary: commitStep }, limitStep, accountStep, timeStep)
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never
type PlanStep =
  typeof commitStep extends fc.Arbitrary<infer T extends { plans: unknown[] }> ? T['plans'][number] : never

/** A random life of a ledger. */
export const life = fc.array(step, { minLength: 10, maxLength: 60 })

const DEFAULT_RUNS = 25

/**
 * Random lives of a ledger, in a store and in the model: the same answers, and in the end the same content. An engine
 * that takes long over each of them may live fewer.
 */
export function differentialConformance(makePlace: MakePlace, lives = DEFAULT_RUNS): void {
  describe('against the model', () => {
    const { newPlace } = placesOf(makePlace)

    test('M43: any plans in any order and any batches get the same answers and leave the same sums', async () => {
      const runs = Number(process.env.STORE_DIFFERENTIAL_RUNS ?? lives)
      const property = fc.asyncProperty(life, async (steps) => {
        const place = await newPlace()
        const clock = { now: NOON_MS }
        const store = await place.open({ nowMs: () => clock.now })
        const model = referenceStore({ nowMs: () => clock.now })
        const minutes = await live(steps, store, model, clock)
        expect(await dump(store, TENANTS, minutes)).toEqual(await dump(model, TENANTS, minutes))
        await place.remove()
      })
      await fc.assert(property, { numRuns: runs })
    }, 3_600_000)
  })
}

/** Lives a life in a store and in the model, which answer alike. Answers the counters of sliding minutes. */
export async function live(steps: readonly Step[], store: Stores, model: Stores, clock: { now: number }) {
  const limits: Limit[] = []
  for (const tenantId of TENANTS) for (const stores of [store, model]) await stores.accounts.tenant(tenantId)
  for (const one of steps) {
    const take = await prepare(one, model, { clock, limits })
    expect(await take(store)).toEqual(await take(model))
  }
  return limits.filter(({ window }) => window.kind === 'minute').map((limit) => counterAt(limit))
}

interface World {
  readonly clock: { now: number }
  /** Every limit that was put, also by attempts that failed. */
  readonly limits: Limit[]
}

/** Makes of a step what can be done to both stores alike. */
async function prepare(one: Step, model: Stores, world: World): Promise<(stores: Stores) => Promise<unknown>> {
  switch (one.kind) {
    case 'commit': {
      const plans = await Promise.all(one.plans.map((plan) => planOf(plan, one.writer, model, world)))
      return async ({ ledger }) => {
        const checked = await Promise.all(plans.map((plan) => ledger.check(plan)))
        const answers = await ledger.commit(one.writer, plans)
        // The first is judged by what the check saw; those after it come upon what the first has changed.
        const [first] = answers
        expect(first?.kind === 'committed' ? { ...first, seq: null } : first).toEqual(checked[0])
        return { checked, answers }
      }
    }
    case 'limit': {
      const { tenantId, metric, window, amount } = one
      const scope = { kind: one.scope, id: IDS[one.scope][one.which] ?? IDS[one.scope][0]! }
      const id = JSON.stringify([scope, metric, window])
      const limit = aLimit({ id, tenantId, scope, metric, window, amount, mode: 'hard' })
      const expectVersion = (await model.accounts.tenant(tenantId)).version + one.stale
      world.limits.push(limit)
      const putLimits = { limits: [limit], atMs: world.clock.now }
      return ({ accounts }) => accounts.commit({ tenantId, expectVersion, putLimits })
    }
    case 'account': {
      const { tenantId, user, key, revoke } = one
      const { version } = await model.accounts.tenant(tenantId)
      const createKey = key && aKey({ id: key, hash: `${tenantId}-${key}`, tenantId, userId: user })
      const plan = {
        tenantId,
        expectVersion: version,
        ...(createKey ? { createKey } : { createUser: { id: user, tenantId, createdAtMs: NOON_MS } }),
        ...(revoke && { revokeKey: { id: revoke, atMs: world.clock.now } }),
      }
      return async ({ accounts }) => {
        const answer = await accounts.commit(plan)
        return [answer, await accounts.identity(`${tenantId}-${IDS.key[0]}`)]
      }
    }
    case 'time':
      world.clock.now += one.passMs
      return async ({ ledger }) => {
        await ledger.renewLease(one.lease, 30_000)
        return ledger.orphanedHolds(5)
      }
  }
}

async function planOf(one: PlanStep, writerId: string, model: Stores, { clock, limits }: World): Promise<Plan> {
  const some = (indexes: readonly number[], tenantId: string) => {
    const own = limits.filter((limit) => limit.tenantId === tenantId)
    const chosen = own.filter((_, index) => indexes.includes(index))
    return [...new Map(chosen.map((limit) => [counterAt(limit, clock.now), limit])).values()]
  }
  switch (one.kind) {
    case 'reserve': {
      const { tenantId } = one.subject
      const bound = { inputTokens: one.tokens, outputTokens: 1 }
      const id = `hold-${one.hold}`
      const hold = aHold({ ...one.subject, id, writerId, bound, boundCostNanoUsd: one.cost, countedAtMs: clock.now })
      const bounded = some(one.limits, tenantId).map((limit) => ({ ...limit, amount: one.ceiling }))
      const expected = { expectTenantVersion: (await model.accounts.tenant(tenantId)).version + (one.versionOff ?? 0) }
      return { ...reserveOf(hold, bounded), ...(one.versionOff !== undefined && expected) }
    }
    case 'end': {
      const hold = (await model.ledger.hold(`hold-${one.hold}`)) ?? aHold({ id: `hold-${one.hold}` })
      return endOf({ ...hold, version: hold.version + one.versionOff }, holdEnd(one.end))
    }
    case 'refuse': {
      const refusals = one.refusals.map(({ count, ...over }) => {
        // The place of a refusal in time follows from its id, as its id is made of the instant.
        const atMs = NOON_MS + (Number(over.id.split('-')[1]) % 2) * 900_000
        return { count, refusal: aRefusal({ ...over, tenantId: one.tenantId, atMs }) }
      })
      return {
        ...{ tenantId: one.tenantId, adds: [], rollups: [] },
        refusals: {
          counts: refusals.map(({ count, refusal }) => countOf(refusal, count)),
          samples: refusals.map(({ refusal }) => refusal),
        },
        crossings: one.crossings.map((id) =>
          aCrossing({ id: `crossing-${id}`, tenantId: one.tenantId, atMs: clock.now }),
        ),
        ...(one.isTold && { tellOver: CHANNELS }),
      }
    }
    case 'ingest': {
      const id = `event-${one.id}-${one.digest}`
      const over = { ...one.subject, id, countedAtMs: clock.now, occurredAtMs: clock.now - one.agoMs }
      const key = { source: 'sdk', id: `event-${one.id}`, digest: one.digest }
      return ingestOf(over, key, some(one.limits, one.subject.tenantId))
    }
  }
}

function holdEnd(end: Extract<PlanStep, { kind: 'end' }>['end']): HoldEnd {
  if (end.kind === 'void') return { kind: 'void', reading: { httpStatus: 500, durationMs: 3 } }
  if (end.kind === 'expire') return { kind: 'expire' }
  const { outcome, evidence, tokens, elsewhere, cost } = end
  const usage = {
    buckets: tokens === null ? {} : { inUncached: 0, outText: tokens },
    ...(elsewhere !== undefined && {
      serviceTier: 'flex',
      elsewhere: [{ model: 'm', buckets: { outText: elsewhere } }],
    }),
  }
  return { kind: 'settle', reading: aReading({ outcome, evidence, usage, costNanoUsd: cost }) }
}
