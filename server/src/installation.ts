import { join } from 'node:path'
import { openVault, type Vault } from './accounts/vault.ts'
import type { Configuration } from './config/env.ts'
import { ConfigurationError } from './core/errors.ts'

type Given = Pick<Configuration, 'appSecretKey' | 'dataFolder'>

/** Where the installation's secret is, for people. */
export function secretPlace({ appSecretKey, dataFolder }: Given): string {
  return appSecretKey === undefined ? join(dataFolder, 'secret') : 'APP_SECRET_KEY'
}

/** The vault of a database that goes by `name`. Throws ConfigurationError, one line, where the secret is not its own. */
export async function vaultUnder(
  secret: string,
  store: Parameters<typeof openVault>[0],
  { name, ...given }: Given & { readonly name: string },
): Promise<Vault> {
  const vault = await openVault(store, secret)
  if (vault) return vault
  throw new ConfigurationError(
    `${name} was begun under another secret than the one in ${secretPlace(given)}, or rotated to another since: give that one back.`,
  )
}
