import type { PlacedEntry } from '../../core/entry.ts'
import type { EntryQuery, RefusalQuery } from '../../core/ports/report-store.ts'
import type { Refusal } from '../../core/refusal.ts'
import { FOREVER_MS } from '../../core/window.ts'
import { type Item, text, textOf } from './attributes.ts'
import { type Connection, keyOf } from './connection.ts'
import { callIndex, daysOf, placedEntryIn, seqText, userIndex } from './entry-items.ts'
import { dayOf, ENTRY_SHARDS, entryPartition, instantFrom, instantText, keyText, samplesKey } from './keys.ts'
import { quarterIn, quarterOf, samplesIn } from './refusal-rows.ts'

/**
 * The indexes of the ledger, each with keys `pkN` and `skN`: entries of users and crossings, of calls and deliveries that
 * have not ended, of writers.
 */
export const INDEXES = { byUser: '1', byCall: '2', byWriter: '3' } as const
type Index = (typeof INDEXES)[keyof typeof INDEXES]
export const indexName = (index: Index) => `index-${index}`

const KEYS_PER_PAGE = 100

/** Sort keys from `low` up to but not including `high`. */
interface Span {
  readonly low: string
  readonly high: string
}

/** A page of entries, newest first. */
export async function entryPage(connection: Connection, query: EntryQuery): Promise<PlacedEntry[]> {
  const { tenantId: _, limit, before, range, quarantined, ...equal } = query
  const span = spanOf(range?.startMs, range?.endMs, before && `${instantText(before.occurredAtMs)}#${before.id}`)
  const page: PlacedEntry[] = []
  if (limit < 1) return page
  for await (const item of entriesIn(connection, query, span)) {
    const entry = placedEntryIn(item)
    // DynamoDB's BETWEEN has both its ends in it.
    if (textOf(item, 'sk') === span.high || !isLike(entry, equal)) continue
    if (quarantined && entry.quarantine === null) continue
    page.push(entry)
    if (page.length === limit) break
  }
  return page
}

/** The items that may be asked for, newest first, through the index that leaves the fewest. */
function entriesIn(connection: Connection, query: EntryQuery, span: Span): AsyncGenerator<Item> {
  const { tenantId, callId, userId } = query
  if (callId !== undefined) return newest(connection, INDEXES.byCall, callIndex(tenantId, callId), span)
  if (userId !== undefined) return newest(connection, INDEXES.byUser, userIndex(tenantId, userId), span)
  return newestOfTenant(connection, tenantId, span)
}

/** Day by day back in time, the shards of each merged. */
async function* newestOfTenant(connection: Connection, tenantId: string, span: Span): AsyncGenerator<Item> {
  const [first, last] = [span.low, span.high].map((sk) => dayOf(instantFrom(sk.split('#', 1)[0]!))) as [number, number]
  const days = new Set((await daysOf(connection, tenantId)).map(({ day }) => day))
  for (const day of [...days].toSorted((a, b) => b - a)) {
    if (day < first || day > last) continue
    const shards = Array.from({ length: ENTRY_SHARDS }, (_, shard) =>
      connection.query({ ...between('', entryPartition(tenantId, day, shard), span), ConsistentRead: true }),
    )
    yield* merged(shards)
  }
}

/** Items of several lists, each with the greatest sort key first, as one. */
async function* merged(lists: readonly AsyncGenerator<Item>[]): AsyncGenerator<Item> {
  const heads = await Promise.all(lists.map(async (list) => (await list.next()).value as Item | undefined))
  for (;;) {
    let greatest: number | undefined
    heads.forEach((head, index) => {
      if (head && (greatest === undefined || textOf(head, 'sk') > textOf(heads[greatest]!, 'sk'))) greatest = index
    })
    if (greatest === undefined) return
    yield heads[greatest]!
    heads[greatest] = (await lists[greatest]!.next()).value as Item | undefined
  }
}

