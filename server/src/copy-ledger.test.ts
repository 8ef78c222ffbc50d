import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Database } from './config/database.ts'
import type { PartName, TransferTarget } from './core/ports/transfer.ts'
import { copyLedger } from './ledger/copy.ts'
import { openSource, openTarget } from './open-transfer.ts'
import { life, live, TENANTS } from './stores/conformance/differential.ts'
import { dump } from './stores/conformance/dump.ts'
import { aHold, endOf, ingestOf, NOON_MS, reserveOf } from './stores/conformance/fixtures.ts'
import type { MakePlace, Place } from './stores/conformance/place.ts'
import { referenceStore, type Stores } from './stores/conformance/reference.ts'
import { MINUTE_COUNTER, STEPS, STORY_MS } from './stores/conformance/story.ts'
import { placesOf } from './stores/conformance/suite.ts'
import * as dynamodb from './stores/dynamodb/place.ts'
import * as postgres from './stores/postgres/place.ts'
import * as sqlite from './stores/sqlite/place.ts'

interface Engine {
  readonly name: string
  readonly missing: string | undefined
  readonly makePlace: MakePlace
  readonly database: (argument: string) => Database
  /** Each life takes a while on some. */
  readonly lives: number
  /** Batches of 230 events that take more than one piece. */
  readonly batches: number
}
const SQLITE: Engine = {
  ...{ name: 'SQLite', missing: undefined, makePlace: sqlite.newPlace, lives: 10, batches: 9 },
  database: (file) => ({ engine: 'sqlite', file }),
}
const POSTGRES: Engine = {
  ...{ name: 'PostgreSQL', missing: postgres.MISSING, makePlace: postgres.newPlace, lives: 10, batches: 9 },
  database: (url) => ({ engine: 'postgres', url }),
}
const DYNAMODB: Engine = {
  ...{ name: 'DynamoDB', missing: dynamodb.MISSING, makePlace: dynamodb.newPlace, lives: 3, batches: 1 },
  database: (place) => ({ engine: 'dynamodb', ...(JSON.parse(place) as { table: string; region: string }) }),
}

