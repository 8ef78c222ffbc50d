import type { PlacedEntry } from '../../core/entry.ts'
import type { RefusalSum, ReportStore, UserRow } from '../../core/ports/report-store.ts'
import { reasonsOf } from '../../core/refusal.ts'
import type { Range } from '../../core/window.ts'
import { CROSSING_COLUMNS, crossingFrom } from '../rows/crossing-row.ts'
import { PRICE_COLUMNS, priceFrom } from '../rows/price-row.ts'
import { keyIn, userIn } from './account-rows.ts'
import { limitsOf } from './account-store.ts'
import { type Item, rowOf, text, textOf } from './attributes.ts'
import type { Connection } from './connection.ts'
import { COUNTER_BEGINNING, countersIn, NOTHING, sumsIn } from './counters.ts'
import { placedEntryIn, userIndex } from './entry-items.ts'
import {
  crossingKey,
  keyKey,
  keyText,
  limitsKey,
  operationKey,
  priceKey,
  refusalCountKey,
  tenantRowKey,
  userKey,
  usersTableKey,
} from './keys.ts'
import { entryItemOf, leasesOver, writerItems } from './ledger-store.ts'
import { limitsIn } from './limit-items.ts'
import { entriesAfter, entryPage, INDEXES, newest, refusalPage, spanOf } from './page-queries.ts'
import { refusalSumsIn } from './refusal-rows.ts'
import { openHolds } from './hold-items.ts'
import { cellsOf, groups, largest } from './sums-query.ts'

export function dynamoReportStore(options: {
  readonly connection: Connection
  readonly nowMs: () => number
  readonly marginMs: number
  readonly close: () => Promise<void>
}): ReportStore {
  const { connection, nowMs, marginMs, close } = options

  async function userRows(items: readonly Item[]): Promise<UserRow[]> {
    const users = items.map(userIn)
    const keysOf = ({ tenantId, id }: (typeof users)[number]) => ({
      limits: limitsKey(tenantId, { kind: 'user', id }),
      counter: usersTableKey(tenantId, id),
    })
    const found = await connection.getMany(users.flatMap((user) => Object.values(keysOf(user))))
    return Promise.all(
      users.map(async (user) => {
        const keys = keysOf(user)
        const lifetime = limitsIn(found.get(keyText(keys.limits))).find(
          ({ metric, window }) => metric === 'tokens' && window.kind === 'lifetime',
        )
        return {
          id: user.id,
          createdAtMs: user.createdAtMs,
          tokenLimit: lifetime?.amount ?? null,
          tokens: sumsIn('users', found.get(keyText(keys.counter)), 'tokens') ?? NOTHING,
          lastCallAtMs: await lastCallAt(user.tenantId, user.id),
        }
      }),
    )
  }

  async function lastCallAt(tenantId: string, userId: string): Promise<number | null> {
    for await (const item of newest(connection, INDEXES.byUser, userIndex(tenantId, userId), spanOf(), 1))
      return placedEntryIn(item).occurredAtMs
    return null
  }

  async function refusalCounts(tenantId: string, range: Range): Promise<RefusalSum[]> {
    const { low, high } = spanOf(range.startMs, range.endMs)
    const items = connection.query({
      KeyConditionExpression: 'pk = :pk AND sk BETWEEN :low AND :high',
      ExpressionAttributeValues: {
        ...{ ':pk': text(refusalCountKey(tenantId, 0, '').pk), ':low': text(low), ':high': text(high) },
      },
      ConsistentRead: true,
    })
    const sums = new Map<string, RefusalSum>()
    for await (const item of items)
      for (const sum of refusalSumsIn(item)) {
        const id = JSON.stringify([sum.userId, sum.model, sum.code, sum.limitId, sum.shadow])
        sums.set(id, { ...sum, count: (sums.get(id)?.count ?? 0) + sum.count })
      }
    return [...sums].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, sum]) => sum)
  }

  return {
    entries: (query) => entryPage(connection, query),
    async entry(tenantId, id) {
      const item = await entryItemOf(connection, id)
      return item && textOf(item, 'tenant_id') === tenantId ? placedEntryIn(item) : undefined
    },
    async price(version) {
      const item = await connection.get(priceKey(version))
      return item && priceFrom(rowOf(PRICE_COLUMNS, item))
    },
    sums: (query) => groups(connection, query),
    largest: (query) => largest(connection, query),
    async users(tenantId, { limit, after = '' }) {
      const { pk } = userKey(tenantId, '')
      const page: Item[] = []
      const users = connection.query({
        KeyConditionExpression: after === '' ? 'pk = :pk' : 'pk = :pk AND sk > :after',
        ExpressionAttributeValues: { ':pk': text(pk), ...(after !== '' && { ':after': text(after) }) },
        ConsistentRead: true,
        Limit: Math.max(1, limit),
      })
      for await (const item of users) {
        if (page.length >= limit) break
        page.push(item)
      }
      return userRows(page)
    },
    async user(tenantId, id) {
      const item = await connection.get(userKey(tenantId, id))
      return item && (await userRows([item]))[0]
    },
    async keys(tenantId, userId) {
      const keys = (await connection.partition(keyKey(tenantId, '').pk)).map(keyIn)
      return keys
        .filter((key) => userId === undefined || key.userId === userId)
        .toSorted((a, b) => a.createdAtMs - b.createdAtMs || (a.id < b.id ? -1 : 1))
    },
    limits: (tenantId) => limitsOf(connection, tenantId),
    refusals: (query) => refusalPage(connection, query),
    refusalCounts,
    refusalReasons: async ({ tenantId, range, ...of }) => reasonsOf(await refusalCounts(tenantId, range), of),
    async crossings(tenantId, limit) {
      const page: Item[] = []
      for await (const item of newest(connection, INDEXES.byUser, crossingKey(tenantId, '').pk, spanOf())) {
        if (page.length >= limit) break
        page.push(item)
      }
      return page.map((item) => crossingFrom(rowOf(CROSSING_COLUMNS, item)))
    },

    async scanEntries(after, limit) {
      const page: PlacedEntry[] = []
      const writers = (await writerItems(connection)).map((item) => textOf(item, 'sk')).toSorted()
      for (const writerId of writers) {
        if (after && writerId < after.writerId) continue
        for await (const entry of entriesAfter(connection, writerId, writerId === after?.writerId ? after.seq : 0)) {
          if (page.length >= limit) return page
          page.push(entry)
        }
      }
      return page
    },
    async scanHolds() {
      const holds = (await openHolds(connection)).toSorted((a, b) => (a.id < b.id ? -1 : 1))
      const isOver = await leasesOver(connection, nowMs(), marginMs)
      return holds.map((hold) => ({ ...hold, leaseExpired: isOver(hold.writerId) }))
    },
    async scanCounters() {
      const [ledger, users] = await Promise.all([
        Array.fromAsync(connection.scan('ledger', COUNTER_BEGINNING)),
        Array.fromAsync(connection.scan('users')),
      ])
      return [
        ...ledger.flatMap((item) => countersIn('ledger', item)),
        ...users.flatMap((item) => countersIn('users', item)),
      ]
    },
    async *scanRollups() {
      for (const item of await connection.partition(tenantRowKey('').pk)) yield* cellsOf(connection, textOf(item, 'sk'))
    },
    async integrity() {
      const left = await connection.partition(operationKey('').pk)
      return left.map((item) => `the new limits of tenant ${textOf(item, 'sk')} do not count everything yet`)
    },
    close,
  }
}
