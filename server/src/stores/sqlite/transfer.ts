import { existsSync } from 'node:fs'
import type { DatabaseSync } from 'node:sqlite'
import type { PlacedEntry } from '../../core/entry.ts'
import { StoreUnavailable } from '../../core/errors.ts'
import type { PartName, Parts, TransferSource, TransferTarget } from '../../core/ports/transfer.ts'
import type { Row, Value } from '../rows/columns.ts'
import { MAKE_KEPT_CELLS } from '../rows/kept-cells.ts'
import { minuteFrom, minuteText } from '../rows/minute-text.ts'
import { type PartTable, partTables } from '../rows/part-tables.ts'
import { SELECT_MARKER, transferReads } from '../rows/transfer-reads.ts'
import { connect, connectReadOnly } from './connection.ts'
import { placeholders } from './insert.ts'
import { LATEST_VERSION, migrate, recognise, versionOf } from './migrations.ts'
import { answering, type Transactions, transactions } from './transaction.ts'

const TABLES = partTables({ value: minuteText, from: minuteFrom })

/** A file to read as a whole; it is not changed. Throws StoreUnavailable where its schema is not the latest. */
export function sqliteSource(path: string): TransferSource {
  if (!existsSync(path)) throw new StoreUnavailable(`${path} is not there.`)
  const database = connectReadOnly(path)
  try {
    recognise(database)
    const version = versionOf(database)
    if (version !== LATEST_VERSION) throw new StoreUnavailable(`its schema is ${version}: ${BRING_UP}`)
  } catch (error) {
    database.close()
    throw new StoreUnavailable(`${path} cannot be read: ${(error as Error).message}`, { cause: error })
  }
  return {
    ...reads(database),
    freeze: () =>
      answering(() => {
        // The snapshot is taken by the first read of the transaction.
        database.exec('BEGIN; SELECT count(*) FROM tenants')
      }),
    close: async () => database.close(),
  }
}

/** A file to make a ledger in, brought up to the latest schema. `crashPoint` is told each step, for tests. */
export function sqliteTarget(path: string, crashPoint?: (name: string) => void): TransferTarget {
  const database = connect(path, { recognise, migrate })
  const writing = transactions(database, crashPoint)
  return { ...reads(database), ...writes(database, writing), close: async () => database.close() }
}

function reads(database: DatabaseSync) {
  const rows = (sql: string, ...values: Value[]) =>
    answering(() => database.prepare(sql, { readBigInts: true }).all(...values) as Row[])
  return transferReads(rows, TABLES, () => rows(LIVING, Date.now()))
}

function writes(database: DatabaseSync, { write, reached }: Transactions) {
  let mine: string | undefined

  function marker(): string | undefined {
    const row = database.prepare(SELECT_MARKER).get() as { value: string } | undefined
    return row?.value
  }

  /** Inside of a transaction that began with the write lock: what is mine now stays so until it ends. */
  function whileMine<T>(work: () => T): Promise<T> {
    return write(() => {
      if (mine === undefined || marker() !== mine) throw new StoreUnavailable('another copy was begun here meanwhile')
      return work()
    })
  }

  function putRows<Name extends PartName>(part: Name, rows: readonly Parts[Name][]): void {
    const { table: TABLE, key, columns } = TABLES[part] as PartTable<Parts[Name]>
    const names = columns.map(([name]) => name)
    const [KEY, COLUMNS] = [key.join(', '), names.join(', ')]
    const CHANGED = names.filter((name) => !key.includes(name)).map((name) => `${name} = excluded.${name}`)
    const upsert = database.prepare(`
      INSERT INTO ${TABLE} (${COLUMNS}) VALUES ${placeholders(names.length)}
      ON CONFLICT (${KEY}) DO UPDATE SET ${CHANGED.join(', ')}`)
    for (const row of rows) upsert.run(...columns.map(([, value]) => value(row) as Value))
  }

  function putEntries(entries: readonly PlacedEntry[]): void {
    const last = entries.at(-1)!
    const { seq } = (database.prepare(SEQUENCE).get(last.writerId) ?? { seq: 0 }) as { seq: number }
    putRows(
      'entries',
      entries.filter((entry) => entry.seq > seq),
    )
    database.prepare(RAISE_SEQUENCE).run(last.writerId, last.seq)
  }

  return {
    mark: (next: string, seen: string | undefined) =>
      write(() => {
        if (marker() !== seen) return false
        database.prepare(PUT_MARKER).run(next)
        reached('marked')
        mine = next
        return true
      }),
    put: <Name extends PartName>(part: Name, rows: readonly Parts[Name][]) =>
      whileMine(() => {
        if (part === 'entries') putEntries(rows as readonly PlacedEntry[])
        else putRows(part, rows)
        reached('piece put')
      }),
    forgetHolds: () =>
      whileMine(() => {
        database.exec('DELETE FROM holds')
        reached('holds forgotten')
      }),
    complete: () =>
      whileMine(() => {
        for (const sql of MAKE_KEPT_CELLS) database.exec(sql)
        reached('completed')
      }),
  }
}

const BRING_UP = `this program reads ${LATEST_VERSION}. Bring it up first: token-trackr migrate up`
const LIVING = 'SELECT writer_id FROM writers WHERE lease_until_ms > ?'
const SEQUENCE = 'SELECT seq FROM writers WHERE writer_id = ?'
const RAISE_SEQUENCE = `
  INSERT INTO writers (writer_id, seq, commits, lease_until_ms) VALUES (?, ?, 1, 0)
  ON CONFLICT (writer_id) DO UPDATE SET seq = max(seq, excluded.seq), commits = commits + 1`
const PUT_MARKER = `
  INSERT INTO settings (name, value) VALUES ('copy', ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value`