describe.each([POSTGRES, DYNAMODB])('a ledger that goes to $name and comes back', (engine) => {
  const here = placesOf(SQLITE.makePlace)
  const there = placesOf(engine.makePlace)
  const databaseOf = ({ elsewhere }: Place, of: Engine) =>
    of.database('argument' in elsewhere ? elsewhere.argument : '')
  const isSkipped = engine.missing !== undefined

  /** A ledger with the story of the conformance suite, and an empty place of the other engine. */
  async function beginning() {
    const [from, to] = [await here.newPlace(), await there.newPlace()]
    const stores = await from.open({ nowMs: () => STORY_MS })
    for (const step of STEPS) await step(stores)
    return { stores, from, to, source: databaseOf(from, SQLITE), target: databaseOf(to, engine) }
  }

  test.skipIf(isSkipped)(
    'M43: whatever it has lived through is there, and back again',
    async () => {
      const property = fc.asyncProperty(life, async (steps) => {
        const [from, to, back] = [await here.newPlace(), await there.newPlace(), await here.newPlace()]
        const clock = { now: NOON_MS }
        const stores = await from.open({ nowMs: () => clock.now })
        const minutes = await live(steps, stores, referenceStore({ nowMs: () => clock.now }), clock)
        const expected = await contentOf(stores, minutes)
        expect(await copy(databaseOf(from, SQLITE), databaseOf(to, engine))).toMatchObject({ ok: true })
        expect(await contentOf(await to.open({ nowMs: () => clock.now }), minutes)).toEqual(expected)
        expect(await copy(databaseOf(to, engine), databaseOf(back, SQLITE))).toMatchObject({ ok: true })
        expect(await contentOf(await back.open({ nowMs: () => clock.now }), minutes)).toEqual(expected)
        await Promise.all([from.remove(), to.remove(), back.remove()])
      })
      await fc.assert(property, { numRuns: Number(process.env.STORE_DIFFERENTIAL_RUNS ?? engine.lives) })
    },
    600_000,
  )

  test.skipIf(isSkipped)(
    'I1: a copy that is interrupted after any piece goes on, whatever is put twice, and is the same in the end',
    async () => {
      const { stores, to, source, target } = await beginning()
      const expected = await contentOf(stores, [MINUTE_COUNTER])
      let failAt = 0
      for (let isDone = false; !isDone; failAt++) {
        let piecesLeft = failAt
        const failing = (whole: TransferTarget): TransferTarget => ({
          ...whole,
          async put(part, rows) {
            await whole.put(part, rows)
            await whole.put(part, rows)
            if (piecesLeft-- === 0) throw new Error('interrupted')
          },
        })
        isDone = await copy(source, target, { failing }).then(
          () => true,
          (error: Error) => {
            expect(error.message).toBe('interrupted')
            return false
          },
        )
      }
      expect(failAt).toBeGreaterThan(10)
      expect(await contentOf(await to.open({ nowMs: () => STORY_MS }), [MINUTE_COUNTER])).toEqual(expected)
    },
  )

  test.skipIf(isSkipped)(
    'I2: what takes several pieces is there once, whole',
    async () => {
      const { stores, to, source, target } = await beginning()
      for (let batch = 0; batch < engine.batches; batch++) {
        const ids = Array.from({ length: 230 }, (_, index) => `event-${batch * 230 + index}`)
        const plans = ids.map((id) => ingestOf({ id, userId: id }, { source: 'sdk', id, digest: 'd' }))
        await stores.ledger.commit('writer-1', plans)
      }
      const moved = new Map<PartName, number>()
      const onMoved = (part: PartName, rows: number) => void moved.set(part, (moved.get(part) ?? 0) + rows)
      expect(await copy(source, target, { onMoved })).toMatchObject({ ok: true })
      // The story has three entries, one of them ingested.
      expect([moved.get('entries'), moved.get('ingestKeys')]).toEqual([
        engine.batches * 230 + 3,
        engine.batches * 230 + 1,
      ])
      const copied = await to.open({ nowMs: () => STORY_MS })
      expect(await contentOf(copied)).toEqual(await contentOf(stores))
    },
    120_000,
  )

  test.skipIf(isSkipped)('what the source has learnt since comes with the next copy, and nothing twice', async () => {
    const { stores, to, source, target } = await beginning()
    const hold = aHold({ id: 'open' })
    await stores.ledger.commit('writer-1', [reserveOf(hold, [])])
    await copy(source, target)
    await stores.ledger.commit('writer-1', [endOf(hold)])
    const createUser = { id: 'bob', tenantId: 'acme', createdAtMs: STORY_MS }
    await stores.accounts.commit({ tenantId: 'acme', expectVersion: 4, createUser })
    let entries = 0
    const onMoved = (part: PartName, rows: number) => void (part === 'entries' && (entries += rows))
    expect(await copy(source, target, { onMoved })).toMatchObject({ ok: true })
    expect(entries).toBe(1)
    expect(await contentOf(await to.open({ nowMs: () => STORY_MS }))).toEqual(await contentOf(stores))
  })

  test.skipIf(isSkipped)('a target with a ledger of its own, or one that was used since, stays as it is', async () => {
    const { to, source, target } = await beginning()
    const stores = await to.open({ nowMs: () => STORY_MS })
    await stores.accounts.tenant('somebody')
    const before = await contentOf(stores)
    await expect(copy(source, target)).rejects.toThrow(/has a ledger already, which is no copy of/)
    expect(await contentOf(stores)).toEqual(before)

    const other = await there.newPlace()
    await copy(source, databaseOf(other, engine))
    await expect(copy(source, databaseOf(other, engine), { from: 'another' })).rejects.toThrow(/not of another/)
    await (await other.open()).ledger.renewLease('a-server', 1_000)
    await expect(copy(source, databaseOf(other, engine))).rejects.toThrow(/used since \(by writer a-server\)/)
  })

  test.skipIf(isSkipped)('of two copies at once, the one that began last goes on', async () => {
    const { source, target } = await beginning()
    let isSecond = false
    const failing = (whole: TransferTarget): TransferTarget => ({
      ...whole,
      async put(part, rows) {
        if (part === 'entries' && !isSecond) {
          isSecond = true
          expect(await copy(source, target)).toMatchObject({ ok: true })
        }
        await whole.put(part, rows)
      },
    })
    await expect(copy(source, target, { failing })).rejects.toThrow(/another copy was begun/)
  })

  test.skipIf(isSkipped)('I4: a copy that lacks something, or has something else, is not called equal', async () => {
    const faults: Partial<Record<PartName, (row: never) => unknown>> = {
      users: (user: object) => ({ ...user, createdAtMs: 1 }),
      entries: (entry: object) => ({ ...entry, costNanoUsd: 1n }),
      counters: (counter: object) => ({ ...counter, value: { settled: 1n, held: 0n }, minute: null }),
      crossings: (crossing: object) => ({ ...crossing, settled: 2n }),
      deliveries: (delivery: object) => ({ ...delivery, error: 'answered 404' }),
    }
    for (const [name, fault] of Object.entries(faults)) {
      const { source, target } = await beginning()
      const failing = (whole: TransferTarget): TransferTarget => ({
        ...whole,
        put: (part, rows) => whole.put(part, part === name ? (rows.map(fault as never) as typeof rows) : rows),
      })
      const { ok, checks } = await copy(source, target, { failing })
      expect([name, ok]).toEqual([name, false])
      expect(checks.filter((check) => !check.ok)).toHaveLength(1)
    }
  })
})

let runs = 0

/** A copy between two databases; what verify says of it is left to tests with whole servers. */
async function copy(
  source: Database,
  target: Database,
  {
    failing = (whole: TransferTarget) => whole,
    onMoved = (_part: PartName, _rows: number): void => {},
    from = JSON.stringify(source),
  } = {},
) {
  const one = await openSource(source)
  const other = await openTarget(target, () => {})
  try {
    const names = { from, to: JSON.stringify(target), run: `run ${++runs}` }
    return await copyLedger({ source: one, target: failing(other), verified: async () => [], onMoved, ...names })
  } finally {
    await Promise.all([one.close(), other.close()])
  }
}

/** The ids of events that lives ingest: whether they are known says no report. */
const PROBES = Array.from({ length: 9 }, (_, id) => id)
function probe(tenantId: string, id: number) {
  return ingestOf({ id: 'probe', tenantId }, { source: 'sdk', id: `event-${id}`, digest: 'another' })
}

/** What there is, but for leases: nobody of the source writes to the target. */
async function contentOf(stores: Stores, minutes: readonly string[] = []) {
  const { holds, ...content } = await dump(stores, TENANTS, minutes)
  const versions = await Promise.all(TENANTS.map((id) => stores.accounts.tenant(id)))
  const identities = await Promise.all(TENANTS.map((id) => stores.accounts.identity(`${id}-key-ann`)))
  return {
    ...content,
    ...{ holds: holds.map(({ leaseExpired: _leaseExpired, ...hold }) => hold), versions, identities },
    setting: await stores.accounts.setting('name'),
    ingested: await Promise.all(
      TENANTS.flatMap((tenantId) => PROBES.map((id) => stores.ledger.check(probe(tenantId, id)))),
    ),
    integrity: await stores.reports.integrity(),
  }
}
