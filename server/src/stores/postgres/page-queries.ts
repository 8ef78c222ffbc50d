import type { PlacedEntry } from '../../core/entry.ts'
import type { EntryQuery, RefusalQuery } from '../../core/ports/report-store.ts'
import type { Refusal } from '../../core/refusal.ts'
import type { Row, Value } from '../rows/columns.ts'
import { entryFrom } from '../rows/entry-row.ts'
import { refusalFrom } from '../rows/refusal-row.ts'

/** Runs a statement with its values and gives its rows. */
export type Rows = (sql: string, ...values: (Value | readonly Value[])[]) => Promise<Row[]>

/** A page of entries, newest first. */
export async function entryPage(rows: Rows, query: EntryQuery): Promise<PlacedEntry[]> {
  const { tenantId, userId, keyId, provider, model, outcome, evidence, callId, quarantined, range, before } = query
  const { where, values } = conditions([
    ['tenant_id = ?', tenantId],
    ['user_id = ?', userId],
    ['key_id = ?', keyId],
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
  const sql = `SELECT * FROM entries WHERE ${where} ORDER BY occurred_at_ms DESC, entry_id DESC LIMIT ?`
  return (await rows(numbered(sql), ...values, query.limit)).map(entryFrom)
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

/** Those conditions whose values are given. */
function conditions(all: readonly (readonly [condition: string, ...values: (Value | undefined)[]])[]) {
  const asked = all.filter(([, ...values]) => values.every((value) => value !== undefined))
  return {
    where: asked.map(([condition]) => condition).join(' AND '),
    values: asked.flatMap(([, ...values]) => values as Value[]),
  }
}

/** Its question marks as PostgreSQL counts them. */
function numbered(sql: string): string {
  let count = 0
  return sql.replaceAll('?', () => `$${++count}`)
}
