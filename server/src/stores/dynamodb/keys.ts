import { createHash } from 'node:crypto'
import type { Scope } from '../../core/limit.ts'
import { FOREVER_MS } from '../../core/window.ts'

/** Where an item is. The users' table has a partition key only; there `sk` is ''. */
export interface Key {
  readonly table: 'ledger' | 'users'
  readonly pk: string
  readonly sk: string
}

/** A key as text, for maps. */
export function keyText({ table, pk, sk }: Key): string {
  return `${table} ${pk} ${sk}`
}

export const DAY_MS = 86_400_000
/** Open holds and writers lie in so many partitions each, since a partition takes 1000 write units a second. */
export const HOLD_SHARDS = 8
export const WRITER_SHARDS = 4
/** The entries of one tenant and day. */
export const ENTRY_SHARDS = 4
/** What every commit of a tenant would touch is there several times, so that the processes do not stand in each other's way. */
export const COPIES = 4
/** Counts of refusals of one tenant and quarter of an hour, apart by user. */
const COUNT_SHARDS = 8

/** The same text always falls into the same shard (FNV-1a). */
export function shardOf(id: string, shards: number): number {
  let hash = 0x811c9dc5
  for (let index = 0; index < id.length; index++) hash = Math.imul(hash ^ id.charCodeAt(index), 0x01000193)
  return (hash >>> 0) % shards
}

/** What is too long or too hostile for a key, as 22 characters of a SHA-256. */
export function digest(of: string): string {
  return createHash('sha256').update(of).digest('base64url').slice(0, 22)
}

/** An instant as text in order of time, also before 1970. */
export function instantText(ms: number): string {
  return String(ms + FOREVER_MS).padStart(17, '0')
}
export function instantFrom(padded: string): number {
  return Number(padded) - FOREVER_MS
}
export function dayOf(ms: number): number {
  return Math.floor(ms / DAY_MS)
}

/** Parts of a key apart by a sign that no escaped part contains. */
function key(parts: readonly (string | number)[], sk: string): Key {
  return { table: 'ledger', pk: parts.map((part) => encodeURIComponent(part)).join('#'), sk }
}

export const TENANTS = 'tenants'
export const tenantKey = (tenantId: string, copy: number) => key(['tenant', tenantId], String(copy))
export const tenantRowKey = (tenantId: string) => key([TENANTS], tenantId)
export const userKey = (tenantId: string, userId: string) => key(['user', tenantId], userId)
export const keyKey = (tenantId: string, keyId: string) => key(['key', tenantId], keyId)
export const keyHashKey = (hash: string) => key(['hash', hash], 'key')
export const settingKey = (name: string) => key(['setting'], name)
export const operationKey = (tenantId: string) => key(['operation'], tenantId)

/** The limits of one scope are one item. Those of users and keys, of which there may be many, come after all others. */
export const limitsKey = (tenantId: string, { kind, id }: Scope) =>
  key(['limits', tenantId], `${kind === 'user' || kind === 'key' ? 'one' : 'all'}#${kind}#${id}`)

export const writerPartition = (shard: number) => key(['writer', shard], '').pk
export const writerKey = (writerId: string) => key(['writer', shardOf(writerId, WRITER_SHARDS)], writerId)
/** Not a writer: counts the changes of accounts, for the watermark. No writer has this id, which is no UUID. */
export const ACCOUNTS_WRITER = '(accounts)'

export const holdPartition = (shard: number) => key(['hold', shard], '').pk
export const holdKey = (id: string) => key(['hold', shardOf(id, HOLD_SHARDS)], id)
/** Says for ever that there is an entry of this id, and where it lies. */
export const attemptKey = (id: string) => key(['attempt', id], 'entry')
export const entryPartition = (tenantId: string, day: number, shard: number) =>
  key(['entry', tenantId, day, shard], '').pk
export const entryKey = (tenantId: string, occurredAtMs: number, id: string) =>
  key(['entry', tenantId, dayOf(occurredAtMs), shardOf(id, ENTRY_SHARDS)], `${instantText(occurredAtMs)}#${id}`)
export const ingestKeyKey = (tenantId: string, source: string, id: string) =>
  key(['ingest', tenantId, digest(JSON.stringify([source, id]))], 'key')
export const priceKey = (version: string) => key(['price', version], 'price')

/** Days on which a tenant, or one of its users, has entries: by when they happened, and by when they were counted. */
export const dayKey = (tenantId: string, userId: string | undefined, occurredAtMs: number, countedAtMs: number) =>
  key(
    userId === undefined ? ['days', tenantId] : ['days', tenantId, userId],
    `${instantText(dayOf(occurredAtMs) * DAY_MS)}#${instantText(dayOf(countedAtMs) * DAY_MS)}`,
  )

export const cellPartition = (tenantId: string, cube: string, day: number) => key(['cells', tenantId, cube, day], '').pk
export const cellKey = (of: { tenantId: string; cube: string; hourMs: number; place: string; copy: number }) =>
  key(['cells', of.tenantId, of.cube, dayOf(of.hourMs)], `${instantText(of.hourMs)}#${of.place}#${of.copy}`)

export const COUNTER = 'counter'
/** The sort key of a sliding minute, of which there is one for all time. */
export const MINUTE = 'minute'
export const counterKey = (tenantId: string, scope: Scope, window: string) =>
  key([COUNTER, tenantId, scope.kind, scope.id], window)
export const crossingKey = (tenantId: string, id: string) => key(['crossing', tenantId], digest(id))
export const deliveryKey = (tenantId: string, crossingId: string, channel: string) =>
  key(['delivery', tenantId], `${digest(crossingId)}#${channel}`)

export const samplesKey = (tenantId: string, quarterMs: number, part: string) =>
  key(['samples', tenantId], `${instantText(quarterMs)}#${part}`)
export const sampledKey = (tenantId: string, quarterMs: number) => key(['sampled', tenantId], instantText(quarterMs))
export const refusalCountKey = (tenantId: string, startMs: number, userId: string) =>
  key(['refused', tenantId], `${instantText(startMs)}#${shardOf(userId, COUNT_SHARDS)}`)

/** The tenant whose users are named in the users' table as they are. */
const DEFAULT_TENANT = 'default'
const ESCAPE = '#'

/**
 * A user's place in the users' table. A user of the default tenant is there by its own id, unless that begins with "#";
 * everybody else is `#tenant/user`, both escaped, so that no id of one tenant is another's.
 */
export function usersTableKey(tenantId: string, userId: string): Key {
  const isPlain = tenantId === DEFAULT_TENANT && !userId.startsWith(ESCAPE)
  const pk = isPlain ? userId : `${ESCAPE}${encodeURIComponent(tenantId)}/${encodeURIComponent(userId)}`
  return { table: 'users', pk, sk: '' }
}

/** The inverse of usersTableKey. */
export function userOfTable(id: string): { readonly tenantId: string; readonly userId: string } {
  if (!id.startsWith(ESCAPE)) return { tenantId: DEFAULT_TENANT, userId: id }
  const [tenantId, userId] = id.slice(ESCAPE.length).split('/').map(decodeURIComponent) as [string, string]
  return { tenantId, userId }
}
