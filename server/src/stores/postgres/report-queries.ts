import { counterId, counterOf, type CounterValue, parseCounterId } from '../../core/counter.ts'
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
import { entryPage, refusalPage, refusalReasons, type Rows } from './page-queries.ts'
import { groups, largest } from './sums-query.ts'

const CELLS_PER_PAGE = 2_000

/** What a report store is asked. `testMs` is the store's clock, for tests; null is the database's own. */
export function reportQueries(rows: Rows, testMs: () => number | null): Omit<ReportStore, 'freeze' | 'close'> {
  /** With what their lifetime counters say, in one more question for all of them. */
  async function withTokens(tenantId: string, users: readonly Row[]): Promise<UserRow[]> {
    const ids = users.map((row) => lifetimeCounter(tenantId, text(row.user_id)))
    const counters = await rows('SELECT counter_id, settled, held FROM counters WHERE counter_id = ANY ($1)', ids)
    const byId = new Map(counters.map((row) => [row.counter_id, row]))
    return users.map((row, index) => ({
      id: text(row.user_id),
      createdAtMs: Number(row.created_at_ms),
      tokenLimit: row.token_limit as bigint | null,
      tokens: valueOf(byId.get(ids[index])),
      lastCallAtMs: numberOrNull(row.last_call_at_ms),
    }))
  }

  return {
    entries: (query) => entryPage(rows, query),
    async entry(tenantId, id) {
      const [row] = await rows(SELECT_ENTRY, id, tenantId)
      return row && entryFrom(row)
    },
    async price(version) {
      const [row] = await rows('SELECT * FROM prices WHERE version = $1', version)
      return row && priceFrom(row)
    },
    sums: (query) => groups(rows, query),
    largest: (query) => largest(rows, query),
    async users(tenantId, { limit, after }) {
      const found = await rows(
        `${SELECT_USERS} AND user_id > $2 ORDER BY user_id LIMIT $3`,
        ...[tenantId, after ?? '', limit],
      )
      return withTokens(tenantId, found)
    },
    async user(tenantId, id) {
      const found = await rows(`${SELECT_USERS} AND user_id = $2`, tenantId, id)
      return (await withTokens(tenantId, found))[0]
    },
    async keys(tenantId, userId) {
      const found = await rows(SELECT_KEYS, tenantId, userId ?? null)
      return found.map(keyFrom)
    },
    async limits(tenantId) {
      return (await rows('SELECT * FROM limits WHERE tenant_id = $1 ORDER BY limit_id', tenantId)).map(limitFrom)
    },
    refusals: (query) => refusalPage(rows, query),
    refusalReasons: (query) => refusalReasons(rows, query),
    async refusalCounts(tenantId, range) {
      return (await rows(SUM_REFUSALS, tenantId, range.startMs, range.endMs)).map(refusalSumFrom)
    },
    async crossings(tenantId, limit) {
      const sql = 'SELECT * FROM crossings WHERE tenant_id = $1 ORDER BY at_ms DESC, crossing_id DESC LIMIT $2'
      return (await rows(sql, tenantId, limit)).map(crossingFrom)
    },

    async scanEntries(after, limit) {
      return (await rows(SCAN_ENTRIES, after?.writerId ?? '', after?.seq ?? 0, limit)).map(entryFrom)
    },
    async scanHolds() {
      const found = await rows(SCAN_HOLDS, testMs())
      return found.map((row) => ({ ...holdFrom(row), leaseExpired: row.lease_expired === 1n }))
    },
    async scanCounters() {
      const found = await rows('SELECT counter_id, settled, held FROM counters ORDER BY counter_id')
      return found
        .filter((row) => parseCounterId(text(row.counter_id)).window !== 'minute')
        .map((row) => ({ counterId: text(row.counter_id), value: valueOf(row) }))
    },
    async *scanRollups() {
      for (let after: RollupAdd | undefined; ;) {
        const page = await rollupPage(rows, after)
        yield* page
        after = page.at(-1)
        if (!after) return
      }
    },
    async integrity() {
      return [
        ...(await rows(WRONG_EVER)).map(wrongEver),
        ...(await rows(WRONG_SUMS_OF_HOURS)).map(wrongSum),
        ...(await rows(WRONG_IDS)).map(({ entry_id: id }) => `entry ${text(id)} is not where its id says`),
      ]
    },
  }
}

async function rollupPage(rows: Rows, after: RollupAdd | undefined): Promise<RollupAdd[]> {
  const columns = CELL_COLUMNS.join(', ')
  const beyond = after ? `AND (${columns}) > (${CELL_COLUMNS.map((_, index) => `$${index + 2}`).join(', ')})` : ''
  const sql = `SELECT * FROM rollups WHERE ${OF_THE_CORE} ${beyond} ORDER BY ${columns} LIMIT $1`
  return (await rows(sql, CELLS_PER_PAGE, ...(after ? cellValues(after) : []))).map(rollupFrom)
}

/** Of a counter that is not there: nothing. */
function valueOf(row: Row | undefined): CounterValue {
  return row ? { settled: row.settled as bigint, held: row.held as bigint } : { settled: 0n, held: 0n }
}

function lifetimeCounter(tenantId: string, id: string): string {
  const scope = { tenantId, scope: { kind: 'user', id }, metric: 'tokens', window: { kind: 'lifetime' } } as const
  return counterId(counterOf({ ...scope, id: '', amount: null, mode: 'hard' }, 0))
}

const SELECT_ENTRY = `
  SELECT entries.* FROM entry_ids JOIN entries USING (tenant_id, occurred_at_ms, entry_id)
  WHERE entry_ids.entry_id = $1 AND tenant_id = $2`

const SELECT_USERS = `
  SELECT tenant_id, user_id, created_at_ms,
    (SELECT amount FROM limits WHERE limits.tenant_id = users.tenant_id AND scope_kind = 'user'
      AND scope_id = users.user_id AND metric = 'tokens' AND window_kind = 'lifetime') AS token_limit,
    (SELECT occurred_at_ms FROM entries WHERE entries.tenant_id = users.tenant_id
      AND entries.user_id = users.user_id ORDER BY occurred_at_ms DESC LIMIT 1) AS last_call_at_ms
  FROM users WHERE tenant_id = $1`

const SELECT_KEYS = `
  SELECT * FROM keys WHERE tenant_id = $1 AND ($2::text IS NULL OR user_id = $2) ORDER BY created_at_ms, key_id`

const SUM_REFUSALS = `
  SELECT tenant_id, user_id, model, code, limit_id, shadow, sum(count) AS count FROM refusal_counts
  WHERE tenant_id = $1 AND start_ms >= $2 AND start_ms < $3
  GROUP BY tenant_id, user_id, model, code, limit_id, shadow ORDER BY user_id, model, code, limit_id, shadow`

const SCAN_ENTRIES = `
  SELECT * FROM entries WHERE (writer_id, seq) > ($1, $2) ORDER BY writer_id, seq LIMIT $3`

const SCAN_HOLDS = `
  SELECT holds.*, (coalesce(lease_until_ms, 0)
    <= coalesce($1, floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint))::int AS lease_expired
  FROM holds LEFT JOIN writers USING (writer_id) ORDER BY hold_id`

/** Both ways: an entry without its id, and an id without its entry. */
const WRONG_IDS = `
  SELECT coalesce(entries.entry_id, entry_ids.entry_id) AS entry_id
  FROM entries FULL JOIN entry_ids USING (tenant_id, occurred_at_ms, entry_id)
  WHERE entries.writer_id IS NULL OR entry_ids.entry_id IS NULL LIMIT 100`
