import { randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { ConfigurationError } from '../core/errors.ts'

/** The folder of what an installation keeps beside its database: its secret, and the administrator's for the CLI. */
export interface DataFolder {
  /** The secret under which keys are hashed, made on the first start. */
  installationSecret(): string
  /** Keeps the administrator's secret for the CLI of the same machine and user. */
  keepCredentials(administratorSecret: string): void
}

const ONLY_MINE = { mode: 0o600 }

/** Makes the folder where it is missing. Throws ConfigurationError where it cannot be used. */
export function openDataFolder(folder: string): DataFolder {
  attempt(folder, () => mkdirSync(folder, { recursive: true, mode: 0o700 }))
  const secretFile = join(folder, 'secret')
  return {
    installationSecret: () =>
      attempt(secretFile, () => {
        try {
          // Of several processes that start at once, one makes the file, and all read it.
          writeFileSync(secretFile, `${randomBytes(32).toString('base64url')}\n`, {
            ...ONLY_MINE,
            flag: 'wx',
            flush: true,
          })
        } catch (error) {
          if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
        }
        return readSecret(secretFile)
      }),
    keepCredentials: (secret) =>
      attempt(folder, () => writeFileSync(join(folder, 'credentials'), `${secret}\n`, ONLY_MINE)),
  }
}

function readSecret(file: string): string {
  const secret = readFileSync(file, 'utf8').trim()
  if (secret.length >= 32) return secret
  throw new ConfigurationError(`${file} is damaged: put back the one that this database began with.`)
}

function attempt<T>(path: string, work: () => T): T {
  try {
    return work()
  } catch (error) {
    if (error instanceof ConfigurationError) throw error
    throw new ConfigurationError(
      `${path} cannot be used (${(error as NodeJS.ErrnoException).code}): check its owner and rights.`,
    )
  }
}

/** The installation's secret where it was made before; nothing is made. */
export function keptSecret(folder: string): string | undefined {
  const file = join(folder, 'secret')
  return existsSync(file) ? attempt(file, () => readSecret(file)) : undefined
}
