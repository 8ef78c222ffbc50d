import { describe, expect, test } from 'vitest'
import { counterId, counterOf } from '../../core/counter.ts'
import { crossed } from '../../core/crossing.ts'
import type { Plan } from '../../core/plan.ts'
import type { RefusalQuery } from '../../core/ports/report-store.ts'
import { MOST_SAMPLES_PER_QUARTER, type Refusal, type RefusalBatch } from '../../core/refusal.ts'
import { GRAINS } from '../../core/rollup.ts'
import { dump } from './dump.ts'
import { aCrossing, aHold, aLimit, aRefusal, countOf, endOf, ingestOf, NOON_MS, reserveOf } from './fixtures.ts'
import type { MakePlace } from './place.ts'
import type { Stores } from './reference.ts'
import { placesOf } from './suite.ts'

const ALWAYS = { startMs: 0, endMs: NOON_MS * 2 }
const COMMITTED = { kind: 'committed', seq: null }

/** What the ports promise of refusals, crossings and of asking beforehand, on any engine. */
export function refusalConformance(makePlace: MakePlace): void {
  describe('refusals, crossings and checks', () => {
    const { newPlace, newStores } = placesOf(makePlace)

    test('a sample comes back as it was given, newest first, in pages that stay put, and filtered', async () => {
      const stores = await newStores()
      const samples = [
        aRefusal({ id: 'b', message: `Où ça? 🇳🇱 ' "`, details: { asked: 2 ** 53 - 1, amount: '9007199254740993' } }),
        aRefusal({ id: 'a', provider: null, model: null, limitId: null, code: 'unauthenticated', userId: 'bob' }),
        aRefusal({ id: 'c', atMs: NOON_MS - 1, shadow: true, callId: 'call-2' }),
        aRefusal({ id: 'n', atMs: NOON_MS + 1, details: {} }),
      ]
      await refuse(stores, samples)
      const [b, a, c, n] = samples
      expect(await page(stores, {})).toStrictEqual([n, b, a, c])
      expect(await page(stores, { limit: 2 })).toEqual([n, b])
      await refuse(stores, [aRefusal({ id: 'newer', atMs: NOON_MS + 2 })])
      expect(await page(stores, { before: b! })).toEqual([a, c])
      expect(await page(stores, { userId: 'bob' })).toEqual([a])
      expect(await page(stores, { code: 'unauthenticated' })).toEqual([a])
      expect(await page(stores, { callId: 'call-2' })).toEqual([c])
      expect(await page(stores, { userId: 'ann', before: b! })).toEqual([c])
      expect(await stores.reports.refusals({ tenantId: 'other', limit: 9 })).toEqual([])
      // It is kept once, whatever comes under its id later.
      await refuse(stores, [{ ...c!, message: 'another' }])
      expect(await page(stores, { callId: 'call-2' })).toEqual([c])
    })

    test('counts add up by reason and whom, in half-open ranges, also of two instances at once', async () => {
      const place = await newPlace()
      const [one, other] = [await place.open(), await place.open()]
      const kinds = [
        aRefusal(),
        aRefusal({ userId: 'bob' }),
        aRefusal({ model: null }),
        aRefusal({ code: 'rate_limited' }),
        aRefusal({ limitId: null }),
        aRefusal({ shadow: true }),
      ]
      const later = aRefusal({ atMs: NOON_MS + GRAINS.quarter })
      const counts = [...kinds, later].map((kind, index) => countOf(kind, index + 1))
      const plan = refusalPlan({ counts: [...counts, ...counts], samples: [] })
      const foreign = refusalPlan({ counts: [countOf(aRefusal({ tenantId: 'other' }), 1)], samples: [] })
      await Promise.all(
        [one, other, one, other].map((stores, index) =>
          stores.ledger.commit(`writer-${index % 2}`, [plan, foreign, plan]),
        ),
      )
      const sums = async (startMs: number, endMs: number) => {
        const rows = await one.reports.refusalCounts('acme', { startMs, endMs })
        return new Map(rows.map(({ count, ...of }) => [keyOf(of), count]))
      }
      const start = countOf(aRefusal(), 0).startMs
      for (const of of [{}, { userId: 'bob' }, { model: 'sim-small' }, { userId: 'bob', model: 'none' }]) {
        const range = { startMs: start, endMs: start + GRAINS.quarter }
        const reasons = await one.reports.refusalReasons({ tenantId: 'acme', range, ...of })
        const those = (await one.reports.refusalCounts('acme', range)).filter((count) =>
          Object.entries(of).every(([name, value]) => count[name as keyof typeof of] === value),
        )
        for (const { code, shadow } of those) {
          const same = those.filter((count) => count.code === code && count.shadow === shadow)
          const count = same.reduce((sum, each) => sum + each.count, 0)
          expect(reasons.filter((reason) => reason.code === code && reason.shadow === shadow)).toEqual([
            { code, shadow, count },
          ])
        }
        expect(reasons).toHaveLength(new Set(those.map(({ code, shadow }) => `${code} ${shadow}`)).size)
      }
      const expected = kinds.map((kind, index) => [keyOf(sumOf(kind)), (index + 1) * 16] as const)
      expect(await sums(start, start + GRAINS.quarter)).toEqual(new Map(expected))
      expect(await sums(start + GRAINS.quarter, ALWAYS.endMs)).toEqual(new Map([[keyOf(sumOf(later)), 7 * 16]]))
      expect((await sums(start, start + 2 * GRAINS.quarter)).get(keyOf(sumOf(later)))).toBe(8 * 16)
      expect(await sums(0, start)).toEqual(new Map())
    })

    test('samples are kept up to a cap for each tenant and quarter of an hour, and counted beyond it', async () => {
      const place = await newPlace()
      const [one, other] = [await place.open(), await place.open()]
      const quarterMs = Math.floor(NOON_MS / GRAINS.quarter) * GRAINS.quarter
      const some = (prefix: string, over: Partial<Refusal>) =>
        Array.from({ length: 150 }, (_, index) => aRefusal({ id: `${prefix}-${index}`, ...over }))
      await Promise.all([
        refuse(one, some('a', { atMs: quarterMs })),
        refuse(other, some('b', { atMs: quarterMs + GRAINS.quarter - 1 })),
        refuse(one, some('c', { atMs: quarterMs + GRAINS.quarter })),
        refuse(other, some('d', { tenantId: 'other', atMs: quarterMs })),
      ])
      const kept = await page(one, { limit: 1_000 })
      expect(kept.filter(({ atMs }) => atMs < quarterMs + GRAINS.quarter)).toHaveLength(MOST_SAMPLES_PER_QUARTER)
      expect(kept).toHaveLength(MOST_SAMPLES_PER_QUARTER + 150)
      expect(await one.reports.refusals({ tenantId: 'other', limit: 1_000 })).toHaveLength(150)
      const counts = await one.reports.refusalCounts('acme', ALWAYS)
      expect(counts.reduce((sum, { count }) => sum + count, 0)).toBe(450)
    })

    test('A01: a threshold is crossed once for each window, whoever puts it and however often', async () => {
      const place = await newPlace()
      const [one, other] = [await place.open(), await place.open()]
      const put = ({ ledger }: Stores, atMs: number) =>
        ledger.commit('writer-1', [
          {
            tenantId: 'acme',
            adds: [],
            rollups: [],
            crossings: [aCrossing({ atMs }), aCrossing({ id: 'x', atMs: 1 })],
          },
        ])
      expect(await put(one, NOON_MS)).toEqual([COMMITTED])
      const answers = await Promise.all([put(other, NOON_MS + 1), put(one, NOON_MS + 2)])
      expect(answers.flat()).toEqual([COMMITTED, COMMITTED])
      const rows = [aCrossing(), aCrossing({ id: 'x', atMs: 1 })]
      expect(await other.reports.crossings('acme', 9)).toStrictEqual(rows)
      expect(await other.reports.crossings('acme', 1)).toEqual(rows.slice(0, 1))
      expect(await other.reports.crossings('other', 9)).toEqual([])
      const theirs = aCrossing({ tenantId: 'other' })
      await one.ledger.commit('writer-1', [{ tenantId: 'other', adds: [], rollups: [], crossings: [theirs] }])
      expect(await other.reports.crossings('other', 9)).toEqual([theirs])
    })

    test('the windows of one limit are crossed apart from each other', async () => {
      const stores = await newStores()
      const limit = aLimit({ window: { kind: 'calendar', unit: 'day', zone: 'UTC' }, thresholds: [50, 100] })
      for (const [day, settled] of [500n, 1_000n, 499n].entries()) {
        const atMs = NOON_MS + day * 86_400_000
        const crossings = crossed(limit, counterId(counterOf(limit, atMs)), { settled, held: 900n }, atMs)
        await stores.ledger.commit('writer-1', [{ tenantId: 'acme', adds: [], rollups: [], crossings }])
      }
      const crossings = await stores.reports.crossings('acme', 9)
      expect(crossings.map(({ threshold, settled }) => [threshold, settled])).toEqual([
        [50, 1_000n],
        [100, 1_000n],
        [50, 500n],
      ])
    })

    test('what a plan that is not committed says of refusals and crossings is not there either', async () => {
      const stores = await newStores()
      const refusals = { counts: [countOf(aRefusal(), 1)], samples: [aRefusal()] }
      const plan = { ...reserveOf(aHold(), [aLimit({ amount: 99n })]), refusals, crossings: [aCrossing()] }
      expect(await stores.ledger.commit('writer-1', [plan])).toMatchObject([{ kind: 'missed' }])
      expect(await page(stores, {})).toEqual([])
      expect(await stores.reports.refusalCounts('acme', ALWAYS)).toEqual([])
      expect(await stores.reports.crossings('acme', 9)).toEqual([])
    })

    test('a check answers what a commit would, of each kind, and changes nothing', async () => {
      const stores = await newStores({ nowMs: () => NOON_MS })
      await stores.accounts.tenant('acme')
      const limits = [
        aLimit({ amount: 150n }),
        aLimit({ id: 'limit-2', metric: 'requests', window: { kind: 'minute' } }),
      ]
      const first = reserveOf(aHold(), limits)
      const event = ingestOf({ id: 'event' }, { source: 'sdk', id: '1', digest: 'd' }, limits)
      await stores.ledger.commit('writer-1', [first, event])
      const next = reserveOf(aHold({ id: 'next', bound: { inputTokens: 20, outputTokens: 0 } }), limits)
      const plans: Plan[] = [
        { ...next, expectTenantVersion: 2 },
        first,
        endOf({ ...first.open, version: 9 }),
        { ...event, entry: { ...event.entry!, id: 'another' } },
        reserveOf(aHold({ id: 'too-much' }), limits),
        next,
        endOf(first.open),
        refusalPlan({ counts: [countOf(aRefusal(), 1)], samples: [aRefusal()] }),
      ]
      const before = [await dump(stores, ['acme']), await stores.ledger.watermark()]
      const answers = await Promise.all(plans.map((plan) => stores.ledger.check(plan)))
      expect([await dump(stores, ['acme']), await stores.ledger.watermark()]).toEqual(before)
      expect(answers.map(({ kind }) => kind)).toEqual([
        ...['stale', 'stale', 'stale', 'duplicate', 'missed', 'committed', 'committed', 'committed'],
      ])
      for (const [index, plan] of plans.entries()) {
        const [answer] = await stores.ledger.commit('writer-1', [plan])
        expect(answer!.kind === 'committed' ? COMMITTED : answer).toEqual(answers[index])
      }
    })
  })
}

function refuse({ ledger }: Stores, samples: readonly Refusal[]) {
  const byTenant = Map.groupBy(samples, ({ tenantId }) => tenantId)
  const plans = [...byTenant.values()].map((own) =>
    refusalPlan({ counts: own.map((sample) => countOf(sample, 1)), samples: own }),
  )
  return ledger.commit('writer-1', plans)
}

function refusalPlan(refusals: RefusalBatch): Plan {
  const tenantId = [...refusals.counts, ...refusals.samples][0]!.tenantId
  return { tenantId, adds: [], rollups: [], refusals }
}

function page({ reports }: Stores, query: Partial<RefusalQuery>): Promise<readonly Refusal[]> {
  return reports.refusals({ tenantId: 'acme', limit: 100, ...query })
}

/** What counts are kept by, of a refusal. */
function sumOf({ tenantId, userId, model, code, limitId, shadow }: Refusal) {
  return { tenantId, userId, model, code, limitId, shadow }
}

function keyOf(of: ReturnType<typeof sumOf>): string {
  const { tenantId, userId, model, code, limitId, shadow } = of
  return JSON.stringify([tenantId, userId, model, code, limitId, shadow])
}
