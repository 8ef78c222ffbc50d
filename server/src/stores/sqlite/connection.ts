import { chmodSync, closeSync, mkdirSync, openSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { StoreUnavailable } from '../../core/errors.ts'

/** How long SQLite itself waits for another process's commit: it holds up the event loop meanwhile, so not for long. */
const BLOCKING_WAIT_MS = 25
/** Before anybody is served, there is no event loop to hold up. */
const OPENING_WAIT_MS = 5_000

/** What is to be done with a file before it is used: see whose it is, without changing it, and bring it up to date. */
export interface Preparation {
  readonly recognise: (database: DatabaseSync) => void
  readonly migrate: (database: DatabaseSync) => void
}

/**
 * Opens the file for reading and writing, created with mode 0600 where it is new, and prepares what is in it.
 * Throws StoreUnavailable, in one line that says what to do, where the file is none that can be used.
 */
export function connect(path: string, { recognise, migrate }: Preparation): DatabaseSync {
  let database: DatabaseSync | undefined
  try {
    ensureFile(path)
    // Foreign keys stay off: entries outlive what they name, and each commit checks what it needs.
    database = new DatabaseSync(path, { enableForeignKeyConstraints: false, timeout: OPENING_WAIT_MS })
    recognise(database)
    // What SQLite puts beside the file gets the file's mode.
    if ((statSync(path).mode & 0o077) !== 0) chmodSync(path, 0o600)
    configure(database)
    migrate(database)
    database.exec(`PRAGMA busy_timeout = ${BLOCKING_WAIT_MS}`)
    return database
  } catch (error) {
    database?.close()
    throw cannotOpen(path, error)
  }
}

/** A second connection, for reports: SQLite refuses any write through it. */
export function connectReadOnly(path: string): DatabaseSync {
  const database = new DatabaseSync(path, { readOnly: true, timeout: OPENING_WAIT_MS })
  database.exec('PRAGMA trusted_schema = OFF; PRAGMA cache_size = -32000')
  return database
}

/** A connection for a thread that copies the log into the file, as durably as commits are made. */
export function connectToCheckpoint(path: string): DatabaseSync {
  const database = new DatabaseSync(path, { enableForeignKeyConstraints: false, timeout: 0 })
  database.exec('PRAGMA synchronous = FULL; PRAGMA trusted_schema = OFF; PRAGMA cache_size = -1000')
  return database
}

function ensureFile(path: string): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
  closeSync(openSync(path, 'a', 0o600))
  // An administrator who made the file read-only meant it, even where we run as root and could write all the same.
  if ((statSync(path).mode & 0o200) === 0) throw Object.assign(new Error('it is read-only'), { code: 'EACCES' })
}

function configure(database: DatabaseSync): void {
  const deadlineMs = Date.now() + OPENING_WAIT_MS
  // The change to WAL does not wait for others by itself, and several processes may start on a new file at once.
  while (true)
    try {
      const { journal_mode: mode } = database.prepare('PRAGMA journal_mode = WAL').get() as { journal_mode: string }
      if (mode === 'wal') break
      throw new StoreUnavailable(
        'its file system cannot share memory between processes. Set DATABASE_URL to a local disk.',
      )
    } catch (error) {
      if (!isBusy(error) || Date.now() > deadlineMs) throw error
    }
  // Checkpoints are another thread's (checkpoints.ts); only where it cannot keep up, a commit has to make one, of 64 MiB. Commits go
  // to the same hundred pages, so few are kept: lists and sums have a connection of their own.
  database.exec(`
    PRAGMA synchronous = FULL;
    PRAGMA wal_autocheckpoint = 16384;
    PRAGMA journal_size_limit = 67108864;
    PRAGMA cache_size = -4000;
    PRAGMA trusted_schema = OFF;
  `)
}

/** Another connection is writing: trying again helps. */
export function isBusy(error: unknown): boolean {
  return primaryCode(error) === SQLITE_BUSY
}

const SQLITE_BUSY = 5
const SQLITE_READONLY = 8
const SQLITE_CANTOPEN = 14
const SQLITE_NOTADB = 26

/** SQLite's result code without its extension (https://www.sqlite.org/rescode.html). */
function primaryCode(error: unknown): number | undefined {
  const code = (error as { errcode?: number }).errcode
  return code === undefined ? undefined : code & 0xff
}

/** What a person can do about a file that does not open. */
function cannotOpen(path: string, error: unknown): StoreUnavailable {
  const { code, message } = error as NodeJS.ErrnoException
  const reason = () => {
    if (error instanceof StoreUnavailable) return message
    if (code === 'EACCES' || code === 'EPERM' || code === 'EROFS' || primaryCode(error) === SQLITE_READONLY)
      return 'it is not writable. Make the file and its folder writable for this user, or set DATABASE_URL to another.'
    if (primaryCode(error) === SQLITE_NOTADB)
      return 'it is not a database. Move it away, or set DATABASE_URL to another file.'
    if (primaryCode(error) === SQLITE_CANTOPEN || code === 'EISDIR' || code === 'ENOTDIR' || code === 'EEXIST')
      return 'the path is no file that can be opened. Set DATABASE_URL to a file.'
    if (isBusy(error)) return 'another process holds it locked. End that process, or wait for it.'
    return message.replaceAll(/\s+/g, ' ')
  }
  return new StoreUnavailable(`Cannot open the database ${path}: ${reason()}`, { cause: error })
}
