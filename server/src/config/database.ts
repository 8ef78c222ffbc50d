import { join } from 'node:path'
import { ConfigurationError } from '../core/errors.ts'

/** Where the ledger is kept, by DATABASE_URL. */
export type Database =
  | { readonly engine: 'sqlite'; readonly file: string }
  /** The URL may hold a password: never to be printed. */
  | { readonly engine: 'postgres'; readonly url: string }
  /** Two tables: `table` and `<table>-ledger`. Without an endpoint they are Amazon's; one of plain HTTP is for development. */
  | { readonly engine: 'dynamodb'; readonly table: string; readonly region: string; readonly endpoint?: string }

const DYNAMODB = 'dynamodb://TABLE?region=REGION'
const ENGINES = `sqlite:<file>, postgres://user:password@host:5432/database or ${DYNAMODB}`

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
    case 'dynamodb':
      return dynamoFrom(rest)
    default:
      throw refused(`has the scheme ${scheme}, which this version cannot use; write ${ENGINES}`)
  }
}

/** The database as people may be told of it. */
export function nameOf(database: Database): string {
  if (database.engine === 'sqlite') return database.file
  if (database.engine === 'dynamodb') return `dynamodb://${database.table}?region=${database.region}`
  const { host, pathname } = new URL(database.url)
  return `postgres://${host}${pathname}`
}

/** What of a database's address must never be seen. */
export function secretsOf(database: Database): string[] {
  if (database.engine !== 'postgres') return []
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

/** The second table's name is longer by `-ledger`, and may have 255 characters. */
const TABLE = /^[A-Za-z0-9_.-]{3,248}$/
const REGION = /^[a-z0-9-]{1,64}$/

function dynamoFrom(rest: string): Database {
  const [, table = '', query = ''] = /^\/\/([^/?#]*)(?:\?([^#]*))?$/.exec(rest) ?? []
  if (!TABLE.test(table)) throw refused(`names no table: ${DYNAMODB}`)
  const given = new URLSearchParams(query)
  const unknown = [...given.keys()].find((name) => name !== 'region' && name !== 'endpoint')
  if (unknown !== undefined) throw refused(`has a parameter that is neither region nor endpoint: ${DYNAMODB}`)
  const region = given.get('region') ?? ''
  if (!REGION.test(region)) throw refused(`names no region: ${DYNAMODB}`)
  const endpoint = given.get('endpoint')
  if (endpoint === null) return { engine: 'dynamodb', table, region }
  const parsed = URL.parse(endpoint)
  if (!parsed || !/^https?:$/.test(parsed.protocol) || parsed.username !== '' || parsed.password !== '')
    throw refused('has an endpoint that is no URL of http or https without a name and a password')
  return { engine: 'dynamodb', table, region, endpoint: parsed.origin }
}

/** Whether its percent-encoding can be read. */
export function isDecodable(text: string): boolean {
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
