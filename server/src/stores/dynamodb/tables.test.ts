import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { StoreUnavailable } from '../../core/errors.ts'
import type { Limit } from '../../core/limit.ts'
import { aHold, aLimit, counterAt, endOf, ingestOf, NOON_MS, reserveOf } from '../conformance/fixtures.ts'
import { dynamoAccountStore } from './account-store.ts'
import { planCommit } from './commit.ts'
import { clientOf, connect, type Connection, type Outcome } from './connection.ts'
import { counterPlace, NOTHING, valueIn } from './counters.ts'
import { DAY_MS, holdKey } from './keys.ts'
import { type DynamoPlace, type DynamoStores, openDynamo } from './open.ts'
import { MISSING, newPlace } from './place.ts'
import { dynamoSchema } from './schema.ts'
import { counterSeed } from './seed.ts'
import { tablesOf } from './tables.ts'
import type { Draft } from './transaction.ts'

/** What is DynamoDB's own: the users' table, the hundred items, and answers that are lost on the way. */
describe.skipIf(MISSING)(MISSING ?? 'DynamoDB', () => {
  let where: DynamoPlace
  let stores: DynamoStores
  let connection: Connection
  let remove: () => Promise<void>
  beforeEach(async () => {
    const place = await newPlace()
    where = JSON.parse((place.elsewhere as { argument: string }).argument) as DynamoPlace
    stores = await openDynamo(where, { nowMs: () => NOON_MS })
    connection = connect(clientOf(where), tablesOf(where.table))
    remove = async () => {
      await stores.close()
      connection.close()
      await place.remove()
    }
  })
  afterEach(() => remove())

  const valueOf = async (limit: Limit) => {
    const place = counterPlace(counterAt(limit))
    return valueIn(place, await connection.get(place.key), NOON_MS)
  }

  test('the users’ table is the users’ counter, by the names that people know', async () => {
    const user = { id: 'ann', tenantId: 'default', createdAtMs: NOON_MS }
    const limit = aLimit({ tenantId: 'default', amount: 5_000n })
    await stores.accounts.tenant('default')
    const putLimits = { limits: [limit], atMs: NOON_MS }
    await stores.accounts.commit({ tenantId: 'default', expectVersion: 1, createUser: user, putLimits })
    const plan = reserveOf(aHold({ tenantId: 'default' }), [limit])
    await stores.ledger.commit('writer-1', [plan, endOf(plan.open)])
    const item = await connection.get({ table: 'users', pk: 'ann', sk: '' })
    expect(item).toMatchObject({
      userId: { S: 'ann' },
      tokenLimit: { N: '5000' },
      tokenUsage: { N: '30' },
      lastUpdated: { S: new Date(NOON_MS).toISOString() },
    })
  })

  test('no user of a tenant has the counter of another’s, whatever their ids are', async () => {
    const users = [
      ['default', 'ann'],
      ['acme', 'ann'],
      ['default', '#acme/ann'],
      ['default', 'acme/ann'],
      ['acme/ann', ''],
      ['#acme', 'ann'],
    ] as const
    const limits = users.map(([tenantId, id]) => aLimit({ tenantId, scope: { kind: 'user', id } }))
    for (const [index, limit] of limits.entries()) {
      const { tenantId, scope } = limit
      const bound = { inputTokens: 2 ** index, outputTokens: 0 }
      const hold = aHold({ id: `hold-${index}`, tenantId, userId: scope.id, bound })
      await stores.ledger.commit('writer-1', [reserveOf(hold, [limit])])
    }
    for (const [index, limit] of limits.entries())
      expect(await valueOf(limit)).toEqual({ settled: 0n, held: 2n ** BigInt(index) })
    const counters = await stores.reports.scanCounters()
    expect(counters.map(({ counterId }) => counterId).toSorted()).toEqual(
      limits.map((one) => counterAt(one)).toSorted(),
    )
  })

  test('of more plans than a transaction takes, the first are committed, and the rest left as they were', async () => {
    const plans = Array.from({ length: 60 }, (_, index) => ingestOf({ id: `event-${index}` }, undefined))
    const answers = await stores.ledger.commit('writer-1', plans)
    expect(answers.length).toBeGreaterThan(40)
    expect(answers.length).toBeLessThan(50)
    expect(answers.map((answer) => answer.kind === 'committed' && answer.seq)).toEqual(answers.map((_, seq) => seq + 1))
    expect(await stores.reports.scanEntries(undefined, 100)).toHaveLength(answers.length)
  })

  test('tables are made and taken away as a schema is, by several at once', async () => {
    const schema = dynamoSchema(where)
    expect([await schema.version(), schema.latest]).toEqual([1, 1])
    await schema.migrateTo(0)
    await schema.migrateTo(0)
    expect(await schema.version()).toBe(0)
    await Promise.all([schema.migrateTo(1), schema.migrateTo(1)])
    expect(await schema.version()).toBe(1)
    expect(await stores.accounts.tenant('acme')).toEqual({ id: 'acme', version: 1 })
    await schema.close()
  })

  test('a change of accounts is seen by every writer, whichever copy of the version it looks at', async () => {
    await stores.accounts.tenant('acme')
    const createUser = { id: 'ann', tenantId: 'acme', createdAtMs: 1 }
    await stores.accounts.commit({ tenantId: 'acme', expectVersion: 1, createUser })
    for (let writer = 0; writer < 12; writer++) {
      const plan = (version: number) => ({
        ...reserveOf(aHold({ id: `${writer}-${version}` }), []),
        expectTenantVersion: version,
      })
      const answers = await stores.ledger.commit(`writer-${writer}`, [plan(1), plan(2)])
      expect(answers.map(({ kind }) => kind)).toEqual(['stale', 'committed'])
    }
  })

  test.each([
    ['days#', 'with a hold of old days'],
    ['days#', ''],
    ['cells#', ''],
    ['entry#', ''],
  ])(
    'M43: a new limit counts each entry once, also those of any day that come just before %s is read %s',
    async (moment, oldHold) => {
      const limit = aLimit()
      const oldMs = NOON_MS - 14 * DAY_MS
      const old = reserveOf(aHold({ id: 'old', countedAtMs: oldMs + DAY_MS }), [])
      const before = ingestOf({ id: 'before', countedAtMs: oldMs, occurredAtMs: oldMs }, undefined)
      await stores.accounts.tenant('acme')
      const today = ingestOf({ id: 'today' }, undefined)
      await stores.ledger.commit('writer-1', [before, today, ...(oldHold ? [old] : [])])
      const told = (occurredAtMs: number) => ingestOf({ id: `told ${occurredAtMs}`, occurredAtMs }, undefined, [limit])
      let isOver = false
      const partition: Connection['partition'] = async (pk, beginning) => {
        if (pk.startsWith(moment) && !isOver) {
          isOver = true
          const moved = await stores.ledger.hold('old')
          const events = [told(NOON_MS), told(oldMs), told(oldMs - DAY_MS)]
          await stores.ledger.commit('writer-1', [...events, ...(moved ? [endOf(moved)] : [])])
        }
        return connection.partition(pk, beginning)
      }
      const disturbed = { ...connection, partition }
      const finish = counterSeed(
        disturbed,
        () => NOON_MS,
        () => {},
      )
      const accounts = dynamoAccountStore({ connection: disturbed, finish, reached: () => {} })
      await accounts.commit({ tenantId: 'acme', expectVersion: 1, putLimits: { limits: [limit], atMs: NOON_MS } })
      expect(isOver).toBe(true)
      expect(await valueOf(limit)).toEqual({ settled: oldHold ? 180n : 150n, held: 0n })
    },
  )

  /** Its transactions are sent or kept back, and nobody is told what became of them. */
  function withLostAnswers(isSent: boolean) {
    const kept: (readonly [readonly Draft[], string | undefined])[] = []
    const lost: Outcome = { kind: 'unknown', error: new StoreUnavailable('no answer') }
    let isLosing = true
    const transact: Connection['transact'] = async (drafts, token) => {
      if (!isLosing) return connection.transact(drafts, token)
      isLosing = false
      if (isSent) await connection.transact(drafts, token)
      else kept.push([drafts, token])
      return lost
    }
    const plans = planCommit(
      { ...connection, transact },
      () => NOON_MS,
      () => {},
    )
    return { plans, kept }
  }
  const other = () => ingestOf({ id: 'other' }, undefined)

  test('F10: a hold whose commit was answered to nobody is taken back, and holds nothing', async () => {
    const { plans } = withLostAnswers(true)
    const plan = reserveOf(aHold(), [aLimit()])
    await expect(plans.commit('writer-1', [plan])).rejects.toThrow(StoreUnavailable)
    expect(await valueOf(aLimit())).toEqual({ settled: 0n, held: 100n })
    expect(await plans.commit('writer-1', [other()])).toEqual([{ kind: 'committed', seq: 1 }])
    expect(await connection.get(holdKey(plan.open.id))).toBeUndefined()
    expect(await valueOf(aLimit())).toEqual(NOTHING)
  })

  test('F10: a commit that may still be on its way cannot happen once its writer has gone on', async () => {
    const { plans, kept } = withLostAnswers(false)
    const plan = reserveOf(aHold(), [aLimit()])
    await expect(plans.commit('writer-1', [plan])).rejects.toThrow(StoreUnavailable)
    await plans.settleUnknown('writer-1')
    const [late] = kept
    expect(await connection.transact(...late!)).toMatchObject({ kind: 'refused' })
    expect(await valueOf(aLimit())).toEqual(NOTHING)
  })

  test('F10: an end that is brought again gets the answer that was lost', async () => {
    const plan = reserveOf(aHold(), [aLimit()])
    await stores.ledger.commit('writer-1', [plan])
    const { plans } = withLostAnswers(true)
    const end = endOf(plan.open)
    await expect(plans.commit('writer-1', [end])).rejects.toThrow(StoreUnavailable)
    expect(await plans.commit('writer-1', [end])).toEqual([{ kind: 'committed', seq: 1 }])
    expect(await plans.commit('writer-1', [other()])).toEqual([{ kind: 'committed', seq: 2 }])
    expect(await valueOf(aLimit())).toEqual({ settled: 30n, held: 0n })
  })
})
