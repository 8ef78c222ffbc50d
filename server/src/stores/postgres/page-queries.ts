import type { PlacedEntry } from '../../core/entry.ts'
import type { EntryQuery, ReasonsQuery, RefusalQuery } from '../../core/ports/report-store.ts'
import type { Refusal, RefusalReason } from '../../core/refusal.ts'
import type { Range } from '../../core/window.ts'
import { type Row, text, type Value } from '../rows/columns.ts'
import { conditions } from '../rows/conditions.ts'
import { cellsAsked, hourFrom, rangesOf } from '../rows/entry-hours.ts'
import { entryFrom } from '../rows/entry-row.ts'
import { reasonFrom, refusalFrom } from '../rows/refusal-row.ts'

/** Runs a statement with its values and gives its rows. */
export type Rows = (sql: string, ...values: (Value | readonly Value[])[]) => Promise<Row[]>

/** A page of entries, newest first. */
export async function entryPage(rows: Rows, query: EntryQuery): Promise<PlacedEntry[]> {
  const { tenantId, keyId, provider, model, outcome, evidence, callId, quarantined, range, before } = query
  const { where, values } = conditions([
    ['tenant_id = ?', tenantId],
    ['user_id = ?', query.userId ?? (await userOf(rows, query))],
    // An array of unknown length: it would else think that few of a user's entries are also of his key, and read them all.
    ['key_id = ANY (ARRAY(SELECT ?::text))', keyId],
    ['provider = ?', provider],
    ['model = ?', model],
    ['outcome = ?', outcome],
    ['evidence = ?', evidence],
    ['call_id = ?', callId],
    ...(quarantined ? [['quarantine IS NOT NULL'] as const] : []),
    ['occurred_at_ms >= ?', range?.startMs],
    ['occurred_at_ms < ?', range?.endMs],
    // Months after that of the row before are not even looked into.
    ['occurred_at_ms <= ?', before?.occurredAtMs],
    ['(occurred_at_ms, entry_id) < (?, ?)', before?.occurredAtMs, before?.id],
  ])
  const ranges = await rangesWith(rows, query)
  if (ranges === undefined) {
    const sql = `SELECT * FROM entries WHERE ${where} ORDER BY occurred_at_ms DESC, entry_id DESC LIMIT ?`
    return (await rows(numbered(sql), ...values, query.limit)).map(entryFrom)
  }
  const [only, ...others] = ranges
  if (only === undefined) return []
  if (others.length === 0) {
    const sql = `SELECT * FROM entries WHERE ${where} AND occurred_at_ms >= ? AND occurred_at_ms < ?
      ORDER BY occurred_at_ms DESC, entry_id DESC LIMIT ?`
    return (await rows(numbered(sql), ...values, only.startMs, only.endMs, query.limit)).map(entryFrom)
  }
  // Hour by hour, or it would rather read all from the oldest on.
  const sql = `SELECT found.* FROM unnest(?::bigint[], ?::bigint[]) AS hour (from_ms, to_ms)
    CROSS JOIN LATERAL (
      SELECT * FROM entries WHERE ${where} AND occurred_at_ms >= from_ms AND occurred_at_ms < to_ms
      ORDER BY occurred_at_ms DESC, entry_id DESC LIMIT ?) AS found
    ORDER BY occurred_at_ms DESC, entry_id DESC LIMIT ?`
  const hours = [ranges.map(({ startMs }) => startMs), ranges.map(({ endMs }) => endMs)]
  return (await rows(numbered(sql), ...hours, ...values, query.limit, query.limit)).map(entryFrom)
}

/** Whose the asked key is: nobody else has entries of it, and an index finds those of a user. */
async function userOf(rows: Rows, { tenantId, keyId }: EntryQuery): Promise<string | undefined> {
  if (keyId === undefined) return undefined
  const [key] = await rows('SELECT user_id FROM keys WHERE tenant_id = $1 AND key_id = $2', tenantId, keyId)
  return key && text(key.user_id)
}

/** Where cells say that such entries are, so that no others are looked through; undefined where they cannot say. */
async function rangesWith(rows: Rows, query: EntryQuery): Promise<Range[] | undefined> {
  const asked = cellsAsked(query)
  if (asked === undefined) return undefined
  const narrowing = asked.names.map((name) => `AND ${name} = ?`).join(' ')
  const sql = `SELECT start_ms, sum(entries) AS entries FROM rollups
    WHERE tenant_id = ? AND cube = 'quality' AND grain = 'hour' AND start_ms > ? AND start_ms < ? ${narrowing}
    GROUP BY start_ms ORDER BY start_ms DESC LIMIT ?`
  const found = await rows(
    numbered(sql),
    ...[query.tenantId, asked.fromMs, asked.toMs, ...asked.values, query.limit + 1],
  )
  return rangesOf(found.map(hourFrom), query.limit)
}

/** A page of refusals, newest first. */
export async function refusalPage(rows: Rows, query: RefusalQuery): Promise<Refusal[]> {
  const { tenantId, limit, before, userId, code, callId } = query
  const { where, values } = conditions([
    ['tenant_id = ?', tenantId],
    ['user_id = ?', userId],
    ['code = ?', code],
    ['call_id = ?', callId],
    ['(at_ms, refusal_id) < (?, ?)', before?.atMs, before?.id],
  ])
  const sql = `SELECT * FROM refusals WHERE ${where} ORDER BY at_ms DESC, refusal_id DESC LIMIT ?`
  return (await rows(numbered(sql), ...values, limit)).map(refusalFrom)
}

/** How many were refused, by reason. */
export async function refusalReasons(rows: Rows, query: ReasonsQuery): Promise<RefusalReason[]> {
  const { where, values } = conditions([
    ['tenant_id = ?', query.tenantId],
    ['start_ms >= ?', query.range.startMs],
    ['start_ms < ?', query.range.endMs],
    ['user_id = ?', query.userId],
    ['model = ?', query.model],
  ])
  const sql = `SELECT code, shadow, sum(count) AS count FROM refusal_counts WHERE ${where} GROUP BY code, shadow`
  return (await rows(numbered(sql), ...values)).map(reasonFrom)
}

/** A statement with its question marks as PostgreSQL counts them. */
export function numbered(sql: string): string {
  let count = 0
  return sql.replaceAll('?', () => `$${++count}`)
}
