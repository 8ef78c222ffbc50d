import { join } from 'node:path'
import { ConfigurationError } from '../core/errors.ts'

/** Where the ledger is kept, by DATABASE_URL. */
export type Database =
  | { readonly engine: 'sqlite'; readonly file: string }
  /** The URL may hold a password: never to be printed. */
  | { readonly engine: 'postgres'; readonly url: string }

const ENGINES = 'sqlite:<file> or postgres://user:password@host:5432/database'

/** Reads DATABASE_URL. The URL may hold a password, so no message repeats it. Throws ConfigurationError, one line. */
export function databaseFrom(url: string | undefined, dataFolder: string): Database {
  if (url === undefined) return { engine: 'sqlite', file: join(dataFolder, 'ledger.db') }
  const [, scheme, rest = ''] = /^([a-z][a-z0-9+.-]*):(.*)$/is.exec(url) ?? []
  switch (scheme?.toLowerCase()) {
    case undefined:
      throw refused(`has no scheme; write ${ENGINES}`)
    case 'sqlite':
      return { engine: 'sqlite', file: fileFrom(rest) }
    case 'postgres':
    case 'postgresql':
      return { engine: 'postgres', url: postgresFrom(url) }
    default:
      throw refused(`has the scheme ${scheme}, which this version cannot use; write ${ENGINES}`)
  }
}

/** The database as people may be told of it. */
export function nameOf(database: Database): string {
  if (database.engine === 'sqlite') return database.file
  const { host, pathname } = new URL(database.url)
  return `postgres://${host}${pathname}`
}

/** What of a database's address must never be seen. */
export function secretsOf(database: Database): string[] {
  if (database.engine === 'sqlite') return []
  const { password, searchParams } = new URL(database.url)
  const written = [password, decodeURIComponent(password), searchParams.get('password') ?? '']
  return [...new Set(written)].filter((secret) => secret !== '')
}

function fileFrom(rest: string): string {
  // sqlite:///x is a relative file for some programs and an absolute one for others.
  if (rest.startsWith('//'))
    throw refused('is ambiguous with slashes after sqlite: - write sqlite:relative/file or sqlite:/absolute/file')
  if (rest === '' || rest.startsWith(':') || /[?#\0]/.test(rest))
    throw refused('must name a file: sqlite:<file>, without parameters; a ledger in memory would be lost')
  return rest
}

/** `no-verify` is the one that does not check whose certificate it is; a driver's half-checked ones are not offered. */
const TLS_MODES: readonly string[] = ['disable', 'require', 'verify-ca', 'verify-full', 'no-verify']

function postgresFrom(url: string): string {
  const parsed = URL.parse(url)
  if (!parsed || ![parsed.pathname, parsed.username, parsed.password].every(isDecodable))
    throw refused('is no URL; write postgres://user:password@host:5432/database, its parts percent-encoded')
  if (parsed.pathname.length < 2) throw refused('names no database: postgres://user:password@host:5432/database')
  const mode = parsed.searchParams.get('sslmode')
  if (mode !== null && !TLS_MODES.includes(mode))
    throw refused(`has an sslmode that is none of ${TLS_MODES.join(', ')}`)
  return url
}

function isDecodable(text: string): boolean {
  try {
    decodeURIComponent(text)
    return true
  } catch {
    return false
  }
}

function refused(message: string): ConfigurationError {
  return new ConfigurationError(`DATABASE_URL ${message}.`)
}
