import { DIMENSIONS, MEASURES, type Dimension, type Measure } from '../../core/rollup.ts'
import { BUCKETS } from '../../core/usage.ts'

/** A core name as the name of its column: inCacheWrite5m → in_cache_write5m. */
function columnOf(name: string): string {
  return name.replaceAll(/[A-Z]/g, (capital) => `_${capital.toLowerCase()}`)
}

/** The only source of names in composed statements: closed lists of the core, never anything that came from outside. */
export const BUCKET_COLUMNS: readonly string[] = BUCKETS.map(columnOf)
export const MEASURE_COLUMNS: Readonly<Record<Measure, string>> = record(MEASURES)
export const DIMENSION_COLUMNS: Readonly<Record<Dimension, string>> = record(DIMENSIONS)

function record<Name extends string>(names: readonly Name[]): Record<Name, string> {
  return Object.fromEntries(names.map((name) => [name, columnOf(name)])) as Record<Name, string>
}

/** The column of a dimension that a question names: names go into statements as they are, so only those of the core may. */
export function dimensionColumn(name: string): string {
  if (!Object.hasOwn(DIMENSION_COLUMNS, name)) throw new RangeError(`no such dimension: ${name}`)
  return DIMENSION_COLUMNS[name as Dimension]
}

/** A row of a SQL engine, every integer as BigInt. */
export type Row = Record<string, bigint | string | null>
export type Value = bigint | number | string | null

/** Each column of a table beside the value that goes into it. */
export type Columns<Noun> = readonly (readonly [column: string, value: (noun: Noun) => Value])[]

export function text(value: Row[string] | undefined): string {
  return value as string
}
export function numberOrNull(value: Row[string] | undefined): number | null {
  return value === null ? null : Number(value)
}
