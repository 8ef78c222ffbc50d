import { describe, expect, test } from 'vitest'
import type { AccountAnswer, AccountPlan } from '../../core/account.ts'
import { type CounterValue, parseCounterId } from '../../core/counter.ts'
import { amountsOf } from '../../core/entry.ts'
import { SCOPES, METRICS, type Limit } from '../../core/limit.ts'
import type { Window } from '../../core/window.ts'
import { aHold, aKey, aLimit, aReading, counterAt, endOf, ingestOf, NOON_MS, reserveOf } from './fixtures.ts'
import type { MakePlace } from './place.ts'
import type { Stores } from './reference.ts'
import { placesOf } from './suite.ts'

const KEY = aKey()
const ANN = { id: 'ann', tenantId: 'acme', createdAtMs: NOON_MS }

/** What the accounts' port promises (core/ports/account-store.ts), on any engine. */
export function accountConformance(makePlace: MakePlace): void {
  describe('account store', () => {
    const { newPlace, newStores } = placesOf(makePlace)

    test('a tenant is created at version 1, once, also by two instances', async () => {
      const place = await newPlace()
      const [one, other] = [await place.open(), await place.open()]
      const tenants = await Promise.all([one.accounts.tenant('acme'), other.accounts.tenant('acme')])
      expect(tenants).toEqual([
        { id: 'acme', version: 1 },
        { id: 'acme', version: 1 },
      ])
    })

    test('a key stands for its user and the limits that can bind it, under one version', async () => {
      const stores = await newStores()
      const own = [
        aLimit({ id: 'a' }),
        aLimit({ id: 'b', scope: { kind: 'key', id: 'key-ann' }, amount: null, mode: 'soft' }),
        aLimit({ id: 'c', scope: { kind: 'model', id: 'sim-small' }, amount: 9_007_199_254_740_993n, mode: 'shadow' }),
        aLimit({ id: 'd', window: { kind: 'calendar', unit: 'week', zone: 'Asia/Kathmandu' } }),
        aLimit({
          id: 'e',
          scope: { kind: 'tenant', id: 'acme' },
          window: { kind: 'minute' },
          thresholds: [80, 95, 100],
        }),
        aLimit({ id: 'e2', scope: { kind: 'label', id: 'team=books' }, thresholds: [] }),
      ]
      const others = [
        aLimit({ id: 'f', scope: { kind: 'user', id: 'bob' } }),
        aLimit({ id: 'g', scope: { kind: 'key', id: 'k' } }),
      ]
      const putLimits = { limits: [...own, ...others], atMs: NOON_MS }
      expect(await change(stores, { createUser: ANN, createKey: KEY, putLimits })).toEqual({
        kind: 'committed',
        version: 2,
      })
      expect(await stores.accounts.identity('hash-ann')).toEqual({
        tenant: { id: 'acme', version: 2 },
        user: ANN,
        key: KEY,
        limits: own,
      })
      expect(await stores.accounts.identity('hash-bob')).toBeUndefined()
    })

    test('a revoked key stands for nobody, and stays revoked since the first time', async () => {
      const stores = await newStores()
      await change(stores, { createUser: ANN, createKey: KEY })
      await change(stores, { revokeKey: { id: 'key-ann', atMs: 5 } })
      await change(stores, { revokeKey: { id: 'key-ann', atMs: 9 } })
      expect(await stores.accounts.identity('hash-ann')).toBeUndefined()
      expect(await stores.reports.keys('acme')).toEqual([{ ...KEY, revokedAtMs: 5 }])
    })

    test('a change from a stale version, of what exists or is missing, changes nothing', async () => {
      const stores = await newStores()
      await change(stores, { createUser: ANN, createKey: KEY, putLimits: { limits: [aLimit()], atMs: NOON_MS } })
      const bob = { ...ANN, id: 'bob' }
      expect(await stores.accounts.commit({ tenantId: 'acme', expectVersion: 1, createUser: bob })).toEqual({
        kind: 'stale',
      })
      const exists: Omit<AccountPlan, 'tenantId' | 'expectVersion'>[] = [
        { createUser: ANN },
        { createUser: bob, createKey: { ...KEY, userId: 'bob', hash: 'other' } },
        { createUser: bob, createKey: { ...KEY, userId: 'bob', id: 'other' } },
        { createUser: bob, putLimits: { limits: [aLimit({ id: 'other' })], atMs: NOON_MS } },
        { createUser: bob, putLimits: { limits: [aLimit({ metric: 'requests' })], atMs: NOON_MS } },
      ]
      for (const plan of exists) expect(await change(stores, plan)).toEqual({ kind: 'exists' })
      const orphan = { ...KEY, id: 'other', hash: 'other', userId: 'nobody' }
      expect(await change(stores, { createUser: bob, createKey: orphan })).toEqual({ kind: 'missing' })
      expect(await change(stores, { createUser: bob, revokeKey: { id: 'none', atMs: 1 } })).toEqual({ kind: 'missing' })
      expect(await stores.accounts.tenant('acme')).toEqual({ id: 'acme', version: 2 })
      expect(await stores.accounts.user('acme', 'bob')).toBeUndefined()
      expect(await stores.reports.limits('acme')).toEqual([aLimit()])
    })

    test('what one tenant has another neither sees nor stands in the way of', async () => {
      const stores = await newStores()
      await change(stores, { createUser: ANN, createKey: KEY, putLimits: { limits: [aLimit()], atMs: NOON_MS } })
      const theirs = { ...ANN, tenantId: 'other', createdAtMs: 7 }
      const key = { ...KEY, tenantId: 'other', hash: 'their-hash' }
      const limit = aLimit({ tenantId: 'other', amount: 5n })
      const plan = { createUser: theirs, createKey: key, putLimits: { limits: [limit], atMs: NOON_MS } }
      expect(await change(stores, plan, 'other')).toMatchObject({ kind: 'committed' })
      expect(await stores.accounts.identity('their-hash')).toMatchObject({ tenant: { id: 'other' }, limits: [limit] })
      expect(await change(stores, { revokeKey: { id: 'key-ann', atMs: 1 } }, 'other')).toMatchObject({
        kind: 'committed',
      })
      expect(await stores.accounts.identity('hash-ann')).toMatchObject({ user: ANN, limits: [aLimit()] })
      expect(await stores.accounts.user('other', 'ann')).toEqual(theirs)
    })

    test('a new limit starts from what entries and open holds say, in every scope, metric and window', async () => {
      const stores = await newStores({ nowMs: () => NOON_MS })
      const labels = { team: `Zoë's "a"=\\b`, other: 'x' }
      const open = aHold({ id: 'open', labels })
      const ended = endOf(aHold({ id: 'ended', labels }))
      const yesterday = ingestOf(
        { id: 'past', labels, occurredAtMs: NOON_MS - 86_400_000, costNanoUsd: null },
        undefined,
      )
      const lastYear = ingestOf({ id: 'old', labels, countedAtMs: NOON_MS - 4e10, occurredAtMs: NOON_MS }, undefined)
      const voided = endOf(aHold({ id: 'void', labels }), { kind: 'void', reading: { httpStatus: 503, durationMs: 1 } })
      const foreign = ingestOf({ id: 'foreign', labels, tenantId: 'other' }, undefined)
      const bobs = ingestOf(
        {
          id: 'bob',
          userId: 'bob',
          keyId: 'b',
          provider: 'b',
          model: 'b',
          labels: { team: 'Zoë', Zoë: 'team', x: labels.team },
        },
        undefined,
      )
      const reserves = ['open', 'ended', 'void'].map((id) => reserveOf(aHold({ id, labels }), []))
      await stores.ledger.commit('writer-1', [...reserves, ended, voided, yesterday, lastYear, foreign, bobs])
      const windows: Window[] = [
        { kind: 'lifetime' },
        { kind: 'minute' },
        ...(['hour', 'day', 'week', 'month'] as const).map(
          (unit) => ({ kind: 'calendar', unit, zone: 'Asia/Kolkata' }) as const,
        ),
      ]
      const label = `team=${labels.team}`
      const ids = { tenant: 'acme', user: 'ann', key: 'key-ann', provider: 'sim', model: 'sim-small', label }
      const limits = SCOPES.flatMap((kind) =>
        METRICS.flatMap((metric) =>
          windows.map((window, index) =>
            aLimit({ id: `${kind}-${metric}-${index}`, scope: { kind, id: ids[kind] }, metric, window }),
          ),
        ),
      )
      expect(await put(stores, ...limits)).toMatchObject({ kind: 'committed' })
      for (const limit of limits) {
        const entries = [ended, voided, yesterday, lastYear, ...(limit.scope.kind === 'tenant' ? [bobs] : [])]
        const inWindow = entries.filter((plan) => plan !== lastYear || limit.window.kind === 'lifetime')
        const settled = inWindow.reduce((sum, plan) => sum + amountsOf(plan.entry!)[limit.metric], 0n)
        const held = { tokens: 100n, requests: 1n, costNanoUsd: 500n }[limit.metric]
        expect([limit.id, await valueOf(stores, limit)]).toEqual([limit.id, { settled, held }])
      }
      const moved = (await stores.ledger.hold('open'))!
      expect(moved.version).toBe(limits.length + 1)
      expect(new Set(moved.counters)).toEqual(new Set(limits.map((limit) => counterAt(limit))))
      expect(await stores.ledger.commit('writer-1', [endOf(open)])).toEqual([{ kind: 'stale', what: 'hold' }])
      expect(await stores.ledger.commit('writer-1', [endOf(moved)])).toMatchObject([{ kind: 'committed' }])
      for (const limit of limits) expect((await valueOf(stores, limit)).held).toBe(0n)
    })

    test('editing a limit refills nothing, and neither does taking it away and putting it back', async () => {
      const stores = await newStores({ nowMs: () => NOON_MS })
      const minute = aLimit({ id: 'limit-2', metric: 'requests', window: { kind: 'minute' } })
      await put(stores, aLimit(), minute)
      const plan = reserveOf(aHold(), [aLimit(), minute])
      await stores.ledger.commit('writer-1', [plan])
      await put(stores, aLimit({ amount: null }), minute)
      await stores.ledger.commit('writer-1', [endOf(plan.open)])
      await put(stores, aLimit({ amount: 7n, mode: 'soft', thresholds: [50] }), { ...minute, amount: 1n })
      expect(await valueOf(stores, aLimit())).toEqual({ settled: 30n, held: 0n })
      expect(await valueOf(stores, minute)).toEqual({ settled: 1n, held: 0n })
      expect(await stores.reports.limits('acme')).toEqual([
        aLimit({ amount: 7n, mode: 'soft', thresholds: [50] }),
        { ...minute, amount: 1n },
      ])
    })

    test('a limit that reads the counter of another leaves it as it is', async () => {
      const stores = await newStores({ nowMs: () => NOON_MS })
      // In June, the hours of London and Paris are the same hours.
      const [paris, london] = [hourly('paris', 'Europe/Paris'), hourly('london', 'Europe/London')]
      expect(parseCounterId(counterAt(paris))).toEqual(parseCounterId(counterAt(london)))
      await put(stores, paris)
      const plan = reserveOf(aHold(), [paris])
      await stores.ledger.commit('writer-1', [plan, ingestOf({ id: 'event' }, undefined, [paris])])
      const before = await valueOf(stores, paris)
      await put(stores, london)
      expect(await valueOf(stores, london)).toEqual(before)
      expect(await stores.ledger.hold(plan.open.id)).toEqual(plan.open)
    })

    test('a setting is kept once: whoever comes later is told what is there', async () => {
      const place = await newPlace()
      const [one, other] = [await place.open(), await place.open()]
      expect(await one.accounts.setting('secret')).toBeUndefined()
      const kept = await Promise.all([
        one.accounts.keepSetting('secret', 'a'),
        other.accounts.keepSetting('secret', 'b'),
      ])
      expect(kept[0]).toBe(kept[1])
      expect(await other.accounts.setting('secret')).toBe(kept[0])
    })

    test('S44: a setting is replaced as it was seen: of all who saw the same, one does, and nothing is lost', async () => {
      const place = await newPlace()
      const [one, other] = [(await place.open()).accounts, (await place.open()).accounts]
      const race = async (seen: string | undefined, values: readonly [string, string]) => {
        const done = await Promise.all([
          one.replaceSetting('name', values[0], seen),
          other.replaceSetting('name', values[1], seen),
        ])
        expect(done.filter(Boolean)).toHaveLength(1)
        const there = await one.setting('name')
        expect(there).toBe(values[done[0] ? 0 : 1])
        return there
      }
      const first = await race(undefined, ['a', 'b'])
      await race(first, ['c', 'd'])
      expect(await other.replaceSetting('name', 'e', first)).toBe(false)
      expect(await other.replaceSetting('other', 'e', 'a')).toBe(false)
      expect(await one.setting('other')).toBeUndefined()
      const add = async (accounts: typeof one): Promise<void> => {
        const seen = await accounts.setting('sum')
        if (!(await accounts.replaceSetting('sum', `${Number(seen ?? 0) + 1}`, seen))) await add(accounts)
      }
      await Promise.all(Array.from({ length: 20 }, (_, index) => add(index % 2 ? one : other)))
      expect(await other.setting('sum')).toBe('20')
    })

    test('a change and the reserves beside it meet: no call slips past a limit that is put meanwhile', async () => {
      const place = await newPlace()
      const [one, other] = [await place.open(), await place.open()]
      await one.accounts.tenant('acme')
      const limit = aLimit({ amount: 250n })
      const reserves = (async () => {
        let admitted = 0
        for (let index = 0; index < 40; index++) {
          const { version } = await other.accounts.tenant('acme')
          const limits = await other.reports.limits('acme')
          const plan = { ...reserveOf(aHold({ id: `hold-${index}` }), limits), expectTenantVersion: version }
          // The limits may be newer than the version that was read before them, never older.
          const [answer] = await other.ledger.commit('writer-1', [plan])
          if (answer?.kind === 'committed') admitted++
        }
        return admitted
      })()
      await put(one, limit)
      const admitted = await reserves
      const { held } = await one.ledger.counter(counterAt(limit), NOON_MS)
      expect(held).toBe(BigInt(admitted) * 100n)
      const reading = aReading()
      for (let index = 0; index < 40; index++) {
        const hold = await one.ledger.hold(`hold-${index}`)
        if (hold) await one.ledger.commit('writer-1', [endOf(hold, { kind: 'settle', reading })])
      }
      expect(await one.ledger.counter(counterAt(limit), NOON_MS)).toEqual({ settled: BigInt(admitted) * 30n, held: 0n })
    })
  })
}

/** Commits under the version that is there. */
async function change(
  { accounts }: Stores,
  plan: Omit<AccountPlan, 'tenantId' | 'expectVersion'>,
  tenantId = 'acme',
): Promise<AccountAnswer> {
  return accounts.commit({ tenantId, expectVersion: (await accounts.tenant(tenantId)).version, ...plan })
}

function put(stores: Stores, ...limits: Limit[]): Promise<AccountAnswer> {
  return change(stores, { putLimits: { limits, atMs: NOON_MS } })
}

function valueOf({ ledger }: Stores, limit: Limit): Promise<CounterValue> {
  return ledger.counter(counterAt(limit), NOON_MS)
}

function hourly(id: string, zone: string): Limit {
  return aLimit({ id, window: { kind: 'calendar', unit: 'hour', zone } })
}
