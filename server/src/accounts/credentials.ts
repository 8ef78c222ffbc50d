import { PublicError } from '../core/errors.ts'
import { changeVault, openVault, type Vault } from './vault.ts'

/** That a credential of a provider is kept, and since when; what it is, nobody is told. */
export interface CredentialPut {
  readonly name: string
  readonly putAtMs: number
}

/** Credentials of providers that are kept in the database. Servers read them when they start. */
export interface Credentials {
  /** By name. */
  list(): Promise<readonly CredentialPut[]>
  /** Keeps it, in the place of one of that name. */
  put(name: string, value: string): Promise<CredentialPut>
  delete(name: string): Promise<void>
}

export interface CredentialDependencies {
  readonly store: Parameters<typeof openVault>[0]
  /** The installation's. */
  readonly secret: string
  /** Told of each value before it is put: it must never be seen. */
  readonly conceal: (value: string) => void
  readonly now: () => number
}

/** They share one item of the database, which has a size: so many, of so many characters. */
const MOST = 64
const MOST_CHARACTERS = 2_000

/** As `${NAME}` of proxy.yaml has them. */
const NAME = /^[A-Za-z_][A-Za-z0-9_]{0,99}$/
/** It becomes the value of a header. */
const VALUE = /^[\x21-\x7e]+$/

export function openCredentials({ store, secret, conceal, now }: CredentialDependencies): Credentials {
  const change = async (work: (vault: Vault) => Vault) => known(await changeVault(store, secret, work))
  return {
    async list() {
      const { credentials } = known(await openVault(store, secret))
      const all = Object.entries(credentials).map(([name, { putAtMs }]) => ({ name, putAtMs }))
      return all.toSorted((a, b) => (a.name < b.name ? -1 : 1))
    },
    async put(name, value) {
      if (!NAME.test(name)) throw wrong('name', 'must be the name of a variable, as in OPENAI_API_KEY')
      if (value.length > MOST_CHARACTERS) throw wrong('value', `is longer than ${MOST_CHARACTERS} characters`)
      if (!VALUE.test(value))
        throw wrong('value', 'is empty, or has a space or another character that no credential has')
      conceal(value)
      const putAtMs = now()
      await change((vault) => {
        const credentials = { ...vault.credentials, [name]: { value, putAtMs } }
        if (Object.keys(credentials).length > MOST)
          throw new PublicError('conflict', `There are ${MOST} credentials already, the most that are kept.`)
        return { ...vault, credentials }
      })
      return { name, putAtMs }
    },
    async delete(name) {
      await change((vault) => {
        if (!Object.hasOwn(vault.credentials, name)) throw new PublicError('not_found', 'There is no such credential.')
        const { [name]: _gone, ...credentials } = vault.credentials
        return { ...vault, credentials }
      })
    },
  }
}

function wrong(field: string, problem: string): PublicError {
  return new PublicError('invalid_field', `${field}: ${problem}.`, { field })
}

/** A server that was started before the secret was rotated goes on, but cannot read what is sealed under the new one. */
function known(vault: Vault | undefined): Vault {
  if (vault) return vault
  throw new PublicError(
    'conflict',
    "The installation's secret was rotated since this server started: restart it with the new one.",
  )
}
