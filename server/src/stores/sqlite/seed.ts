import type { DatabaseSync } from 'node:sqlite'
import { counterId, type CounterKey, counterOf } from '../../core/counter.ts'
import { EMPTY_MINUTE } from '../../core/minute.ts'
import type { Limit, Metric, ScopeKind } from '../../core/limit.ts'
import { amountsIn } from '../../core/rollup.ts'
import type { Range } from '../../core/window.ts'
import { BUCKET_COLUMNS, type Row, text } from '../rows/columns.ts'
import { holdFrom } from '../rows/hold-row.ts'
import { type CounterRow, counterRows, moved, NOTHING } from './counters.ts'
import { heldAmounts } from '../../core/hold.ts'
import { EVER } from '../rows/kept-cells.ts'
import { happenedIn, QUARTERS_APART, windowCells } from '../rows/window-cells.ts'
import type { Rows } from './page-queries.ts'
import { groups } from './sums-query.ts'

/** What entries move counters by, as core/entry.ts amountsOf says it. */
const AMOUNTS: Readonly<Record<Metric, string>> = {
  tokens: [...BUCKET_COLUMNS, 'elsewhere_tokens'].map((column) => `coalesce(${column}, 0)`).join(' + '),
  requests: `outcome <> 'voided'`,
  costNanoUsd: 'coalesce(cost_nano_usd, 0)',
}
/** Which rows are in a scope, as core/limit.ts idsIn says it. */
const IN_SCOPE: Readonly<Record<ScopeKind, string>> = {
  tenant: 'tenant_id = :scopeId',
  user: 'user_id = :scopeId',
  key: 'key_id = :scopeId',
  provider: 'provider = :scopeId',
  model: 'model = :scopeId',
  label: `EXISTS (SELECT 1 FROM json_each(labels) WHERE key || '=' || value = :scopeId)`,
}

/** A sliding minute remembers 65 seconds; nothing older needs to be read for it. */
const MINUTE_READS_MS = 65_000

/**
 * Fills the counter that a new limit reads with what entries and open holds say, and adds it to those holds, so that
 * their ends move it. To be run inside a write transaction.
 */
export function counterSeed(database: DatabaseSync, nowMs: () => number, reached: (point: string) => void) {
  const counters = counterRows(database)
  const addCounter = database.prepare('UPDATE holds SET counters = ?, version = version + 1 WHERE hold_id = ?')

  return (limit: Limit, atMs: number): void => {
    const key = counterOf(limit, atMs)
    const id = counterId(key)
    const now = nowMs()
    let row = settledOf(database, key, now)
    for (const holdRow of openHolds(database, key)) {
      const { countedAtMs, ...hold } = holdFrom(holdRow)
      row = moved(row, { settled: 0n, held: heldAmounts(hold)[limit.metric], countedAtMs }, now)
      if (hold.counters.includes(id)) continue
      addCounter.run([...hold.counters, id].join(' '), hold.id)
      reached('hold moved along')
    }
    counters.put(id, limit.tenantId, row)
    reached('counter seeded')
  }
}

function settledOf(database: DatabaseSync, key: CounterKey, nowMs: number): CounterRow {
  if (key.window === 'minute') return minuteOf(database, key, nowMs)
  const { whole, edges } = windowCells(key)
  const parts = [
    happenedWithin(database, key, whole),
    countedElsewhere(database, key, whole),
    ...edges.map((edge) => sumOf(entryAmounts(database, key, edge, 'sum(amount) AS amount'))),
  ]
  return { value: { settled: parts.reduce((sum, part) => sum + part, 0n), held: 0n }, minute: null }
}

function minuteOf(database: DatabaseSync, key: CounterKey, nowMs: number): CounterRow {
  let row: CounterRow = { value: NOTHING, minute: EMPTY_MINUTE }
  const since = { startMs: nowMs - MINUTE_READS_MS, endMs: key.endMs }
  for (const entry of entryAmounts(database, key, since, 'amount, counted_at_ms'))
    row = moved(row, { settled: entry.amount as bigint, held: 0n, countedAtMs: Number(entry.counted_at_ms) }, nowMs)
  return row
}

