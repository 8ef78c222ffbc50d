import type { Columns, Value } from '../rows/columns.ts'

/** `(?, ?, ?)` for so many values. */
export function placeholders(count: number): string {
  return `(${Array.from({ length: count }, () => '?').join(', ')})`
}

/** The statement that inserts one row. */
export function insertInto<Noun>(table: string, columns: Columns<Noun>): string {
  return `INSERT INTO ${table} (${columns.map(([column]) => column).join(', ')}) VALUES ${placeholders(columns.length)}`
}

/** What goes into these columns. */
export function valuesOf<Noun>(columns: Columns<Noun>, noun: Noun): Value[] {
  return columns.map(([, value]) => value(noun))
}