/** Items that an index names, in its order, read where they lie. */
export async function* newest(
  connection: Connection,
  index: Index,
  pk: string,
  span: Span,
  atOnce = KEYS_PER_PAGE,
): AsyncGenerator<Item> {
  const input = { ...between(index, pk, span), IndexName: indexName(index), Limit: atOnce }
  yield* looked(connection, connection.query(input), atOnce)
}

/** An index has only keys: the items are read by a hundred. */
export async function* looked(
  connection: Connection,
  rows: AsyncGenerator<Item>,
  atOnce = KEYS_PER_PAGE,
): AsyncGenerator<Item> {
  let keys: string[] = []
  let asked: ReturnType<typeof keyOf>[] = []
  async function* flush() {
    const found = await connection.getMany(asked)
    for (const key of keys) {
      const item = found.get(key)
      if (item) yield item
    }
    keys = []
    asked = []
  }
  for await (const row of rows) {
    const key = keyOf('ledger', row)
    asked.push(key)
    keys.push(keyText(key))
    if (asked.length === atOnce) yield* flush()
  }
  if (asked.length > 0) yield* flush()
}

/** The entries of a writer after one of its sequences, in order. */
export async function* entriesAfter(
  connection: Connection,
  writerId: string,
  seq: number,
): AsyncGenerator<PlacedEntry> {
  const rows = connection.query({
    IndexName: indexName(INDEXES.byWriter),
    KeyConditionExpression: 'pk3 = :pk AND sk3 > :after',
    ExpressionAttributeValues: { ':pk': text(writerId), ':after': text(seqText(seq)) },
  })
  for await (const item of looked(connection, rows)) yield placedEntryIn(item)
}

function between(index: Index | '', pk: string, { low, high }: Span) {
  return {
    KeyConditionExpression: `pk${index} = :pk AND sk${index} BETWEEN :low AND :high`,
    ExpressionAttributeValues: { ':pk': text(pk), ':low': text(low), ':high': text(high) },
    ScanIndexForward: false,
    Limit: KEYS_PER_PAGE,
  }
}

/** The sort keys of a range of instants, before a certain one. */
export function spanOf(startMs = -FOREVER_MS, endMs = FOREVER_MS, before?: string): Span {
  const [low, end] = [instantText(startMs), instantText(endMs)]
  const high = before !== undefined && before < end ? before : end
  return { low, high: high < low ? low : high }
}

/** A page of refusals, newest first, a quarter of an hour at a time. */
export async function refusalPage(connection: Connection, query: RefusalQuery): Promise<Refusal[]> {
  const { tenantId, limit, before, ...equal } = query
  const { pk } = samplesKey(tenantId, 0, '')
  // All of the quarter in which the page before ended.
  const endMs = before && quarterOf(before.atMs) + 900_000
  const items = connection.query({ ...between('', pk, spanOf(undefined, endMs)), ConsistentRead: true })
  const page: Refusal[] = []
  let quarter: Refusal[] = []
  let name = ''
  const flush = () => {
    page.push(...quarter.toSorted((a, b) => (isNewer(a, b) ? -1 : 1)))
    quarter = []
  }
  for await (const item of items) {
    if (quarterIn(item) !== name) flush()
    if (page.length >= limit) break
    name = quarterIn(item)
    quarter.push(...samplesIn(item).filter((one) => isLike(one, equal) && (!before || isNewer(before, one))))
  }
  flush()
  return page.slice(0, limit)
}

function isNewer(a: Pick<Refusal, 'atMs' | 'id'>, b: Pick<Refusal, 'atMs' | 'id'>): boolean {
  return a.atMs > b.atMs || (a.atMs === b.atMs && a.id > b.id)
}

/** Whether it has all the given values. */
function isLike<Noun extends object>(noun: Noun, values: { readonly [Name in keyof Noun]?: Noun[Name] | undefined }) {
  const names = Object.keys(values) as (keyof Noun)[]
  return names.every((name) => values[name] === undefined || values[name] === noun[name])
}
