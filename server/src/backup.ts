import { existsSync, statSync } from 'node:fs'
import type { Configuration } from './config/env.ts'
import { ConfigurationError, StoreUnavailable } from './core/errors.ts'
import { type Check, verify } from './ledger/verify.ts'
import { secretPlace } from './installation.ts'
import { ledgerFile } from './ledger-file.ts'
import { copyDatabase, intoOneFile, removeDatabase, renameDatabase } from './stores/sqlite/copy.ts'
import { openSqlite } from './stores/sqlite/open.ts'

export interface BackedUp {
  readonly file: string
  readonly bytes: number
  /** What was verified of the copy; all of it holds. */
  readonly checks: readonly Check[]
  /** Where the installation's secret is, for people. It is not in the backup, which nobody can use without it. */
  readonly secret: string
}

type Given = Pick<Configuration, 'database' | 'dataFolder' | 'appSecretKey'>

/**
 * Copies the ledger as of one instant into a new file with mode 0600, beside a server at work or without one, and proves
 * the copy. Throws ConfigurationError or StoreUnavailable, one line; then there is no such file.
 */
export async function backup(configuration: Given, file: string): Promise<BackedUp> {
  if (existsSync(file)) throw new ConfigurationError(`${file} is there already: choose a new name.`)
  const unproven = `${file}.unproven`
  copyDatabase(ledgerFile(configuration.database, 'backup'), unproven)
  try {
    const checks = await proven(unproven)
    intoOneFile(unproven)
    renameDatabase(unproven, file)
    return { file, bytes: statSync(file).size, checks, secret: secretPlace(configuration) }
  } finally {
    removeDatabase(unproven)
  }
}

/** Proves a copy. Throws StoreUnavailable with the first law that it breaks. */
export async function proven(file: string): Promise<readonly Check[]> {
  // At the beginning of time every lease holds: who lived when the copy was made is no fault of it.
  const stores = openSqlite(file, { nowMs: () => 0 })
  try {
    const checks = await verify(stores.reports)
    const broken = checks.find(({ ok }) => !ok)
    if (broken) throw new StoreUnavailable(`${file} is not sound: ${broken.name} does not hold (${broken.detail}).`)
    return checks
  } finally {
    await stores.close()
  }
}
