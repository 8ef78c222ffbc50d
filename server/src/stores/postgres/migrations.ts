import { StoreUnavailable } from '../../core/errors.ts'
import type { Row } from '../rows/columns.ts'
import type { Connection, Connections } from './connection.ts'
import { accounts } from './migrations/0001-accounts.ts'
import { ledger } from './migrations/0002-ledger.ts'
import { rollups } from './migrations/0003-rollups.ts'
import { refusals } from './migrations/0004-refusals.ts'
import { minutes } from './migrations/0005-minutes.ts'
import { beside } from './migrations/0006-beside.ts'
import { commit } from './migrations/0007-commit.ts'
import { views } from './migrations/0008-views.ts'
import { days } from './migrations/0009-days.ts'
import { deliveries } from './migrations/0010-deliveries.ts'
import { weeks } from './migrations/0011-weeks.ts'
import { apart } from './migrations/0012-apart.ts'
import type { Migration } from './migrations/migration.ts'

const MIGRATIONS: readonly Migration[] = [
  accounts,
  ledger,
  rollups,
  refusals,
  minutes,
  beside,
  commit,
  views,
  days,
  deliveries,
  weeks,
  apart,
]
export const LATEST_VERSION = MIGRATIONS.length

/** The version of the schema; 0 where there is none. Throws where it is another application's. */
export async function versionOf(connection: Connection | Pick<Connections, 'ask'>): Promise<number> {
  const query = 'ask' in connection ? connection.ask : connection.query
  const [is] = (await query(WHOSE)) as [Row]
  if (is.own === 'f' && (is.tables as bigint) > 0n)
    throw new StoreUnavailable('it has tables of another application. Give Token Trackr a database of its own.')
  if (is.own === 'f') return 0
  const [row] = await query('SELECT version FROM token_trackr_schema')
  return Number(row?.version ?? 0)
}

const WHOSE = `
  SELECT to_regclass('token_trackr_schema') IS NOT NULL AS own,
    (SELECT count(*) FROM pg_tables WHERE schemaname = current_schema()) AS tables`

/**
 * Brings the schema to a version, a step and its number in one transaction each, so that whatever interrupts it leaves
 * whole steps. Several processes may do so at once: one lets the others wait, and they find it done.
 */
export async function migrate(
  connections: Connections,
  version = LATEST_VERSION,
  crashPoint?: (name: string) => void,
): Promise<void> {
  // Most openings find nothing to do, and need no lock to see that.
  let from = refuseNewer(await versionOf(connections))
  while (from !== version) from = await connections.lend((connection) => step(connection, version, crashPoint))
}

async function step(connection: Connection, version: number, crashPoint?: (name: string) => void): Promise<number> {
  await connection.query('BEGIN')
  try {
    // Whoever migrates before may take its time.
    await connection.query(`SET LOCAL lock_timeout = '60s'; SET LOCAL statement_timeout = 0`)
    await connection.query(`SELECT pg_advisory_xact_lock(hashtextextended('token-trackr schema', 0))::text`)
    const from = refuseNewer(await versionOf(connection))
    const to = from === version ? from : from < version ? from + 1 : from - 1
    if (from !== to) {
      if (from === 0) await connection.query('CREATE TABLE token_trackr_schema (version bigint NOT NULL)')
      await connection.query(from < to ? MIGRATIONS[from]!.up : MIGRATIONS[to]!.down)
      crashPoint?.(`migration to ${to}: schema`)
      await connection.query('DELETE FROM token_trackr_schema')
      await connection.query('INSERT INTO token_trackr_schema (version) VALUES ($1)', [to])
      if (to === 0) await connection.query('DROP TABLE token_trackr_schema')
      crashPoint?.(`migration to ${to}: number`)
    }
    await connection.query('COMMIT')
    return to
  } catch (error) {
    await connection.query('ROLLBACK').catch(() => undefined)
    throw error
  }
}

function refuseNewer(version: number): number {
  if (version <= LATEST_VERSION) return version
  throw new StoreUnavailable(
    `a newer Token Trackr made it (schema ${version}, this one knows ${LATEST_VERSION}). Start the newer version.`,
  )
}
