import type { DatabaseSync, StatementSync } from 'node:sqlite'
import { counterId, counterOf, parseCounterId } from '../../core/counter.ts'
import type { ReportStore, UserRow } from '../../core/ports/report-store.ts'
import type { RollupAdd } from '../../core/rollup.ts'
import { keyFrom, limitFrom } from '../rows/account-rows.ts'
import { numberOrNull, type Row, text } from '../rows/columns.ts'
import { crossingFrom } from '../rows/crossing-row.ts'
import { entryFrom } from '../rows/entry-row.ts'
import { holdFrom } from '../rows/hold-row.ts'
import { OF_THE_CORE, WRONG_EVER, WRONG_SUMS_OF_HOURS, wrongEver, wrongSum } from '../rows/kept-cells.ts'
import { priceFrom } from '../rows/price-row.ts'
import { refusalSumFrom } from '../rows/refusal-row.ts'
import { CELL_COLUMNS, cellValues, rollupFrom } from '../rows/rollup-row.ts'
import { NOTHING } from './counters.ts'
import { placeholders } from './insert.ts'
import { entryPage, refusalPage, refusalReasons, type Rows } from './page-queries.ts'
import { groups, largest } from './sums-query.ts'

/** What a report store asks, answered at once; scans of rollups come in pages. `nowMs` is the store's clock. */
export type ReportQueries = Synchronous<Required<Omit<ReportStore, 'close' | 'scanRollups' | 'scanHolds'>>> & {
  scanHolds(nowMs: number): ReturnType<ReportStore['scanHolds']> extends Promise<infer T> ? T : never
  scanRollups(after: Omit<RollupAdd, 'sums'> | undefined, limit: number): RollupAdd[]
}
type Synchronous<Port> = {
  [Name in keyof Port]: Port[Name] extends (...args: infer Args) => Promise<infer Answer>
    ? (...args: Args) => Answer
    : never
}

