import type { Group, SumsQuery } from '../../core/ports/report-store.ts'
import { type Dimension, type Measure, MEASURES, type Sums } from '../../core/rollup.ts'
import { DIMENSION_COLUMNS, MEASURE_COLUMNS, type Row, text } from '../rows/columns.ts'
import { spansOf } from '../rows/sum-spans.ts'
import type { Rows } from './page-queries.ts'

const ANY_OF = 'IN (SELECT value FROM json_each(?))'

/** Sums of cells, by any of their dimensions. */
export function groups(rows: Rows, query: SumsQuery): Group[] {
  const { tenantId, by, where = {}, byTime } = query
  const { spans, isSearch } = spansOf(query)
  const at = byTime === true ? 'start_ms' : 'bucket_ms'
  const keys = [...(byTime === false ? [] : [at]), ...by.map(dimensionColumn)]
  const sums = Object.values(MEASURE_COLUMNS).map((column) => `sum(sign * ${column}) AS ${column}`)
  // Grouped by the tenant where by nothing else, so that no cells make no group rather than one of nulls.
  const grouping = keys.length > 0 ? keys.join(', ') : 'tenant_id'
  const narrowing = Object.entries(where)
    .map(([name, value]) => `AND ${dimensionColumn(name)} ${typeof value === 'string' ? '= ?' : ANY_OF}`)
    .join(' ')
  const time = isSearch ? 'start_ms = from_ms' : 'start_ms >= from_ms AND start_ms < to_ms'
  const sql = `WITH spans AS MATERIALIZED (
      SELECT value ->> 0 AS of_cube, value ->> 1 AS of_grain, value ->> 2 AS from_ms, value ->> 3 AS to_ms,
        value ->> 4 AS bucket_ms, value ->> 5 AS sign FROM json_each(?))
    SELECT ${[...keys, ...sums].join(', ')} FROM spans CROSS JOIN rollups
    WHERE tenant_id = ? AND cube = of_cube AND grain = of_grain AND ${time} ${narrowing}
    GROUP BY ${grouping} HAVING sum(sign * entries) > 0 ORDER BY ${grouping}`
  const asked = spans.map((span) => [span.cube, span.grain, span.fromMs, span.toMs, span.bucketMs, span.sign])
  const values = Object.values(where).map((value) => (typeof value === 'string' ? value : JSON.stringify(value)))
  return rows(sql, JSON.stringify(asked), tenantId, ...values).map((row) => ({
    dimensions: Object.fromEntries(by.map((name) => [name, text(row[DIMENSION_COLUMNS[name]])])),
    ...(byTime !== false && { startMs: Number(row[at]) }),
    sums: sumsFrom(row),
  }))
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
