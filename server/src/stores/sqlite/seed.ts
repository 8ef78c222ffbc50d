import type { DatabaseSync } from 'node:sqlite'
import { counterId, type CounterKey, counterOf } from '../../core/counter.ts'
import { EMPTY_MINUTE } from '../../core/minute.ts'
import type { Limit, Metric, ScopeKind } from '../../core/limit.ts'
import { BUCKET_COLUMNS, type Row } from '../rows/columns.ts'
import { holdFrom } from '../rows/hold-row.ts'
import { type CounterRow, counterRows, moved, NOTHING } from './counters.ts'
import { heldAmounts } from '../../core/hold.ts'
import { EVER } from '../rows/kept-cells.ts'

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

/** The same of cells of rollups. */
const SUMS: Readonly<Record<Metric, string>> = {
  tokens: BUCKET_COLUMNS.join(' + '),
  requests: 'requests',
  costNanoUsd: 'cost_nano_usd',
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
  if (key.window === 'lifetime' && key.scopeKind !== 'label')
    return { value: { settled: everSettled(database, key), held: 0n }, minute: null }
  if (key.window !== 'minute') {
    const [sum] = entryAmounts(database, key, key.startMs, `sum(amount) AS amount`)
    return { value: { settled: (sum?.amount ?? 0n) as bigint, held: 0n }, minute: null }
  }
  let row: CounterRow = { value: NOTHING, minute: EMPTY_MINUTE }
  for (const entry of entryAmounts(database, key, nowMs - MINUTE_READS_MS, 'amount, counted_at_ms'))
    row = moved(row, { settled: entry.amount as bigint, held: 0n, countedAtMs: Number(entry.counted_at_ms) }, nowMs)
  return row
}

/** Of a whole life: there, both instants of an entry are in the window, and the rollups have it summed up. */
function everSettled(database: DatabaseSync, key: CounterKey): bigint {
  const statement = database.prepare(
    `SELECT sum(${SUMS[key.metric]}) AS amount FROM rollups WHERE tenant_id = :tenantId AND cube = 'account'
     AND grain = '${EVER}' AND ${IN_SCOPE[key.scopeKind]}`,
    { readBigInts: true },
  )
  const { amount } = statement.get({ tenantId: key.tenantId, scopeId: key.scopeId }) as Row
  return (amount ?? 0n) as bigint
}

/** The amounts of the entries counted from `fromMs` on. Two parts, since each has an index of its own. */
function entryAmounts(database: DatabaseSync, key: CounterKey, fromMs: number, columns: string): Row[] {
  const part = (range: string) => `
    SELECT ${AMOUNTS[key.metric]} AS amount, counted_at_ms FROM entries
    WHERE tenant_id = :tenantId AND ${IN_SCOPE[key.scopeKind]} AND ${range}`
  const statement = database.prepare(
    `SELECT ${columns} FROM (
      ${part('occurred_at_ms >= :fromMs AND occurred_at_ms < :endMs AND counted_at_ms = occurred_at_ms')}
      UNION ALL
      ${part('counted_at_ms >= :fromMs AND counted_at_ms < :endMs AND counted_at_ms <> occurred_at_ms')})`,
    { readBigInts: true },
  )
  return statement.all({ tenantId: key.tenantId, scopeId: key.scopeId, fromMs, endMs: key.endMs }) as Row[]
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
