/** One step of the schema, and the way back, as SQL. A released step never changes: the next one corrects it. */
export interface Migration {
  readonly up: string
  readonly down: string
}
