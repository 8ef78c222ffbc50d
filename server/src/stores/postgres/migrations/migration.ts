/** One step of the schema, and the way back, as SQL. A released step never changes: the next one corrects it. */
export interface Migration {
  readonly up: string
  readonly down: string
}

/** Text that is compared by its bytes, as every other store does, whatever the database's own order is. */
export const TEXT = 'text COLLATE "C"'

/** The names of fields that are written as `name type, name type`. */
export function namesOf(fields: string): string[] {
  return fields.split(',').map((field) => field.trim().split(' ')[0]!)
}
