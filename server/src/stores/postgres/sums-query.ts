import type { Group, SumsQuery } from '../../core/ports/report-store.ts'
import { type Dimension, GRAINS, type Measure, MEASURES, type Sums } from '../../core/rollup.ts'
import { FOREVER_MS } from '../../core/window.ts'
import { DIMENSION_COLUMNS, MEASURE_COLUMNS, type Row, text, type Value } from '../rows/columns.ts'
import type { Rows } from './page-queries.ts'
import { EVER } from './rollup-rows.ts'

/** Sums of cells, by any of their dimensions. */
export async function groups(rows: Rows, query: SumsQuery): Promise<Group[]> {
  const { tenantId, cube, by, where = {}, byTime } = query
  const keys = [...(byTime ? ['start_ms'] : []), ...by.map(dimensionColumn)]
  const sums = Object.values(MEASURE_COLUMNS).map((column) => `sum(${column}) AS ${column}`)
  // Grouped by the tenant where by nothing else, so that no cells make no group rather than one of nulls.
  const grouping = keys.length > 0 ? keys.join(', ') : 'tenant_id'
  const cells = Object.entries(where)
  const time = timeOf(query)
  const narrowing = cells
    .map(([name], index) => `AND ${dimensionColumn(name)} = $${index + time.values.length + 3}`)
    .join(' ')
  const sql = `SELECT ${[...keys, ...sums].join(', ')} FROM rollups
    WHERE tenant_id = $1 AND cube = $2 AND ${time.condition} ${narrowing}
    GROUP BY ${grouping} ORDER BY ${grouping}`
  const found = await rows(sql, tenantId, cube, ...time.values, ...cells.map(([, value]) => value))
  return found.map((row) => ({
    dimensions: Object.fromEntries(by.map((name) => [name, text(row[DIMENSION_COLUMNS[name]])])),
    ...(byTime && { startMs: Number(row.start_ms) }),
    sums: sumsFrom(row),
  }))
}

/** Beyond so many buckets, one pass over all users is no more work than a search in each bucket. */
const MOST_SEARCHES = 10_000

/** Which cells are of the range, as the key finds them soonest. */
function timeOf({ cube, grain, range, where, byTime }: SumsQuery): {
  condition: string
  values: (Value | readonly Value[])[]
} {
  const { startMs, endMs } = range
  if (cube === 'account' && !byTime && startMs <= 0 && endMs >= FOREVER_MS)
    return { condition: 'grain = $3 AND start_ms = 0', values: [EVER] }
  const widthMs = GRAINS[grain]
  const firstMs = Math.ceil(startMs / widthMs) * widthMs
  const buckets = Math.max(0, Math.ceil((endMs - firstMs) / widthMs))
  if (where?.userId === undefined || buckets > MOST_SEARCHES)
    return { condition: 'grain = $3 AND start_ms >= $4 AND start_ms < $5', values: [grain, startMs, endMs] }
  // In the key, users come after the time: so each bucket is searched for the user, and no other user is read.
  const starts = Array.from({ length: buckets }, (_, index) => firstMs + index * widthMs)
  return { condition: 'grain = $3 AND start_ms = ANY ($4::bigint[])', values: [grain, starts] }
}

/** Names of columns go into the statement as they are, so only those of the core may. */
function dimensionColumn(name: string): string {
  if (!Object.hasOwn(DIMENSION_COLUMNS, name)) throw new RangeError(`no such dimension: ${name}`)
  return DIMENSION_COLUMNS[name as Dimension]
}

export function sumsFrom(row: Row): Sums {
  return Object.fromEntries(MEASURES.map((measure) => [measure, row[MEASURE_COLUMNS[measure]]])) as Record<
    Measure,
    bigint
  >
}
