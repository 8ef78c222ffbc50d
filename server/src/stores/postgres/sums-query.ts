import type { Group, LargestQuery, SumsQuery } from '../../core/ports/report-store.ts'
import { BUCKET_COLUMNS, dimensionColumn, MEASURE_COLUMNS, text, type Value } from '../rows/columns.ts'
import { sumsFrom } from '../rows/rollup-row.ts'
import { spansOf } from '../rows/sum-spans.ts'
import type { Rows } from './page-queries.ts'

const SPANS = `unnest($2::bigint[], $3::text[], $4::text[], $5::bigint[], $6::bigint[])
  AS spans (span, of_cube, of_grain, from_ms, to_ms)`
const USES = 'unnest($7::bigint[], $8::bigint[], $9::bigint[]) AS uses (span, bucket_ms, sign)'
const TOKENS = BUCKET_COLUMNS.join(' + ')

/** Sums of cells, by any of their dimensions. */
export async function groups(rows: Rows, query: SumsQuery): Promise<Group[]> {
  const { by, byTime } = query
  const at = byTime === true ? 'start_ms' : 'bucket_ms'
  const dimensions = by.map(dimensionColumn)
  const keys = [...(byTime === false ? [] : [at]), ...dimensions]
  const columns = Object.values(MEASURE_COLUMNS)
  const sums = columns.map((column) => `sum(${column}) AS ${column}`)
  const signed = columns.map((column) => `sum(sign * ${column}) AS ${column}`)
  // Grouped by the tenant where by nothing else, so that no cells make no group rather than one of nulls.
  const within = ['tenant_id', ...(byTime === true ? ['start_ms'] : []), ...dimensions].join(', ')
  const grouping = keys.length > 0 ? keys.join(', ') : 'tenant_id'
  const { where, values } = cellsOf(query)
  // Summed up span by span, each found by the key: left to join them, PostgreSQL would rather read everything.
  const sql = `SELECT ${[...keys, ...signed].join(', ')}
    FROM ${SPANS} CROSS JOIN LATERAL (
      SELECT ${[within, ...sums].join(', ')} FROM rollups WHERE ${where} GROUP BY ${within}) AS part
      JOIN ${USES} USING (span)
    GROUP BY ${grouping} HAVING sum(sign * entries) > 0 ORDER BY ${grouping}`
  return (await rows(sql, ...values)).map((row) => ({
    dimensions: Object.fromEntries(by.map((name) => [name, text(row[dimensionColumn(name)])])),
    ...(byTime !== false && { startMs: Number(row[at]) }),
    sums: sumsFrom(row),
  }))
}

/** The values of a dimension that cost most. */
export async function largest(rows: Rows, { of, most, ...asked }: LargestQuery): Promise<string[]> {
  const key = dimensionColumn(of)
  const { where, values } = cellsOf({ ...asked, grain: 'quarter', by: [of], byTime: false })
  const sql = `SELECT key FROM ${SPANS} CROSS JOIN LATERAL (
      SELECT ${key} AS key, sum(cost_nano_usd) AS cost, sum(${TOKENS}) AS tokens, sum(entries) AS entries
      FROM rollups WHERE ${where} GROUP BY ${key}) AS part
      JOIN ${USES} USING (span)
    GROUP BY key HAVING sum(sign * entries) > 0
    ORDER BY sum(sign * cost) DESC, sum(sign * tokens) DESC, key LIMIT $${values.length + 1}`
  return (await rows(sql, ...values, most)).map((row) => text(row.key))
}

/** The cells that a question is about: what each span asks of them. */
function cellsOf(query: SumsQuery): { where: string; values: (Value | readonly Value[])[] } {
  const { tenantId, where = {} } = query
  const { cells, uses, isSearch } = spansOf(query)
  const time = isSearch ? 'start_ms = from_ms' : 'start_ms >= from_ms AND start_ms < to_ms'
  const narrowing = Object.entries(where)
    .map(([name, value], index) => {
      const place = `$${index + 10}`
      return `AND ${dimensionColumn(name)} = ${typeof value === 'string' ? place : `ANY (${place})`}`
    })
    .join(' ')
  return {
    where: `tenant_id = $1 AND cube = of_cube COLLATE "C" AND grain = of_grain COLLATE "C" AND ${time} ${narrowing}`,
    values: [
      tenantId,
      ...columnsOf(cells, ['span', 'cube', 'grain', 'fromMs', 'toMs']),
      ...columnsOf(uses, ['span', 'bucketMs', 'sign']),
      ...Object.values(where),
    ],
  }
}

function columnsOf<Noun, Name extends keyof Noun>(nouns: readonly Noun[], names: readonly Name[]): Noun[Name][][] {
  return names.map((name) => nouns.map((noun) => noun[name]))
}
