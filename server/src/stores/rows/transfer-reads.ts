import type { PlacedEntry } from '../../core/entry.ts'
import type { PartName, Parts, TransferSource } from '../../core/ports/transfer.ts'
import { type Row, text, type Value } from './columns.ts'
import { OF_THE_CORE } from './kept-cells.ts'
import type { PartTable, PartTables } from './part-tables.ts'

const ROWS_PER_PIECE = 2_000

/** Which rows of a table are no part of the ledger: the marker of a copy, and cells that these stores keep for themselves. */
const ONLY: { readonly [Name in PartName]?: string } = {
  settings: `name <> 'copy'`,
  rollups: OF_THE_CORE,
}

export const SELECT_MARKER = `SELECT value FROM settings WHERE name = 'copy'`
const SELECT_SEQUENCES = 'SELECT writer_id, seq FROM writers'
const ENTRIES_AFTER = `SELECT * FROM entries WHERE writer_id = ? AND seq > ? ORDER BY seq LIMIT ${ROWS_PER_PIECE}`

/**
 * A ledger that is read as a whole, piece by piece.
 *
 * @param rows Runs a statement, in which a question mark stands for each value.
 * @param living Names the writers whose lease holds now, on the store's own clock.
 */
export function transferReads(
  rows: (sql: string, ...values: Value[]) => Promise<Row[]>,
  tables: PartTables,
  living: () => Promise<Row[]>,
): Omit<TransferSource, 'freeze' | 'close'> {
  async function* read<Name extends PartName>(part: Name): AsyncGenerator<Parts[Name][]> {
    const { table: TABLE, key, from } = tables[part] as PartTable<Parts[Name]>
    const [KEY, CONDITION, PLACES] = [key.join(', '), ONLY[part] ?? 'true', key.map(() => '?').join(', ')]
    const first = `SELECT * FROM ${TABLE} WHERE ${CONDITION} ORDER BY ${KEY} LIMIT ${ROWS_PER_PIECE}`
    const next = `SELECT * FROM ${TABLE} WHERE ${CONDITION} AND (${KEY}) > (${PLACES})
      ORDER BY ${KEY} LIMIT ${ROWS_PER_PIECE}`
    let piece = await rows(first)
    while (piece.length > 0) {
      yield piece.map(from)
      const last = piece.at(-1)!
      piece = await rows(next, ...key.map((column) => last[column]!))
    }
  }

  async function* entriesAfter(writerId: string, seq: number): AsyncGenerator<PlacedEntry[]> {
    for (let after = seq; ;) {
      const piece = (await rows(ENTRIES_AFTER, writerId, after)).map(tables.entries.from)
      if (piece.length === 0) return
      yield piece
      after = piece.at(-1)!.seq
    }
  }

  return {
    read,
    entriesAfter,
    livingWriters: async () => (await living()).map((row) => text(row.writer_id)),
    marker: async () => (await rows(SELECT_MARKER)).map((row) => text(row.value))[0],
    sequences: async () => new Map((await rows(SELECT_SEQUENCES)).map((row) => [text(row.writer_id), Number(row.seq)])),
  }
}
