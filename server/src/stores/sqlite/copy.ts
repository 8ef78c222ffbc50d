import { chmodSync, closeSync, copyFileSync, existsSync, fsyncSync, openSync, renameSync, rmSync } from 'node:fs'
import { dirname } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { StoreUnavailable } from '../../core/errors.ts'
import { connectReadOnly } from './connection.ts'
import { recognise } from './migrations.ts'

/** What SQLite keeps beside a file that is open, or was when its process died. */
const BESIDE = ['', '-wal', '-shm']

/**
 * Writes the database as of one instant into a new file with mode 0600, on disk when this returns. Others go on writing
 * meanwhile. Throws StoreUnavailable where the file is there already, or there is nothing to copy.
 */
export function copyDatabase(from: string, to: string): void {
  createEmpty(to)
  try {
    reading(from, (database) => database.prepare('VACUUM INTO ?').run(to))
    flush(to)
  } catch (error) {
    rmSync(to, { force: true })
    throw error
  }
}

/** Makes a database one plain file, which can be read also where nothing can be written beside it. */
export function intoOneFile(path: string): void {
  const database = new DatabaseSync(path)
  try {
    database.exec('PRAGMA journal_mode = DELETE')
  } finally {
    database.close()
  }
  flush(path)
}

/** Copies a file that nobody writes to, with what SQLite left beside it; what was there is replaced. */
export function copyFile(from: string, to: string): void {
  if (!existsSync(from)) throw new StoreUnavailable(`${from} is not there.`)
  removeDatabase(to)
  for (const beside of ['', '-wal'])
    if (existsSync(from + beside)) {
      copyFileSync(from + beside, to + beside)
      chmodSync(to + beside, 0o600)
    }
}

export function removeDatabase(path: string): void {
  for (const beside of BESIDE) rmSync(path + beside, { force: true })
}

/** Gives a database another name, with all that SQLite keeps beside it, and makes that durable. */
export function renameDatabase(from: string, to: string): void {
  // What is beside it goes first: it is nothing without the file.
  for (const beside of BESIDE.toReversed()) if (existsSync(from + beside)) renameSync(from + beside, to + beside)
  flush(dirname(to))
}

export interface Progress {
  /** How many entries each writer has written. */
  readonly sequences: ReadonlyMap<string, number>
  /** Until then one of the writers may be alive. */
  readonly leaseUntilMs: number
}

/** How far a database has come. Throws StoreUnavailable where it cannot be read. */
export function progressOf(path: string): Progress {
  return reading(path, (database) => {
    const rows = database.prepare('SELECT writer_id, seq, lease_until_ms FROM writers').all() as unknown as {
      writer_id: string
      seq: number
      lease_until_ms: number
    }[]
    return {
      sequences: new Map(rows.map((row) => [row.writer_id, row.seq])),
      leaseUntilMs: Math.max(0, ...rows.map((row) => row.lease_until_ms)),
    }
  })
}

function reading<T>(path: string, work: (database: DatabaseSync) => T): T {
  if (!existsSync(path)) throw new StoreUnavailable(`${path} is not there.`)
  let database: DatabaseSync | undefined
  try {
    database = connectReadOnly(path)
    recognise(database)
    return work(database)
  } catch (error) {
    throw new StoreUnavailable(`${path} cannot be read: ${(error as Error).message}`, { cause: error })
  } finally {
    database?.close()
  }
}

function createEmpty(path: string): void {
  try {
    closeSync(openSync(path, 'wx', 0o600))
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    throw new StoreUnavailable(code === 'EEXIST' ? `${path} is there already.` : `${path} cannot be written (${code}).`)
  }
}

function flush(path: string): void {
  const file = openSync(path, 'r')
  try {
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
}
