import type { Group, LargestQuery, SumsQuery } from '../../core/ports/report-store.ts'
import { BUCKET_COLUMNS, dimensionColumn, MEASURE_COLUMNS, text, type Value } from '../rows/columns.ts'
import { sumsFrom } from '../rows/rollup-row.ts'
import { spansOf } from '../rows/sum-spans.ts'
import type { Rows } from './page-queries.ts'

const SPANS = `WITH spans AS MATERIALIZED (
    SELECT value ->> 0 AS span, value ->> 1 AS of_cube, value ->> 2 AS of_grain, value ->> 3 AS from_ms,
      value ->> 4 AS to_ms FROM json_each(?)),
  uses AS MATERIALIZED (
    SELECT value ->> 0 AS span, value ->> 1 AS bucket_ms, value ->> 2 AS sign FROM json_each(?))`
const ANY_OF = 'IN (SELECT value FROM json_each(?))'
const TOKENS = BUCKET_COLUMNS.join(' + ')

/** Sums of cells, by any of their dimensions. */
export function groups(rows: Rows, query: SumsQuery): Group[] {
  const { by, byTime } = query
  const at = byTime === true ? 'start_ms' : 'bucket_ms'
  const dimensions = by.map(dimensionColumn)
  const keys = [...(byTime === false ? [] : [at]), ...dimensions]
  const columns = Object.values(MEASURE_COLUMNS)
  const sums = columns.map((column) => `sum(${column}) AS ${column}`)
  const signed = columns.map((column) => `sum(sign * ${column}) AS ${column}`)
  const within = ['span', ...(byTime === true ? ['start_ms'] : []), ...dimensions].join(', ')
  // Grouped by a constant where by nothing else, so that no cells make no group rather than one of nulls.
  const grouping = keys.length > 0 ? keys.join(', ') : 'NULL'
  const { cells, values } = cellsOf(query)
  // Summed up span by span: what is added to one bucket and taken away from another is read once.
  const sql = `${SPANS}, parts AS MATERIALIZED (
      SELECT ${[within, ...sums].join(', ')} FROM spans ${cells} GROUP BY ${within})
    SELECT ${[...keys, ...signed].join(', ')} FROM parts JOIN uses USING (span)
    GROUP BY ${grouping} HAVING sum(sign * entries) > 0 ORDER BY ${grouping}`
  return rows(sql, ...values).map((row) => ({
    dimensions: Object.fromEntries(by.map((name) => [name, text(row[dimensionColumn(name)])])),
    ...(byTime !== false && { startMs: Number(row[at]) }),
    sums: sumsFrom(row),
  }))
}

/** The values of a dimension that cost most. */
export function largest(rows: Rows, { of, most, ...asked }: LargestQuery): string[] {
  const key = dimensionColumn(of)
  const { cells, values } = cellsOf({ ...asked, grain: 'quarter', by: [of], byTime: false })
  // With a limit of its own, what is sorted by key are these few and not all columns of every cell.
  const sql = `${SPANS}, added AS (
      SELECT ${key} AS key, sign * cost_nano_usd AS cost, sign * (${TOKENS}) AS tokens, sign * entries AS cells
      FROM uses CROSS JOIN spans USING (span) ${cells} LIMIT -1)
    SELECT key FROM added GROUP BY key HAVING sum(cells) > 0 ORDER BY sum(cost) DESC, sum(tokens) DESC, key LIMIT ?`
  return rows(sql, ...values, most).map((row) => text(row.key))
}

/** The cells that a question is about, as what follows a table of spans in a statement. */
function cellsOf(query: SumsQuery): { cells: string; values: Value[] } {
  const { tenantId, where = {} } = query
  const { cells, uses, isSearch } = spansOf(query)
  const time = isSearch ? 'start_ms = from_ms' : 'start_ms >= from_ms AND start_ms < to_ms'
  const narrowing = Object.entries(where)
    .map(([name, value]) => `AND ${dimensionColumn(name)} ${typeof value === 'string' ? '= ?' : ANY_OF}`)
    .join(' ')
  const asked = cells.map(({ span, cube, grain, fromMs, toMs }) => [span, cube, grain, fromMs, toMs])
  const used = uses.map(({ span, bucketMs, sign }) => [span, bucketMs, sign])
  const wanted = Object.values(where).map((value) => (typeof value === 'string' ? value : JSON.stringify(value)))
  return {
    cells: `CROSS JOIN rollups
      WHERE tenant_id = ? AND cube = of_cube AND grain = of_grain AND ${time} ${narrowing}`,
    values: [JSON.stringify(asked), JSON.stringify(used), tenantId, ...wanted],
  }
}
