import type { DatabaseSync } from 'node:sqlite'
import { StoreUnavailable } from '../../core/errors.ts'
import { accounts } from './migrations/0001-accounts.ts'
import { ledger } from './migrations/0002-ledger.ts'
import { rollups } from './migrations/0003-rollups.ts'

/** One step of the schema, and the way back. A released step never changes: the next one corrects it. */
export interface Migration {
  readonly up: string
  readonly down: string
}
const MIGRATIONS: readonly Migration[] = [accounts, ledger, rollups]
export const LATEST_VERSION = MIGRATIONS.length

/** Says in the file's header whose file it is: "TTrk". */
const APPLICATION_ID = 0x5454726b

/**
 * Brings the schema to a version, a step and its number in one transaction each, so that whatever interrupts it leaves
 * whole steps. Several processes may do so at once: each reads the number again under the write lock.
 */
export function migrate(database: DatabaseSync, version = LATEST_VERSION, crashPoint?: (name: string) => void): void {
  // Most openings find nothing to do, and need no lock to see that.
  if (isOurs(database) && headerNumber(database, 'user_version') === version) return
  while (step(database, version, crashPoint));
}

function step(database: DatabaseSync, version: number, crashPoint?: (name: string) => void): boolean {
  database.exec('BEGIN IMMEDIATE')
  try {
    refuseForeign(database)
    const from = headerNumber(database, 'user_version')
    if (from > LATEST_VERSION)
      throw new StoreUnavailable(
        `a newer Token Trackr made it (schema ${from}, this one knows ${LATEST_VERSION}). Start the newer version.`,
      )
    if (from !== version) {
      const to = from < version ? from + 1 : from - 1
      database.exec(from < version ? MIGRATIONS[from]!.up : MIGRATIONS[to]!.down)
      crashPoint?.(`migration to ${to}: schema`)
      database.exec(`PRAGMA application_id = ${APPLICATION_ID}; PRAGMA user_version = ${to}`)
      crashPoint?.(`migration to ${to}: number`)
    }
    database.exec('COMMIT')
    return from !== version
  } catch (error) {
    database.exec('ROLLBACK')
    throw error
  }
}

/** A file with tables that are not ours is somebody's, and stays as it is. */
function refuseForeign(database: DatabaseSync): void {
  if (isOurs(database)) return
  const tables = database.prepare('SELECT count(*) AS tables FROM sqlite_schema').get() as { tables: number }
  if (tables.tables > 0) throw new StoreUnavailable('it is a database of another application. Choose another file.')
}

function isOurs(database: DatabaseSync): boolean {
  return headerNumber(database, 'application_id') === APPLICATION_ID
}

function headerNumber(database: DatabaseSync, name: 'application_id' | 'user_version'): number {
  return (database.prepare(`PRAGMA ${name}`).get() as Record<string, number>)[name]!
}
