import type { Group, LargestQuery, SumsQuery } from '../../core/ports/report-store.ts'
import { type Dimension, type Measure, MEASURES, type Sums } from '../../core/rollup.ts'
import { BUCKET_COLUMNS, DIMENSION_COLUMNS, MEASURE_COLUMNS, type Row, text, type Value } from '../rows/columns.ts'
import { spansOf } from '../rows/sum-spans.ts'
import type { Rows } from './page-queries.ts'

const SPANS = `WITH spans AS MATERIALIZED (
  SELECT value ->> 0 AS of_cube, value ->> 1 AS of_grain, value ->> 2 AS from_ms, value ->> 3 AS to_ms,
    value ->> 4 AS bucket_ms, value ->> 5 AS sign FROM json_each(?))`
const ANY_OF = 'IN (SELECT value FROM json_each(?))'
const TOKENS = BUCKET_COLUMNS.join(' + ')

/** Sums of cells, by any of their dimensions. */
export function groups(rows: Rows, query: SumsQuery): Group[] {
  const { by, byTime } = query
  const at = byTime === true ? 'start_ms' : 'bucket_ms'
  const keys = [...(byTime === false ? [] : [at]), ...by.map(dimensionColumn)]
  const sums = Object.values(MEASURE_COLUMNS).map((column) => `sum(sign * ${column}) AS ${column}`)
  // Grouped by the tenant where by nothing else, so that no cells make no group rather than one of nulls.
  const grouping = keys.length > 0 ? keys.join(', ') : 'tenant_id'
  const { from, values } = cellsOf(query)
  const sql = `${SPANS} SELECT ${[...keys, ...sums].join(', ')} ${from}
    GROUP BY ${grouping} HAVING sum(sign * entries) > 0 ORDER BY ${grouping}`
  return rows(sql, ...values).map((row) => ({
    dimensions: Object.fromEntries(by.map((name) => [name, text(row[DIMENSION_COLUMNS[name]])])),
    ...(byTime !== false && { startMs: Number(row[at]) }),
    sums: sumsFrom(row),
  }))
}

/** The values of a dimension that cost most. */
export function largest(rows: Rows, { of, most, ...asked }: LargestQuery): string[] {
  const key = dimensionColumn(of)
  const { from, values } = cellsOf({ ...asked, grain: 'quarter', by: [of], byTime: false })
  // With a limit of its own, what is sorted by key are these four and not all columns of every cell.
  const sql = `${SPANS} SELECT key FROM (
      SELECT ${key} AS key, sign * cost_nano_usd AS cost, sign * (${TOKENS}) AS tokens, sign * entries AS cells ${from} LIMIT -1)
    GROUP BY key HAVING sum(cells) > 0 ORDER BY sum(cost) DESC, sum(tokens) DESC, key LIMIT ?`
  return rows(sql, ...values, most).map((row) => text(row.key))
}

/** The cells that a question is about, as what follows the columns of a statement. */
function cellsOf(query: SumsQuery): { from: string; values: Value[] } {
  const { tenantId, where = {} } = query
  const { spans, isSearch } = spansOf(query)
  const time = isSearch ? 'start_ms = from_ms' : 'start_ms >= from_ms AND start_ms < to_ms'
  const narrowing = Object.entries(where)
    .map(([name, value]) => `AND ${dimensionColumn(name)} ${typeof value === 'string' ? '= ?' : ANY_OF}`)
    .join(' ')
  const asked = spans.map((span) => [span.cube, span.grain, span.fromMs, span.toMs, span.bucketMs, span.sign])
  const wanted = Object.values(where).map((value) => (typeof value === 'string' ? value : JSON.stringify(value)))
  return {
    from: `FROM spans CROSS JOIN rollups
      WHERE tenant_id = ? AND cube = of_cube AND grain = of_grain AND ${time} ${narrowing}`,
    values: [JSON.stringify(asked), tenantId, ...wanted],
  }
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
