import type { Group, SumsQuery } from '../../core/ports/report-store.ts'
import { type Dimension, type Measure, MEASURES, type Sums } from '../../core/rollup.ts'
import { DIMENSION_COLUMNS, MEASURE_COLUMNS, type Row, text } from '../rows/columns.ts'
import { spansOf } from '../rows/sum-spans.ts'
import type { Rows } from './page-queries.ts'

/** Sums of cells, by any of their dimensions. */
export async function groups(rows: Rows, query: SumsQuery): Promise<Group[]> {
  const { tenantId, by, where = {}, byTime } = query
  const { spans, isSearch } = spansOf(query)
  const at = byTime === true ? 'start_ms' : 'bucket_ms'
  const dimensions = by.map(dimensionColumn)
  const keys = [...(byTime === false ? [] : [at]), ...dimensions]
  const columns = Object.values(MEASURE_COLUMNS)
  const sums = columns.map((column) => `sum(${column}) AS ${column}`)
  // Grouped by the tenant where by nothing else, so that no cells make no group rather than one of nulls.
  const within = ['tenant_id', ...(byTime === true ? ['start_ms'] : []), ...dimensions].join(', ')
  const grouping = keys.length > 0 ? keys.join(', ') : 'tenant_id'
  const narrowing = Object.entries(where)
    .map(([name, value], index) => {
      const place = `$${index + 8}`
      return `AND ${dimensionColumn(name)} = ${typeof value === 'string' ? place : `ANY (${place})`}`
    })
    .join(' ')
  const time = isSearch ? 'start_ms = from_ms' : 'start_ms >= from_ms AND start_ms < to_ms'
  // Summed up span by span, each found by the key: left to join them, PostgreSQL would rather read everything.
  const signed = columns.map((column) => `sum(sign * ${column}) AS ${column}`)
  const sql = `SELECT ${[...keys, ...signed].join(', ')}
    FROM unnest($2::text[], $3::text[], $4::bigint[], $5::bigint[], $6::bigint[], $7::bigint[])
        AS span (of_cube, of_grain, from_ms, to_ms, bucket_ms, sign)
      CROSS JOIN LATERAL (
        SELECT ${[within, ...sums].join(', ')} FROM rollups
        WHERE tenant_id = $1 AND cube = of_cube COLLATE "C" AND grain = of_grain COLLATE "C" AND ${time} ${narrowing}
        GROUP BY ${within}) AS part
    GROUP BY ${grouping} HAVING sum(sign * entries) > 0 ORDER BY ${grouping}`
  const found = await rows(
    sql,
    tenantId,
    spans.map(({ cube }) => cube),
    spans.map(({ grain }) => grain),
    spans.map(({ fromMs }) => fromMs),
    spans.map(({ toMs }) => toMs),
    spans.map(({ bucketMs }) => bucketMs),
    spans.map(({ sign }) => sign),
    ...Object.values(where),
  )
  return found.map((row) => ({
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