/** The queries, each over the one read-only connection. */
export function reportQueries(database: DatabaseSync): ReportQueries {
  const prepared = new Map<string, StatementSync>()
  const rows: Rows = (sql, ...values) => {
    let statement = prepared.get(sql)
    if (!statement) prepared.set(sql, (statement = database.prepare(sql, { readBigInts: true })))
    return statement.all(...values) as Row[]
  }

  function userRow(row: Row): UserRow {
    const [tenantId, id] = [text(row.tenant_id), text(row.user_id)]
    const scope = { tenantId, scope: { kind: 'user', id }, metric: 'tokens', window: { kind: 'lifetime' } } as const
    const lifetime = counterId(counterOf({ ...scope, id: '', amount: null, mode: 'hard' }, 0))
    const [counter] = rows('SELECT settled, held FROM counters WHERE counter_id = ?', lifetime)
    return {
      id,
      createdAtMs: Number(row.created_at_ms),
      tokenLimit: row.token_limit as bigint | null,
      tokens: counter ? { settled: counter.settled as bigint, held: counter.held as bigint } : NOTHING,
      lastCallAtMs: numberOrNull(row.last_call_at_ms),
    }
  }

  return {
    entries: (query) => entryPage(rows, query),
    entry(tenantId, id) {
      const [row] = rows('SELECT * FROM entries WHERE entry_id = ? AND tenant_id = ?', id, tenantId)
      return row && entryFrom(row)
    },
    price(version) {
      const [row] = rows('SELECT * FROM prices WHERE version = ?', version)
      return row && priceFrom(row)
    },
    sums: (query) => groups(rows, query),
    largest: (query) => largest(rows, query),
    users: (tenantId, { limit, after }) =>
      rows(`${SELECT_USERS} AND user_id > ? ORDER BY user_id LIMIT ?`, tenantId, after ?? '', limit).map(userRow),
    user(tenantId, id) {
      const [row] = rows(`${SELECT_USERS} AND user_id = ?`, tenantId, id)
      return row && userRow(row)
    },
    keys: (tenantId, userId) =>
      (userId === undefined
        ? rows('SELECT * FROM keys WHERE tenant_id = ? ORDER BY created_at_ms, key_id', tenantId)
        : rows(
            'SELECT * FROM keys WHERE tenant_id = ? AND user_id = ? ORDER BY created_at_ms, key_id',
            tenantId,
            userId,
          )
      ).map(keyFrom),
    limits: (tenantId) => rows('SELECT * FROM limits WHERE tenant_id = ? ORDER BY limit_id', tenantId).map(limitFrom),
    refusals: (query) => refusalPage(rows, query),
    refusalReasons: (query) => refusalReasons(rows, query),
    refusalCounts: (tenantId, range) => rows(SUM_REFUSALS, tenantId, range.startMs, range.endMs).map(refusalSumFrom),
    crossings: (tenantId, limit) =>
      rows(
        'SELECT * FROM crossings WHERE tenant_id = ? ORDER BY at_ms DESC, crossing_id DESC LIMIT ?',
        tenantId,
        limit,
      ).map(crossingFrom),

    freeze() {
      if (database.isTransaction) return
      // The snapshot is taken by the first read of the transaction.
      database.exec('BEGIN; SELECT count(*) FROM tenants')
    },
    scanEntries: (after, limit) =>
      rows(
        'SELECT * FROM entries WHERE (writer_id, seq) > (?, ?) ORDER BY writer_id, seq LIMIT ?',
        after?.writerId ?? '',
        after?.seq ?? 0,
        limit,
      ).map(entryFrom),
    scanHolds: (nowMs) =>
      rows(
        `SELECT holds.*, coalesce(lease_until_ms, 0) <= ? AS lease_expired
         FROM holds LEFT JOIN writers USING (writer_id) ORDER BY hold_id`,
        nowMs,
      ).map((row) => ({ ...holdFrom(row), leaseExpired: row.lease_expired === 1n })),
    scanCounters: () =>
      rows('SELECT counter_id, settled, held FROM counters ORDER BY counter_id')
        .filter((row) => parseCounterId(text(row.counter_id)).window !== 'minute')
        .map((row) => ({
          counterId: text(row.counter_id),
          value: { settled: row.settled as bigint, held: row.held as bigint },
        })),
    scanRollups(after, limit) {
      const columns = CELL_COLUMNS.join(', ')
      const beyond = after ? `AND (${columns}) > ${placeholders(CELL_COLUMNS.length)}` : ''
      const values = after ? cellValues(after) : []
      const sql = `SELECT * FROM rollups WHERE ${OF_THE_CORE} ${beyond} ORDER BY ${columns} LIMIT ?`
      return rows(sql, ...values, limit).map(rollupFrom)
    },
    integrity: () => [
      ...rows('PRAGMA integrity_check').flatMap(({ integrity_check: line }) => (line === 'ok' ? [] : [text(line)])),
      ...rows(WRONG_EVER).map(wrongEver),
      ...rows(WRONG_SUMS_OF_HOURS).map(wrongSum),
    ],
  }
}

const SELECT_USERS = `
  SELECT tenant_id, user_id, created_at_ms,
    (SELECT amount FROM limits WHERE limits.tenant_id = users.tenant_id AND scope_kind = 'user'
      AND scope_id = users.user_id AND metric = 'tokens' AND window_kind = 'lifetime') AS token_limit,
    (SELECT max(occurred_at_ms) FROM entries WHERE entries.tenant_id = users.tenant_id
      AND entries.user_id = users.user_id) AS last_call_at_ms
  FROM users WHERE tenant_id = ?`

const SUM_REFUSALS = `
  SELECT tenant_id, user_id, model, code, limit_id, shadow, sum(count) AS count FROM refusal_counts
  WHERE tenant_id = ? AND start_ms >= ? AND start_ms < ?
  GROUP BY user_id, model, code, limit_id, shadow ORDER BY user_id, model, code, limit_id, shadow`
