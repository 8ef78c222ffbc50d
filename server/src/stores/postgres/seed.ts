import { counterId, type CounterKey, counterOf } from '../../core/counter.ts'
import { heldAmounts } from '../../core/hold.ts'
import type { Limit, Metric, ScopeKind } from '../../core/limit.ts'
import { EMPTY_MINUTE, minuteAfter, type MinuteRow } from '../../core/minute.ts'
import { amountsIn } from '../../core/rollup.ts'
import type { Range } from '../../core/window.ts'
import { BUCKET_COLUMNS, type Row, text } from '../rows/columns.ts'
import { holdFrom } from '../rows/hold-row.ts'
import type { Connection } from './connection.ts'
import { EVER } from '../rows/kept-cells.ts'
import { happenedIn, QUARTERS_APART, windowCells } from '../rows/window-cells.ts'
import type { Rows } from './page-queries.ts'
import { groups } from './sums-query.ts'

/** What entries move counters by, as core/entry.ts amountsOf says it. */
const AMOUNTS: Readonly<Record<Metric, string>> = {
  tokens: [...BUCKET_COLUMNS, 'elsewhere_tokens'].map((column) => `coalesce(${column}, 0)`).join(' + '),
  requests: `(outcome <> 'voided')::int`,
  costNanoUsd: 'coalesce(cost_nano_usd, 0)',
}
/** Which rows are in a scope ($2), as core/limit.ts idsIn says it. */
const IN_SCOPE: Readonly<Record<ScopeKind, string>> = {
  tenant: 'tenant_id = $2',
  user: 'user_id = $2',
  key: 'key_id = $2',
  provider: 'provider = $2',
  model: 'model = $2',
  label: `EXISTS (SELECT FROM json_each_text(labels::json) WHERE key || '=' || value = $2)`,
}

/** A sliding minute remembers 65 seconds; nothing older needs to be read for it. */
const MINUTE_READS_MS = 65_000

/**
 * Fills the counter that a new limit reads with what entries and open holds say, and adds it to those holds, so that
 * their ends move it. To be run while no commit of the tenant can be.
 */
export async function seedCounter(
  connection: Connection,
  limit: Limit,
  { atMs, nowMs, reached }: { atMs: number; nowMs: number; reached: (point: string) => void },
): Promise<void> {
  const key = counterOf(limit, atMs)
  const id = counterId(key)
  const counter = await settledOf(connection, key, nowMs)
  for (const row of await openHolds(connection, key)) {
    const { countedAtMs, ...hold } = holdFrom(row)
    counter.add(countedAtMs, 0n, heldAmounts(hold)[limit.metric])
    if (hold.counters.includes(id)) continue
    await connection.query('UPDATE holds SET counters = $1, version = version + 1 WHERE hold_id = $2', [
      ...[[...hold.counters, id].join(' '), hold.id],
    ])
    reached('hold moved along')
  }
  const { settled, held, buckets } = counter.columns()
  await connection.query(PUT_COUNTER, [id, limit.tenantId, settled, held, buckets])
  reached('counter seeded')
}

const PUT_COUNTER = `
  INSERT INTO counters (counter_id, tenant_id, settled, held, buckets) VALUES ($1, $2, $3, $4, $5)
  ON CONFLICT (counter_id) DO UPDATE SET settled = excluded.settled, held = excluded.held, buckets = excluded.buckets`

/** A counter that is being filled. */
function filling(isMinute: boolean, nowMs: number) {
  let settled = 0n
  let held = 0n
  let minute: MinuteRow = EMPTY_MINUTE
  return {
    add(countedAtMs: number, moreSettled: bigint, moreHeld: bigint): void {
      if (isMinute) minute = minuteAfter(minute, countedAtMs, nowMs, { settled: moreSettled, held: moreHeld })
      else {
        settled += moreSettled
        held += moreHeld
      }
    },
    columns: () => ({
      settled,
      held,
      buckets: isMinute ? minute.buckets.flatMap((one) => [one.startMs, one.settled, one.held]) : null,
    }),
  }
}

async function settledOf(connection: Connection, key: CounterKey, nowMs: number) {
  const counter = filling(key.window === 'minute', nowMs)
  if (key.window === 'minute') {
    const since = { startMs: nowMs - MINUTE_READS_MS, endMs: key.endMs }
    for (const row of await entryAmounts(connection, key, since, 'amount, counted_at_ms'))
      counter.add(Number(row.counted_at_ms), row.amount as bigint, 0n)
    return counter
  }
  const { whole, edges } = windowCells(key)
  counter.add(0, await happenedWithin(connection, key, whole), 0n)
  counter.add(0, await countedElsewhere(connection, key, whole), 0n)
  for (const edge of edges) counter.add(0, sumOf(await entryAmounts(connection, key, edge, SUM)), 0n)
  return counter
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
function entryAmounts(connection: Connection, key: CounterKey, range: Range, columns: string): Promise<Row[]> {
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

/** Few at any time, so that no index is worth its upkeep. */
function openHolds(connection: Connection, key: CounterKey): Promise<Row[]> {
  return connection.query(
    `SELECT * FROM holds WHERE tenant_id = $1 AND ${IN_SCOPE[key.scopeKind]}
     AND counted_at_ms >= $3 AND counted_at_ms < $4 ORDER BY hold_id FOR UPDATE`,
    [key.tenantId, key.scopeId, key.startMs, key.endMs],
  )
}
