import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Plan } from '../../core/plan.ts'
import { aHold, aLimit, aRefusal, countOf, counterAt, ingestOf, NOON_MS, reserveOf } from '../conformance/fixtures.ts'
import type { Place } from '../conformance/place.ts'
import type { Stores } from '../conformance/reference.ts'
import { MOST_SAMPLES_PER_QUARTER } from '../../core/refusal.ts'
import { batchValues } from './batch.ts'
import { type Connection, connections, type Connections } from './connection.ts'
import { MISSING, newPlace } from './place.ts'

describe.skipIf(MISSING)(MISSING ?? 'what waits for a commit that is not done yet', () => {
  let place: Place
  let stores: Stores
  let own: Connections
  beforeEach(async () => {
    place = await newPlace()
    stores = await place.open({ nowMs: () => NOON_MS })
    own = connections('argument' in place.elsewhere ? place.elsewhere.argument : '', { most: 2 })
    await stores.accounts.tenant('acme')
  })
  afterEach(async () => {
    await own.close()
    await place.remove()
  })

  /** Commits plans as another process, and has the other work come while that is still open. */
  async function meanwhile<T>(plan: Plan, other: () => Promise<T>): Promise<T> {
    return own.lend(async (connection) => {
      await connection.query('BEGIN')
      const batch = { isCheck: false, writerId: 'writer-2', batchId: 'b', atMs: NOON_MS, plans: [plan] }
      const values = batchValues(batch)
      const places = values.map((_, index) => `$${index + 1}`).join(', ')
      await connection.query(`SELECT * FROM commit_plans(${places})`, values)
      const state = { isOver: false }
      const doing = other().finally(() => {
        state.isOver = true
      })
      while (!state.isOver && !(await isAnybodyWaiting(connection))) await new Promise(setImmediate)
      await connection.query('COMMIT')
      return doing
    })
  }

  async function isAnybodyWaiting(connection: Connection): Promise<boolean> {
    const rows = await connection.query('SELECT pid FROM pg_locks WHERE NOT granted LIMIT 1')
    return rows.length > 0
  }

  test('a new limit starts from it, and its hold moves along', async () => {
    const putLimits = { limits: [aLimit()], atMs: NOON_MS }
    const plan = { tenantId: 'acme', expectVersion: 1, putLimits }
    expect(await meanwhile(reserveOf(aHold(), []), () => stores.accounts.commit(plan))).toMatchObject({
      kind: 'committed',
    })
    expect(await stores.ledger.counter(counterAt(aLimit()), NOON_MS)).toEqual({ settled: 0n, held: 100n })
    expect((await stores.ledger.hold('attempt-1'))!.counters).toEqual([counterAt(aLimit())])
  })

  test('a new limit of a label, which has read its entries before, counts it once', async () => {
    const limit = aLimit({ scope: { kind: 'label', id: 'team=a' } })
    const event = (id: string) => ingestOf({ id, labels: { team: 'a' } }, undefined)
    await stores.ledger.commit('writer-1', [event('a')])
    await stores.ledger.commit('writer-2', [event('b')])
    const plan = { tenantId: 'acme', expectVersion: 1, putLimits: { limits: [limit], atMs: NOON_MS } }
    await meanwhile(event('c'), () => stores.accounts.commit(plan))
    expect((await stores.ledger.counter(counterAt(limit), NOON_MS)).settled).toBe(90n)
  })

  test('samples of the same quarter of an hour find the room that it leaves', async () => {
    const some = (prefix: string): Plan => {
      const samples = Array.from({ length: 150 }, (_, index) => aRefusal({ id: `${prefix}-${index}` }))
      return { tenantId: 'acme', adds: [], rollups: [], refusals: { counts: [countOf(aRefusal(), 150)], samples } }
    }
    // Counts of their own, or those would be waited for.
    const second = some('b')
    const others = { ...second, refusals: { counts: [], samples: second.refusals!.samples } }
    await meanwhile(some('a'), () => stores.ledger.commit('writer-1', [others]))
    expect(await stores.reports.refusals({ tenantId: 'acme', limit: 999 })).toHaveLength(MOST_SAMPLES_PER_QUARTER)
  })

  test('the same event is the other one’s, and its counter is not moved', async () => {
    const event = (id: string) => ingestOf({ id }, { source: 'sdk', id: '1', digest: 'd' }, [aLimit()])
    expect(await meanwhile(event('a'), () => stores.ledger.commit('writer-1', [event('b')]))).toEqual([
      { kind: 'duplicate', entryId: 'a', digest: 'd' },
    ])
    expect((await stores.ledger.counter(counterAt(aLimit()), NOON_MS)).settled).toBe(30n)
  })
})
