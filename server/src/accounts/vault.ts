import type { AccountStore } from '../core/ports/account-store.ts'
import { isSameInstallation } from './administrator.ts'
import { seal, unseal } from './seal.ts'
import { openSecrets } from './secrets.ts'

/** The one setting that all of it is sealed in, so that whatever is changed is changed at once. */
const SETTING = 'vault'

/** What an installation keeps sealed under its secret. */
export interface Vault {
  /** What hashes are keyed by: the secret that the installation began with, since no hash can be made anew. */
  readonly hashing: string
  /** Credentials of providers, by the names of their variables. */
  readonly credentials: Readonly<Record<string, KeptCredential>>
}
export interface KeptCredential {
  readonly value: string
  readonly putAtMs: number
}

type Settings = Pick<AccountStore, 'setting' | 'keepSetting' | 'replaceSetting'>

/** The vault; undefined where the installation was begun under another secret, or has been rotated to another one. */
export async function openVault(store: Settings, secret: string): Promise<Vault | undefined> {
  return (await look(store, secret))?.vault
}

/**
 * Changes the vault and seals it, under another secret where one is given: one step of the store, of which there is all or
 * nothing. Where somebody else came first, the change is made again of what is there then. Undefined as for `openVault`.
 */
export async function changeVault(
  store: Settings,
  secret: string,
  change: (vault: Vault) => Vault,
  nextSecret = secret,
): Promise<Vault | undefined> {
  for (;;) {
    const found = await look(store, secret)
    if (!found) return undefined
    const vault = change(found.vault)
    const sealed = seal(nextSecret, SETTING, JSON.stringify(vault))
    if (await store.replaceSetting(SETTING, sealed, found.seen)) return vault
  }
}

/** An installation without a vault has nothing in it, and keys its hashes by its only secret. */
async function look(store: Settings, secret: string) {
  const seen = await store.setting(SETTING)
  const text = seen === undefined ? undefined : unseal(secret, SETTING, seen)
  if (seen !== undefined && text === undefined) return undefined
  const vault = text === undefined ? { hashing: secret, credentials: {} } : (JSON.parse(text) as Vault)
  return (await isSameInstallation(store, openSecrets(secret, vault.hashing))) ? { seen, vault } : undefined
}
