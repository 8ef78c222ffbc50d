import type { Entry, PlacedEntry } from '../../core/entry.ts'
import { ENTRY_COLUMNS, entryFrom } from '../rows/entry-row.ts'
import { type Item, itemOf, rowOf, text, textOf } from './attributes.ts'
import { dayKey, dayOf, digest, entryPartition, ENTRY_SHARDS, instantFrom, instantText } from './keys.ts'
import type { Connection } from './connection.ts'
import type { Draft } from './transaction.ts'

/** Which counters an entry has moved, so that a new limit counts only what its counter has not seen. */
const MOVED = 'moved'
/** 66 bits tell the counters of one entry apart. */
const MARK_CHARACTERS = 11

export function markOf(counterId: string): string {
  return digest(counterId).slice(0, MARK_CHARACTERS)
}

/** An entry with its places in the indexes: by user, by call and by writer. */
export function entryItem(entry: PlacedEntry, movedCounters: readonly string[]): Item {
  const inTime = text(`${instantText(entry.occurredAtMs)}#${entry.id}`)
  return {
    ...itemOf(ENTRY_COLUMNS, entry),
    ...{ pk1: text(userIndex(entry.tenantId, entry.userId)), sk1: inTime },
    ...{ pk2: text(callIndex(entry.tenantId, entry.callId)), sk2: inTime },
    ...{ pk3: text(entry.writerId), sk3: text(seqText(entry.seq)) },
    ...(movedCounters.length > 0 && { [MOVED]: text(movedCounters.map(markOf).join(' ')) }),
  }
}

export function placedEntryIn(item: Item): PlacedEntry {
  return entryFrom(rowOf(ENTRY_COLUMNS, item))
}

export function hasMoved(item: Item, mark: string): boolean {
  return item[MOVED] !== undefined && textOf(item, MOVED).split(' ').includes(mark)
}

export const userIndex = (tenantId: string, userId: string) =>
  `user#${encodeURIComponent(tenantId)}#${encodeURIComponent(userId)}`
export const callIndex = (tenantId: string, callId: string) =>
  `call#${encodeURIComponent(tenantId)}#${encodeURIComponent(callId)}`
export const seqText = (seq: number) => String(seq).padStart(16, '0')

/** The days that an entry makes known, of its tenant and of its user. */
export function dayDrafts(entry: Pick<Entry, 'tenantId' | 'userId' | 'occurredAtMs' | 'countedAtMs'>): Draft[] {
  const { tenantId, userId, occurredAtMs, countedAtMs } = entry
  return [undefined, userId].map((user) => ({
    kind: 'put',
    key: dayKey(tenantId, user, occurredAtMs, countedAtMs),
    item: {},
  }))
}

/** A day on which something happened, and a day on which some of it was counted. */
export interface Day {
  readonly day: number
  readonly countedDay: number
}

/** The days of a tenant or of one of its users, oldest first. */
export async function daysOf(connection: Connection, tenantId: string, userId?: string): Promise<Day[]> {
  const { pk } = dayKey(tenantId, userId, 0, 0)
  return (await connection.partition(pk)).map((item) => {
    const [occurred, counted] = textOf(item, 'sk').split('#').map(instantFrom) as [number, number]
    return { day: dayOf(occurred), countedDay: dayOf(counted) }
  })
}

/** All items of entries of a tenant that happened on a day. */
export async function entriesOfDay(connection: Connection, tenantId: string, day: number): Promise<Item[]> {
  const shards = Array.from({ length: ENTRY_SHARDS }, (_, shard) =>
    connection.partition(entryPartition(tenantId, day, shard)),
  )
  return (await Promise.all(shards)).flat()
}
