import type { PlacedEntry } from '../../core/entry.ts'
import type { EntryQuery, ReasonsQuery, RefusalQuery } from '../../core/ports/report-store.ts'
import type { Refusal, RefusalReason } from '../../core/refusal.ts'
import type { Range } from '../../core/window.ts'
import { type Row, text, type Value } from '../rows/columns.ts'
import { conditions } from '../rows/conditions.ts'
import { cellsAsked, hourFrom, rangesOf } from '../rows/entry-hours.ts'
import { entryFrom } from '../rows/entry-row.ts'
import { reasonFrom, refusalFrom } from '../rows/refusal-row.ts'

/** Runs a statement, prepared once, and gives its rows. */
export type Rows = (sql: string, ...values: Value[]) => Row[]

/** A page of entries, newest first. */
export function entryPage(rows: Rows, query: EntryQuery): PlacedEntry[] {
  const { tenantId, keyId, provider, model, outcome, evidence, callId, quarantined, range, before } = query
  const { where, values } = conditions([
    ['tenant_id = ?', tenantId],
    ['user_id = ?', query.userId ?? userOf(rows, query)],
    ['key_id = ?', keyId],
    ['provider = ?', provider],
    ['model = ?', model],
    ['outcome = ?', outcome],
    ['evidence = ?', evidence],
    ['call_id = ?', callId],
    ...(quarantined ? [['quarantine IS NOT NULL'] as const] : []),
    ['occurred_at_ms >= ?', range?.startMs],
    ['occurred_at_ms < ?', range?.endMs],
    ['(occurred_at_ms, entry_id) < (?, ?)', before?.occurredAtMs, before?.id],
  ])
  const ranges = rangesWith(rows, query)
  if (ranges === undefined) {
    // Few at any time: no other index finds them.
    const from = quarantined ? 'entries INDEXED BY entries_quarantined' : 'entries'
    const sql = `SELECT * FROM ${from} WHERE ${where} ORDER BY occurred_at_ms DESC, entry_id DESC LIMIT ?`
    return rows(sql, ...values, query.limit).map(entryFrom)
  }
  const [only, ...others] = ranges
  if (only === undefined) return []
  if (others.length === 0) {
    const sql = `SELECT * FROM entries WHERE ${where} AND occurred_at_ms >= ? AND occurred_at_ms < ?
      ORDER BY occurred_at_ms DESC, entry_id DESC LIMIT ?`
    return rows(sql, ...values, only.startMs, only.endMs, query.limit).map(entryFrom)
  }
  const sql = `WITH hours AS MATERIALIZED (SELECT value ->> 0 AS from_ms, value ->> 1 AS to_ms FROM json_each(?))
    SELECT entries.* FROM hours CROSS JOIN entries WHERE ${where} AND occurred_at_ms >= from_ms AND occurred_at_ms < to_ms
    ORDER BY occurred_at_ms DESC, entry_id DESC LIMIT ?`
  const hours = JSON.stringify(ranges.map(({ startMs, endMs }) => [startMs, endMs]))
  return rows(sql, hours, ...values, query.limit).map(entryFrom)
}

/** Whose the asked key is: nobody else has entries of it, and an index finds those of a user. */
function userOf(rows: Rows, { tenantId, keyId }: EntryQuery): string | undefined {
  if (keyId === undefined) return undefined
  const [key] = rows('SELECT user_id FROM keys WHERE tenant_id = ? AND key_id = ?', tenantId, keyId)
  return key && text(key.user_id)
}

/** Where cells say that such entries are, so that no others are looked through; undefined where they cannot say. */
function rangesWith(rows: Rows, query: EntryQuery): Range[] | undefined {
  const asked = cellsAsked(query)
  if (asked === undefined) return undefined
  const narrowing = asked.names.map((name) => `AND ${name} = ?`).join(' ')
  const sql = `SELECT start_ms, sum(entries) AS entries FROM rollups
    WHERE tenant_id = ? AND cube = 'quality' AND grain = 'hour' AND start_ms > ? AND start_ms < ? ${narrowing}
    GROUP BY start_ms ORDER BY start_ms DESC LIMIT ?`
  const found = rows(sql, query.tenantId, asked.fromMs, asked.toMs, ...asked.values, query.limit + 1)
  return rangesOf(found.map(hourFrom), query.limit)
}

/** A page of refusals, newest first. */
export function refusalPage(rows: Rows, { tenantId, limit, before, userId, code, callId }: RefusalQuery): Refusal[] {
  const { where, values } = conditions([
    ['tenant_id = ?', tenantId],
    ['user_id = ?', userId],
    ['code = ?', code],
    ['call_id = ?', callId],
    ['(at_ms, refusal_id) < (?, ?)', before?.atMs, before?.id],
  ])
  // SQLite would rather read all refusals in the order of the list.
  const index = callId !== undefined ? 'refusals_by_call' : userId !== undefined ? 'refusals_by_user' : undefined
  const from = index ? `refusals INDEXED BY ${index}` : 'refusals'
  const sql = `SELECT * FROM ${from} WHERE ${where} ORDER BY at_ms DESC, refusal_id DESC LIMIT ?`
  return rows(sql, ...values, limit).map(refusalFrom)
}

/** How many were refused, by reason. */
export function refusalReasons(rows: Rows, query: ReasonsQuery): RefusalReason[] {
  const { tenantId, range, userId, model } = query
  if (userId === undefined && model === undefined)
    return rows(SUM_BY_REASON, tenantId, tenantId, tenantId, range.startMs, range.endMs).map(reasonFrom)
  const { where, values } = conditions([
    ['tenant_id = ?', tenantId],
    ['start_ms >= ?', range.startMs],
    ['start_ms < ?', range.endMs],
    ['user_id = ?', userId],
    ['model = ?', model],
  ])
  // SQLite would rather read the counts of all users.
  const from = userId === undefined ? 'refusal_counts' : 'refusal_counts INDEXED BY refusal_counts_by_user'
  const sql = `SELECT code, shadow, sum(count) AS count FROM ${from} WHERE ${where} GROUP BY code, shadow`
  return rows(sql, ...values).map(reasonFrom)
}

/** Reason by reason in an index that has them so: to group many rows, SQLite would sort them all. */
const SUM_BY_REASON = `
  WITH RECURSIVE codes (code) AS (
    SELECT min(code) FROM refusal_counts WHERE tenant_id = ?
    UNION ALL
    SELECT (SELECT min(code) FROM refusal_counts WHERE tenant_id = ? AND code > codes.code) FROM codes
    WHERE code IS NOT NULL),
  counts AS (
    SELECT code, value AS shadow, (
      SELECT sum(count) FROM refusal_counts AS counted INDEXED BY refusal_counts_by_reason
      WHERE tenant_id = ? AND counted.code = codes.code AND counted.shadow = value
        AND start_ms >= ? AND start_ms < ?) AS count
    FROM codes CROSS JOIN json_each('[0, 1]'))
  SELECT * FROM counts WHERE count IS NOT NULL`
