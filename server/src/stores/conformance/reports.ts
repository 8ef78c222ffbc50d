import { describe, expect, test } from 'vitest'
import { addSums, bucketOf, CUBES, type Dimension, rollupsOf, type Sums } from '../../core/rollup.ts'
import { FOREVER_MS } from '../../core/window.ts'
import type { Entry } from '../../core/entry.ts'
import type { EntryQuery } from '../../core/ports/report-store.ts'
import { aHold, aLimit, aReading, ingestOf, NOON_MS, reserveOf } from './fixtures.ts'
import type { MakePlace } from './place.ts'
import { largest } from './largest.ts'
import { rareEntries } from './rare-entries.ts'
import type { Stores } from './reference.ts'
import { placesOf } from './suite.ts'

const DAY_MS = 86_400_000
const HOUR_MS = 3_600_000

const ingest = ({ ledger }: Stores, ...entries: Partial<Entry>[]) =>
  ledger.commit(
    'writer-1',
    entries.map((entry) => ingestOf(entry, undefined)),
  )

const idsOf = async ({ reports }: Stores, query: Omit<EntryQuery, 'tenantId'>) =>
  (await reports.entries({ tenantId: 'acme', ...query })).map(({ id }) => id)

/** What the reports' port promises (core/ports/report-store.ts), on any engine. */
export function reportConformance(makePlace: MakePlace): void {
  describe('report store', () => {
    const { newPlace, newStores } = placesOf(makePlace)

    test('entries come newest first, by id within one instant, and filtered', async () => {
      const stores = await newStores()
      await ingest(
        stores,
        { id: 'b', occurredAtMs: NOON_MS },
        { id: 'a', occurredAtMs: NOON_MS, userId: 'bob' },
        { id: 'c', occurredAtMs: NOON_MS, model: 'sim-large' },
        { id: 'z', occurredAtMs: NOON_MS - 1, outcome: 'cancelled' },
        { id: 'n', occurredAtMs: NOON_MS + 1, userId: 'bob', model: 'sim-large' },
      )
      expect(await idsOf(stores, { limit: 10 })).toEqual(['n', 'c', 'b', 'a', 'z'])
      expect(await idsOf(stores, { limit: 10, userId: 'bob' })).toEqual(['n', 'a'])
      expect(await idsOf(stores, { limit: 10, model: 'sim-large' })).toEqual(['n', 'c'])
      expect(await idsOf(stores, { limit: 10, userId: 'bob', model: 'sim-large' })).toEqual(['n'])
      expect(await idsOf(stores, { limit: 10, outcome: 'cancelled' })).toEqual(['z'])
      expect(await idsOf(stores, { limit: 10, userId: `bob' OR 1=1 --` })).toEqual([])
    })

    rareEntries(newStores)
    largest(newStores)

    test('each filter of entries keeps exactly those that are like it, and all of them together', async () => {
      const stores = await newStores()
      const asked = {
        ...{ userId: 'm', keyId: 'm', provider: 'm', model: 'm', callId: 'm' },
        ...({ outcome: 'cut', evidence: 'estimated' } as const),
      }
      const names = Object.keys(asked) as (keyof typeof asked)[]
      const others = names.flatMap((name) => {
        const values = { outcome: ['cancelled', 'upstream_error'], evidence: ['bounded', 'unknown'] }
        const [before, after] = name === 'outcome' || name === 'evidence' ? values[name] : ['a', 'z']
        return [before, after].map((value, index) => ({ ...asked, id: `${name}-${index}`, [name]: value }))
      })
      const inTime = [-1, 0, 99, 100].map((ms) => ({ ...asked, id: `at ${ms}`, occurredAtMs: NOON_MS + ms }))
      await ingest(stores, ...(others as Partial<Entry>[]), ...inTime)
      for (const name of names) {
        const wrong = [`${name}-0`, `${name}-1`]
        const found = await idsOf(stores, { limit: 99, [name]: asked[name] })
        expect(found.toSorted()).toEqual(
          [...others, ...inTime]
            .map(({ id }) => id)
            .filter((id) => !wrong.includes(id))
            .toSorted(),
        )
      }
      const range = { startMs: NOON_MS, endMs: NOON_MS + 100 }
      expect(await idsOf(stores, { limit: 99, ...asked, range })).toEqual(['at 99', 'at 0'])
      const before = { occurredAtMs: NOON_MS + 99, id: 'at 99' }
      expect(await idsOf(stores, { limit: 99, ...asked, range, before })).toEqual(['at 0'])
    })

    test('B30: what was quarantined is found alone, in its order, with any other filter', async () => {
      const stores = await newStores()
      await ingest(
        stores,
        { id: 'a', occurredAtMs: NOON_MS, quarantine: 'the buckets add up to 3' },
        { id: 'b', occurredAtMs: NOON_MS + 1 },
        { id: 'c', occurredAtMs: NOON_MS + 2, quarantine: '', model: 'sim-large' },
      )
      expect(await idsOf(stores, { limit: 9, quarantined: true })).toEqual(['c', 'a'])
      expect(await idsOf(stores, { limit: 9, quarantined: true, model: 'sim-large' })).toEqual(['c'])
      const range = { startMs: NOON_MS, endMs: NOON_MS + 2 }
      expect(await idsOf(stores, { limit: 9, quarantined: true, range })).toEqual(['a'])
      expect(
        await idsOf(stores, { limit: 9, quarantined: true, before: { occurredAtMs: NOON_MS + 2, id: 'c' } }),
      ).toEqual(['a'])
    })

    test('pages stay put while entries are added: none is shown twice, none of the first instant is left out', async () => {
      const stores = await newStores()
      const old = Array.from({ length: 23 }, (_, index) => ({
        id: `old-${index}`,
        occurredAtMs: NOON_MS + (index % 4),
      }))
      await ingest(stores, ...old)
      const seen: string[] = []
      for (let before: EntryQuery['before'] | undefined, pages = 0; ; pages++) {
        const page = await stores.reports.entries({ tenantId: 'acme', limit: 5, ...(before && { before }) })
        if (page.length === 0) break
        seen.push(...page.map(({ id }) => id))
        before = page.at(-1)!
        await ingest(
          stores,
          { id: `new-${pages}`, occurredAtMs: NOON_MS + 9 },
          { id: `between-${pages}`, occurredAtMs: NOON_MS + 2 },
        )
      }
      expect(new Set(seen).size).toBe(seen.length)
      expect(seen.filter((id) => id.startsWith('old')).toSorted()).toEqual(old.map(({ id }) => id).toSorted())
    })

    test('S33: nothing of another tenant is read', async () => {
      const stores = await newStores()
      await ingest(stores, { id: 'theirs', tenantId: 'other' })
      await stores.ledger.commit('writer-1', [reserveOf(aHold({ tenantId: 'other' }), [])])
      const { reports, accounts } = stores
      const [one, other] = [await accounts.tenant('acme'), await accounts.tenant('other')]
      const createUser = { id: 'ann', tenantId: other.id, createdAtMs: 1 }
      await accounts.commit({
        tenantId: other.id,
        expectVersion: 1,
        createUser,
        putLimits: { limits: [aLimit({ tenantId: 'other' })], atMs: 1 },
      })
      expect(await reports.entry(one.id, 'theirs')).toBeUndefined()
      expect(await reports.entry(other.id, 'theirs')).toMatchObject({ id: 'theirs' })
      expect(await reports.entries({ tenantId: one.id, limit: 9 })).toEqual([])
      const range = { startMs: 0, endMs: NOON_MS * 2 }
      const query = { cube: 'account', grain: 'hour', range, by: [], byTime: false } as const
      expect(await reports.sums({ tenantId: one.id, ...query })).toEqual([])
      expect(await reports.sums({ tenantId: other.id, ...query })).toMatchObject([{ sums: { entries: 1n } }])
      expect(await reports.users(one.id, { limit: 9 })).toEqual([])
      expect(await reports.user(one.id, 'ann')).toBeUndefined()
      expect(await reports.keys(one.id)).toEqual([])
      expect(await reports.limits(one.id)).toEqual([])
    })

    test('S02: what is asked for is a value and no more, whatever it says', async () => {
      const { ledger, reports } = await newStores()
      const said = [
        `' OR '1'='1`,
        `'; DROP TABLE entries; --`,
        '"',
        '\\',
        '%',
        '_',
        '$1',
        ':pk',
        '#',
        'acme#user',
        '{}',
        '../',
      ]
      const plans = said.map((id, at) =>
        ingestOf({ id: `entry-${at}`, tenantId: id, userId: id, keyId: id, provider: id, model: id }, undefined),
      )
      await ledger.commit('writer-1', [...plans, ingestOf({ id: 'plain' }, undefined)])
      const range = { startMs: NOON_MS - 3_600_000, endMs: NOON_MS + 3_600_000 }
      for (const [at, id] of said.entries()) {
        for (const name of ['userId', 'keyId', 'provider', 'model', 'callId'] as const) {
          expect(await reports.entries({ tenantId: 'acme', limit: 9, [name]: id })).toEqual([])
          const own = await reports.entries({ tenantId: id, limit: 99, ...(name !== 'callId' && { [name]: id }) })
          expect(own.map((entry) => entry.id)).toEqual([`entry-${at}`])
        }
        const asked = { cube: 'account', grain: 'quarter', range, by: ['model'], byTime: false } as const
        expect(await reports.sums({ ...asked, tenantId: 'acme', where: { userId: id } })).toEqual([])
        const [sums, ...others] = await reports.sums({ ...asked, tenantId: id, where: { userId: [id], keyId: id } })
        expect([sums!.dimensions.model, sums!.sums.entries, others]).toEqual([id, 1n, []])
        expect(await reports.users(id, { limit: 9, after: id })).toEqual([])
      }
      expect(await reports.scanEntries(undefined, 99)).toHaveLength(said.length + 1)
    })

    test('sums are those of the entries, in half-open ranges, by any dimensions of the cube and by time', async () => {
      const stores = await newStores()
      const start = Math.floor(NOON_MS / HOUR_MS) * HOUR_MS
      const entries = Array.from({ length: 30 }, (_, index) => ({
        ...aReading({ costNanoUsd: index % 5 === 0 ? null : 9_007_199_254_740_993n }),
        id: `entry-${index}`,
        occurredAtMs: start + index * 50 * 60_000 + (index % 4) * DAY_MS - (index === 3 ? 1 : 0),
        userId: index % 2 === 0 ? 'ann' : 'bob',
        model: index % 3 === 0 ? 'sim-large' : 'sim-small',
        outcome: index % 7 === 0 ? ('cut' as const) : ('completed' as const),
      }))
      await ingest(stores, ...entries)
      const ranges = [
        { startMs: start + HOUR_MS, endMs: start + 5 * HOUR_MS },
        // Not on the edges of any bucket: those that start within are meant.
        { startMs: start + HOUR_MS + 1, endMs: start + 5 * HOUR_MS + 1 },
        { startMs: start + 1, endMs: start + 2 },
        // With whole days of UTC in it, and without hours beside them.
        { startMs: start + HOUR_MS, endMs: start + 3 * DAY_MS + 5 * HOUR_MS },
        { startMs: NOON_MS + DAY_MS / 2, endMs: NOON_MS + 2.5 * DAY_MS },
        { startMs: 0, endMs: FOREVER_MS },
      ]
      const buckets = [0, start + HOUR_MS, start + 10 * HOUR_MS, start + DAY_MS, start + 2 * DAY_MS - HOUR_MS]
      const adds = entries.flatMap((entry) => rollupsOf(ingestOf(entry, undefined).entry!))
      const questions = (['account', 'quality'] as const).flatMap((cube) =>
        (['quarter', 'hour'] as const).flatMap((grain) =>
          [[], [CUBES[cube][0]], [...CUBES[cube]]].flatMap((by) =>
            [false, true, buckets].flatMap((byTime) =>
              ranges.flatMap((range) =>
                [undefined, 'ann', 'sim', 'none', ['bob', 'none', 'ann'], []].map((value) => {
                  const where = value === undefined ? {} : { [CUBES[cube][0]]: value }
                  return { cube, grain, by, byTime, range, where } as const
                }),
              ),
            ),
          ),
        ),
      )
      for (const { by, byTime, range, where, ...cells } of questions) {
        const expected = new Map<string, Sums>()
        for (const { cube, grain, startMs, dimensions, sums } of adds) {
          if (cube !== cells.cube || grain !== cells.grain || startMs < range.startMs || startMs >= range.endMs)
            continue
          if (Object.entries(where).some(([name, value]) => ![value].flat().includes(dimensions[name as Dimension])))
            continue
          const group = JSON.stringify([
            by.map((name) => dimensions[name]),
            byTime === false ? null : byTime === true ? startMs : bucketOf(startMs, byTime),
          ])
          const there = expected.get(group)
          expected.set(group, there ? addSums(there, sums) : sums)
        }
        const groups = await stores.reports.sums({ tenantId: 'acme', ...cells, range, by, byTime, where })
        const found = groups.map(({ dimensions, startMs, sums }) => {
          expect(Object.keys(dimensions).toSorted()).toEqual([...by].toSorted())
          return [JSON.stringify([by.map((name) => dimensions[name]), startMs ?? null]), sums] as const
        })
        expect(new Map(found)).toEqual(expected)
        expect(found).toHaveLength(expected.size)
      }
    })

    test('users come in order of id with their lifetime tokens; null is unlimited and 0 is not', async () => {
      const stores = await newStores()
      const users = ['Zoë', 'ann', 'bob', 'eve'].map((id, index) => ({ id, tenantId: 'acme', createdAtMs: index }))
      const limits = [
        aLimit({ id: 'a', amount: 0n }),
        aLimit({ id: 'b', scope: { kind: 'user', id: 'bob' }, amount: null }),
        aLimit({ id: 'c', scope: { kind: 'user', id: 'eve' }, amount: 2n ** 60n }),
        aLimit({ id: 'd', scope: { kind: 'user', id: 'bob' }, metric: 'requests', amount: 9n }),
      ]
      await stores.accounts.tenant('acme')
      for (const [index, createUser] of users.entries())
        await stores.accounts.commit({ tenantId: 'acme', expectVersion: index + 1, createUser })
      await stores.accounts.commit({ tenantId: 'acme', expectVersion: 5, putLimits: { limits, atMs: NOON_MS } })
      const eve = aHold({ userId: 'eve' })
      await stores.ledger.commit('writer-1', [
        reserveOf(eve, [limits[2]!]),
        ingestOf({ id: 'event', userId: 'eve', occurredAtMs: 99 }, undefined, [limits[2]!]),
      ])
      const nothing = { settled: 0n, held: 0n }
      const page = await stores.reports.users('acme', { limit: 3 })
      expect(page).toEqual([
        { id: 'Zoë', createdAtMs: 0, tokenLimit: null, tokens: nothing, lastCallAtMs: null },
        { id: 'ann', createdAtMs: 1, tokenLimit: 0n, tokens: nothing, lastCallAtMs: null },
        { id: 'bob', createdAtMs: 2, tokenLimit: null, tokens: nothing, lastCallAtMs: null },
      ])
      const rest = await stores.reports.users('acme', { limit: 3, after: 'bob' })
      expect(rest).toEqual([
        { id: 'eve', createdAtMs: 3, tokenLimit: 2n ** 60n, tokens: { settled: 30n, held: 100n }, lastCallAtMs: 99 },
      ])
      expect(await stores.reports.user('acme', 'eve')).toEqual(rest[0])
    })

    test('a frozen store reads one instant, whatever is committed meanwhile', async ({ skip }) => {
      const place = await newPlace()
      const [writing, reading] = [await place.open(), await place.open()]
      skip(!reading.reports.freeze, 'the engine has no snapshots')
      await ingest(writing, { id: 'before' })
      await reading.reports.freeze!()
      await ingest(writing, { id: 'after' })
      await writing.ledger.commit('writer-1', [reserveOf(aHold(), [aLimit()])])
      expect((await reading.reports.scanEntries(undefined, 10)).map(({ id }) => id)).toEqual(['before'])
      expect(await reading.reports.scanHolds()).toEqual([])
      expect(await reading.reports.scanCounters()).toEqual([])
      expect(
        await reading.reports.sums({
          tenantId: 'acme',
          cube: 'account',
          grain: 'hour',
          range: { startMs: 0, endMs: NOON_MS * 2 },
          by: [],
          byTime: false,
        }),
      ).toMatchObject([{ sums: { entries: 1n } }])
      expect(await writing.reports.scanEntries(undefined, 10)).toHaveLength(2)
    })

    test('scans give everything once, with the leases of holds and without sliding minutes', async () => {
      let now = NOON_MS
      const stores = await newStores({ nowMs: () => now })
      const minute = aLimit({ id: 'limit-2', window: { kind: 'minute' } })
      await stores.ledger.renewLease('writer-1', 1_000)
      await stores.ledger.commit('writer-1', [reserveOf(aHold(), [aLimit(), minute])])
      for (const writer of ['writer-1', 'writer-2'])
        await stores.ledger.commit(
          writer,
          Array.from({ length: 5 }, (_, index) => ingestOf({ id: `${writer}-${index}` }, undefined)),
        )
      const [hold] = await stores.reports.scanHolds()
      expect(hold).toMatchObject({ id: 'attempt-1', leaseExpired: false })
      now += 1_000
      expect(await stores.reports.scanHolds()).toMatchObject([{ leaseExpired: true }])
      const counters = await stores.reports.scanCounters()
      expect(counters).toEqual([
        { counterId: expect.stringContaining('/lifetime/'), value: { settled: 0n, held: 100n } },
      ])
      const first = await stores.reports.scanEntries(undefined, 7)
      const rest = await stores.reports.scanEntries(first.at(-1), 7)
      const places = [...first, ...rest].map(({ writerId, seq }) => `${writerId}/${seq}`)
      expect(places).toEqual(
        ['writer-1', 'writer-2'].flatMap((writer) => [1, 2, 3, 4, 5].map((seq) => `${writer}/${seq}`)),
      )
      expect(await stores.reports.scanEntries(rest.at(-1), 7)).toEqual([])
      expect(await stores.reports.integrity()).toEqual([])
    })
  })
}
