import { ConfigurationError } from '../core/errors.ts'
import { isDecodable } from './database.ts'

const FORM = 'redis://user:password@host:6379/0, or rediss:// for TLS'

/** Reads REDIS_URL. It may hold a password, so no message repeats it. Throws ConfigurationError, one line. */
export function redisFrom(url: string | undefined): string | undefined {
  if (url === undefined) return undefined
  const parsed = URL.parse(url)
  if (!parsed || !/^rediss?:$/.test(parsed.protocol) || parsed.hostname === '')
    throw refused(`is no URL of Redis; write ${FORM}, its parts percent-encoded`)
  if (![parsed.username, parsed.password].every(isDecodable)) throw refused(`is not percent-encoded; write ${FORM}`)
  if (!/^\/?\d*$/.test(parsed.pathname)) throw refused(`names a database that is no number; write ${FORM}`)
  if (parsed.search !== '' || parsed.hash !== '') throw refused(`has parameters, and can have none; write ${FORM}`)
  return url
}

/** What of Redis's address must never be seen, as it is written and as it is meant. */
export function redisSecretsOf(url: string | undefined): string[] {
  const password = url === undefined ? '' : new URL(url).password
  return password === '' ? [] : [...new Set([password, decodeURIComponent(password)])]
}

function refused(message: string): ConfigurationError {
  return new ConfigurationError(`REDIS_URL ${message}.`)
}
