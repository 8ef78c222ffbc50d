import type { DatabaseSync } from 'node:sqlite'
import { StoreUnavailable } from '../../core/errors.ts'
import { accounts } from './migrations/0001-accounts.ts'
import { ledger } from './migrations/0002-ledger.ts'
import { rollups } from './migrations/0003-rollups.ts'
import { refusals } from './migrations/0004-refusals.ts'
import { sizes } from './migrations/0005-sizes.ts'
import { keys } from './migrations/0006-keys.ts'
import { qualities } from './migrations/0007-qualities.ts'
import { serviceTiers } from './migrations/0008-service-tiers.ts'
import { views } from './migrations/0009-views.ts'
import { days } from './migrations/0010-days.ts'
import { deliveries } from './migrations/0011-deliveries.ts'
import { weeks } from './migrations/0012-weeks.ts'
import { apart } from './migrations/0013-apart.ts'
import type { Migration } from './migrations/migration.ts'

const MIGRATIONS: readonly Migration[] = [
  accounts,
  ledger,
  rollups,
  refusals,
  sizes,
  keys,
  qualities,
  serviceTiers,
  views,
  days,
  deliveries,
  weeks,
  apart,
]
export const LATEST_VERSION = MIGRATIONS.length

/** Says in the file's header whose file it is: "TTrk". */
const APPLICATION_ID = 0x5454726b

/**
 * Throws where the file is another application's or a newer version's. One statement, so that all is of one instant;
 * it changes nothing, so that such a file stays as it is.
 */
export function recognise(database: DatabaseSync): void {
  const { application, version, tables } = database.prepare(HEADER).get() as Record<string, number>
  if (application !== APPLICATION_ID && tables! > 0)
    throw new StoreUnavailable('it is a database of another application. Choose another file.')
  if (version! > LATEST_VERSION)
    throw new StoreUnavailable(
      `a newer Token Trackr made it (schema ${version}, this one knows ${LATEST_VERSION}). Start the newer version.`,
    )
}

const HEADER = `
  SELECT (SELECT application_id FROM pragma_application_id) AS application,
    (SELECT user_version FROM pragma_user_version) AS version,
    (SELECT count(*) FROM sqlite_schema) AS tables`

/**
 * Brings the schema to a version, a step and its number in one transaction each, so that whatever interrupts it leaves
 * whole steps. Several processes may do so at once: each reads the number again under the write lock.
 */
export function migrate(database: DatabaseSync, version = LATEST_VERSION, crashPoint?: (name: string) => void): void {
  // Most openings find nothing to do, and need no lock to see that.
  while (versionOf(database) !== version) step(database, version, crashPoint)
}

function step(database: DatabaseSync, version: number, crashPoint?: (name: string) => void): void {
  database.exec('BEGIN IMMEDIATE')
  try {
    recognise(database)
    const from = versionOf(database)
    if (from !== version) {
      const to = from < version ? from + 1 : from - 1
      database.exec(from < version ? MIGRATIONS[from]!.up : MIGRATIONS[to]!.down)
      crashPoint?.(`migration to ${to}: schema`)
      database.exec(`PRAGMA application_id = ${APPLICATION_ID}; PRAGMA user_version = ${to}`)
      crashPoint?.(`migration to ${to}: number`)
    }
    database.exec('COMMIT')
  } catch (error) {
    database.exec('ROLLBACK')
    throw error
  }
}

/** The version of the schema; 0 where there is none. */
export function versionOf(database: DatabaseSync): number {
  return (database.prepare('PRAGMA user_version').get() as { user_version: number }).user_version
}
