import { closeSync, fsyncSync, openSync, readFileSync } from 'node:fs'
import { changeVault } from './accounts/vault.ts'
import { nameOf } from './config/database.ts'
import { keptSecret } from './config/data-folder.ts'
import { type Configuration, strongSecret } from './config/env.ts'
import { ConfigurationError } from './core/errors.ts'
import { crashAt } from './crash.ts'
import { secretPlace, vaultUnder } from './installation.ts'
import { openStores } from './open-stores.ts'

export interface Rotated {
  readonly database: string
  /** Where the new secret has to be from now on, for people. */
  readonly secret: string
}

type Given = Pick<Configuration, 'database' | 'dataFolder' | 'appSecretKey' | 'crashAt'>

/**
 * Seals the vault under the secret that a file has, in the place of the one that the installation goes by now: one step of
 * the database, before which the old one works alone, and after which the new one does. Done twice, it is done. Throws
 * ConfigurationError or StoreUnavailable, one line.
 */
export async function rotateSecret(configuration: Given, file: string): Promise<Rotated> {
  const { database } = configuration
  const place = secretPlace(configuration)
  const secret = configuration.appSecretKey ?? keptSecret(configuration.dataFolder)
  if (secret === undefined) throw new ConfigurationError(`${place} is not there: it is made by the first start.`)
  const next = durableSecret(file)
  if (next === secret) throw new ConfigurationError(`${file} has the secret that is in ${place} already.`)
  const crashPoint = configuration.crashAt === undefined ? undefined : crashAt(configuration.crashAt)
  const stores = await openStores(database, { crashPoint })
  try {
    const isRotated = (await changeVault(stores.accounts, secret, (vault) => vault, next)) !== undefined
    // Also where it was killed after it, and before it could say so.
    if (!isRotated) await vaultUnder(next, stores.accounts, { ...configuration, name: nameOf(database) })
    return { database: nameOf(database), secret: place }
  } finally {
    await stores.close()
  }
}

/** The file is on the disk before anything is sealed under what it has: no loss of power leaves nobody with the secret. */
function durableSecret(file: string): string {
  try {
    const descriptor = openSync(file, 'r')
    try {
      fsyncSync(descriptor)
      return strongSecret(readFileSync(descriptor, 'utf8').trim())
    } finally {
      closeSync(descriptor)
    }
  } catch (error) {
    if (error instanceof ConfigurationError) throw new ConfigurationError(`${file}: ${error.message}`)
    throw new ConfigurationError(`${file} cannot be read (${(error as NodeJS.ErrnoException).code}).`)
  }
}
