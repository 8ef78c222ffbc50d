import { counterId, type CounterKey } from '../../core/counter.ts'
import type { Metric, ScopeKind } from '../../core/limit.ts'
import { amountsIn } from '../../core/rollup.ts'
import type { Range } from '../../core/window.ts'
import { BUCKET_COLUMNS, type Row, text } from '../rows/columns.ts'
import { EVER } from '../rows/kept-cells.ts'
import { type Past, SELECT_SEQUENCES, sequencesFrom, unseen } from '../rows/past.ts'
import { happenedIn, QUARTERS_APART, windowCells } from '../rows/window-cells.ts'
import { type Connection, unavailable } from './connection.ts'
import type { Rows } from './page-queries.ts'
import { freeze } from './report-store.ts'
import { groups } from './sums-query.ts'

/** What entries move counters by, as core/entry.ts amountsOf says it. */
const AMOUNTS: Readonly<Record<Metric, string>> = {
  tokens: [...BUCKET_COLUMNS, 'elsewhere_tokens'].map((column) => `coalesce(${column}, 0)`).join(' + '),
  requests: `(outcome <> 'voided')::int`,
  costNanoUsd: 'coalesce(cost_nano_usd, 0)',
}
/** Which rows are in a scope ($2), as core/limit.ts idsIn says it. */
export const IN_SCOPE: Readonly<Record<ScopeKind, string>> = {
  tenant: 'tenant_id = $2',
  user: 'user_id = $2',
  key: 'key_id = $2',
  provider: 'provider = $2',
  model: 'model = $2',
  label: `EXISTS (SELECT FROM json_each_text(labels::json) WHERE key || '=' || value = $2)`,
}

/** Reads what new counters start from, on a connection of its own, on which it may take as long as it takes. */
export async function readPast(url: string, keys: readonly CounterKey[]): Promise<Past> {
  const { connection, release } = await freeze(url)
  try {
    const settled = new Map<string, bigint>()
    for (const key of keys) settled.set(counterId(key), await settledOf(connection, key))
    return { settled, sequences: await sequencesNow(connection) }
  } catch (error) {
    throw unavailable(error)
  } finally {
    await release()
  }
}

/** What entries say of a window. */
export async function settledOf(connection: Connection, key: CounterKey): Promise<bigint> {
  const { whole, edges } = windowCells(key)
  let settled = await happenedWithin(connection, key, whole)
  settled += await countedElsewhere(connection, key, whole)
  for (const edge of edges) settled += sumOf(await entryAmounts(connection, key, edge, SUM))
  return settled
}

/** What entries say of it that have come since. */
export async function settledSince(connection: Connection, key: CounterKey, past: Past): Promise<bigint> {
  const { tenantId, scopeId, startMs, endMs } = key
  // Asked of each writer by itself, PostgreSQL knows that these are few.
  const sql = `
    SELECT coalesce(sum(${AMOUNTS[key.metric]}), 0) AS amount FROM entries
    WHERE tenant_id = $1 AND ${IN_SCOPE[key.scopeKind]} AND counted_at_ms >= $3 AND counted_at_ms < $4
      AND writer_id = $5 AND seq > $6`
  let settled = 0n
  for (const { writerId, after } of unseen(past, await sequencesNow(connection)))
    settled += sumOf(await connection.query(sql, [tenantId, scopeId, startMs, endMs, writerId, after]))
  return settled
}

async function sequencesNow(connection: Connection): Promise<Map<string, number>> {
  return sequencesFrom(await connection.query(SELECT_SEQUENCES))
}

/** What happened in these quarters of an hour, by their cells. */
async function happenedWithin(connection: Connection, key: CounterKey, whole: Range): Promise<bigint> {
  if (whole.startMs === whole.endMs) return 0n
  const rows: Rows = (sql, ...values) => connection.query(sql, values)
  const users = key.scopeKind === 'key' ? await rows(SELECT_USERS_OF_KEY, key.tenantId, key.scopeId) : []
  const [group] = await groups(
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
  WHERE tenant_id = $1 AND cube = 'account' AND grain = '${EVER}' AND start_ms = 0 AND key_id = $2`

/** What was counted in these quarters and happened elsewhere, less what happened in them and was counted elsewhere. */
async function countedElsewhere(connection: Connection, key: CounterKey, whole: Range): Promise<bigint> {
  // Of a lifetime, both instants are within.
  if (whole.startMs === whole.endMs || key.window === 'lifetime') return 0n
  const part = (SIGN: string, WITHIN: string, BEYOND: string) => `
    SELECT ${SIGN} (${AMOUNTS[key.metric]}) AS amount FROM entries
    WHERE tenant_id = $1 AND ${IN_SCOPE[key.scopeKind]} AND ${QUARTERS_APART}
      AND ${WITHIN} >= $3 AND ${WITHIN} < $4 AND (${BEYOND} < $3 OR ${BEYOND} >= $4)`
  const sum = await connection.query(
    `SELECT ${SUM} FROM (
      ${part('+', 'counted_at_ms', 'occurred_at_ms')}
      UNION ALL
      ${part('-', 'occurred_at_ms', 'counted_at_ms')}) AS amounts`,
    [key.tenantId, key.scopeId, whole.startMs, whole.endMs],
  )
  return sumOf(sum)
}

const SUM = 'coalesce(sum(amount), 0) AS amount'

function sumOf([sum]: readonly Row[]): bigint {
  return sum!.amount as bigint
}

/** The amounts of the entries counted in the range. Two parts, since each has an index of its own. */
export function entryAmounts(connection: Connection, key: CounterKey, range: Range, columns: string): Promise<Row[]> {
  const part = (WITHIN: string) => `
    SELECT ${AMOUNTS[key.metric]} AS amount, counted_at_ms FROM entries
    WHERE tenant_id = $1 AND ${IN_SCOPE[key.scopeKind]} AND ${WITHIN}`
  return connection.query(
    `SELECT ${columns} FROM (
      ${part('occurred_at_ms >= $3 AND occurred_at_ms < $4 AND counted_at_ms = occurred_at_ms')}
      UNION ALL
      ${part('counted_at_ms >= $3 AND counted_at_ms < $4 AND counted_at_ms <> occurred_at_ms')}) AS amounts`,
    [key.tenantId, key.scopeId, range.startMs, range.endMs],
  )
}
