import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { proven } from './backup.ts'
import { keptSecret } from './config/data-folder.ts'
import type { Configuration } from './config/env.ts'
import { ConfigurationError } from './core/errors.ts'
import type { Check } from './ledger/verify.ts'
import { secretPlace, vaultUnder } from './installation.ts'
import { ledgerFile } from './ledger-file.ts'
import { copyFile, type Progress, progressOf, removeDatabase, renameDatabase } from './stores/sqlite/copy.ts'
import { openSqlite } from './stores/sqlite/open.ts'

export interface Restored {
  readonly file: string
  /** Where the ledger is that was there before; null where there was none. */
  readonly keptAside: string | null
  readonly checks: readonly Check[]
}

type Given = Pick<Configuration, 'database' | 'dataFolder' | 'appSecretKey'>

/**
 * Puts a backup in the place of the ledger. What is there is kept aside, and not replaced without `force` where a server
 * may work on it, where it has entries that the backup lacks, or where it cannot be read. Throws ConfigurationError or
 * StoreUnavailable, one line; then nothing has changed.
 */
export async function restore(configuration: Given, from: string, { force }: { force: boolean }): Promise<Restored> {
  const file = ledgerFile(configuration.database, 'restore')
  if (resolve(from) === resolve(file)) throw new ConfigurationError(`${from} is the ledger itself.`)
  const secret = configuration.appSecretKey ?? keptSecret(configuration.dataFolder)
  if (secret === undefined)
    throw new ConfigurationError(
      `The installation's secret is not in the backup: put it back first, as ${secretPlace(configuration)} or APP_SECRET_KEY.`,
    )
  const copy = `${file}.restoring`
  copyFile(from, copy)
  try {
    const checks = await proven(copy)
    await mustBeUnder(secret, copy, { ...configuration, name: from })
    const objection = force || !existsSync(file) ? undefined : objectionTo(file, progressOf(copy))
    if (objection !== undefined)
      throw new ConfigurationError(`${file} ${objection} --force keeps it aside all the same.`)
    const keptAside = existsSync(file) ? `${file}.before-restore-${new Date().toISOString().replaceAll(':', '')}` : null
    if (keptAside !== null) renameDatabase(file, keptAside)
    renameDatabase(copy, file)
    return { file, keptAside, checks }
  } finally {
    removeDatabase(copy)
  }
}

/** Why the ledger that is there should not be replaced by one that has come so far. */
function objectionTo(file: string, { sequences }: Progress): string | undefined {
  let there: Progress
  try {
    there = progressOf(file)
  } catch (error) {
    return `cannot be compared (${(error as Error).message}).`
  }
  const livesForMs = there.leaseUntilMs - Date.now()
  if (livesForMs > 0)
    return `is in use, or was a moment ago: stop its server, and wait ${Math.ceil(livesForMs / 1000)} s.`
  const missing = [...there.sequences].reduce((sum, [id, seq]) => sum + Math.max(0, seq - (sequences.get(id) ?? 0)), 0)
  return missing > 0 ? `has ${missing} entries that the backup lacks.` : undefined
}

/** A backup from before a rotation is under the secret of that time. */
async function mustBeUnder(secret: string, file: string, given: Parameters<typeof vaultUnder>[2]): Promise<void> {
  const stores = openSqlite(file)
  try {
    await vaultUnder(secret, stores.accounts, given)
  } finally {
    await stores.close()
  }
}