/** What happened in these quarters of an hour, by their cells. */
function happenedWithin(database: DatabaseSync, key: CounterKey, whole: Range): bigint {
  if (whole.startMs === whole.endMs) return 0n
  const rows: Rows = (sql, ...values) => database.prepare(sql, { readBigInts: true }).all(...values) as Row[]
  const users = key.scopeKind === 'key' ? rows(SELECT_USERS_OF_KEY, key.tenantId, key.scopeId) : []
  const [group] = groups(
    rows,
    happenedIn(
      whole,
      key,
      users.map((row) => text(row.user_id)),
    ),
  )
  return group ? amountsIn(group.sums)[key.metric] : 0n
}

const SELECT_USERS_OF_KEY = `
  SELECT DISTINCT user_id FROM rollups
  WHERE tenant_id = ? AND cube = 'account' AND grain = '${EVER}' AND start_ms = 0 AND key_id = ?`

/** What was counted in these quarters and happened elsewhere, less what happened in them and was counted elsewhere. */
function countedElsewhere(database: DatabaseSync, key: CounterKey, whole: Range): bigint {
  // Of a lifetime, both instants are within.
  if (whole.startMs === whole.endMs || key.window === 'lifetime') return 0n
  const part = (INDEX: string, SIGN: string, WITHIN: string, BEYOND: string) => `
    SELECT ${SIGN} (${AMOUNTS[key.metric]}) AS amount FROM entries INDEXED BY ${INDEX}
    WHERE tenant_id = :tenantId AND ${IN_SCOPE[key.scopeKind]} AND ${QUARTERS_APART}
      AND ${WITHIN} >= :startMs AND ${WITHIN} < :endMs AND (${BEYOND} < :startMs OR ${BEYOND} >= :endMs)`
  const statement = database.prepare(
    `SELECT sum(amount) AS amount FROM (
      ${part('entries_apart_by_counted', '+', 'counted_at_ms', 'occurred_at_ms')}
      UNION ALL
      ${part('entries_apart_by_occurred', '-', 'occurred_at_ms', 'counted_at_ms')})`,
    { readBigInts: true },
  )
  return sumOf(statement.all({ tenantId: key.tenantId, scopeId: key.scopeId, ...whole }) as Row[])
}

function sumOf([sum]: readonly Row[]): bigint {
  return (sum?.amount ?? 0n) as bigint
}

/** The amounts of the entries counted in the range. Two parts, since each has an index of its own. */
function entryAmounts(database: DatabaseSync, key: CounterKey, range: Range, columns: string): Row[] {
  const part = (WITHIN: string) => `
    SELECT ${AMOUNTS[key.metric]} AS amount, counted_at_ms FROM entries
    WHERE tenant_id = :tenantId AND ${IN_SCOPE[key.scopeKind]} AND ${WITHIN}`
  const statement = database.prepare(
    `SELECT ${columns} FROM (
      ${part('occurred_at_ms >= :startMs AND occurred_at_ms < :endMs AND counted_at_ms = occurred_at_ms')}
      UNION ALL
      ${part('counted_at_ms >= :startMs AND counted_at_ms < :endMs AND counted_at_ms <> occurred_at_ms')})`,
    { readBigInts: true },
  )
  return statement.all({ tenantId: key.tenantId, scopeId: key.scopeId, ...range }) as Row[]
}

/** Few at any time, so that no index is worth its upkeep. */
function openHolds(database: DatabaseSync, key: CounterKey): Row[] {
  return database
    .prepare(
      `SELECT * FROM holds WHERE tenant_id = :tenantId AND ${IN_SCOPE[key.scopeKind]}
       AND counted_at_ms >= :startMs AND counted_at_ms < :endMs`,
      { readBigInts: true },
    )
    .all({ tenantId: key.tenantId, scopeId: key.scopeId, startMs: key.startMs, endMs: key.endMs }) as Row[]
}
