import type { DatabaseSync } from 'node:sqlite'
import { counterId, type CounterKey } from '../../core/counter.ts'
import type { Metric, ScopeKind } from '../../core/limit.ts'
import { amountsIn } from '../../core/rollup.ts'
import type { Range } from '../../core/window.ts'
import { BUCKET_COLUMNS, type Row, text } from '../rows/columns.ts'
import { EVER } from '../rows/kept-cells.ts'
import { type Past, SELECT_SEQUENCES, sequencesFrom, unseen } from '../rows/past.ts'
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
export const IN_SCOPE: Readonly<Record<ScopeKind, string>> = {
  tenant: 'tenant_id = :scopeId',
  user: 'user_id = :scopeId',
  key: 'key_id = :scopeId',
  provider: 'provider = :scopeId',
  model: 'model = :scopeId',
  label: `EXISTS (SELECT 1 FROM json_each(labels) WHERE key || '=' || value = :scopeId)`,
}

/** To be read in one transaction. */
export function pastOf(database: DatabaseSync, keys: readonly CounterKey[]): Past {
  return {
    settled: new Map(keys.map((key) => [counterId(key), settledOf(database, key)])),
    sequences: sequencesNow(database),
  }
}

/** What entries say of a window. */
export function settledOf(database: DatabaseSync, key: CounterKey): bigint {
  const { whole, edges } = windowCells(key)
  const parts = [
    happenedWithin(database, key, whole),
    countedElsewhere(database, key, whole),
    ...edges.map((edge) => sumOf(entryAmounts(database, key, edge, 'sum(amount) AS amount'))),
  ]
  return parts.reduce((sum, part) => sum + part, 0n)
}

/** What entries say of it that have come since. */
export function settledSince(database: DatabaseSync, key: CounterKey, past: Past): bigint {
  // With a plus, a column is looked for in no index: these few are found by their writer alone.
  const statement = database.prepare(
    `SELECT sum(${AMOUNTS[key.metric]}) AS amount FROM entries
     WHERE writer_id = :writerId AND seq > :after
       AND +tenant_id = :tenantId AND ${IN_SCOPE[key.scopeKind]} AND counted_at_ms >= :startMs AND counted_at_ms < :endMs`,
    { readBigInts: true },
  )
  const { tenantId, scopeId, startMs, endMs } = key
  return unseen(past, sequencesNow(database)).reduce(
    (sum, { writerId, after }) =>
      sum + sumOf(statement.all({ writerId, after, tenantId, scopeId, startMs, endMs }) as Row[]),
    0n,
  )
}

function sequencesNow(database: DatabaseSync): Map<string, number> {
  return sequencesFrom(database.prepare(SELECT_SEQUENCES).all() as Row[])
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
export function entryAmounts(database: DatabaseSync, key: CounterKey, range: Range, columns: string): Row[] {
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
