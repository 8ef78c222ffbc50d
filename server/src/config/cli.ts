import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { isLoopback } from './env.ts'

/** What the command line needs to speak to a server. */
export interface CliConfiguration {
  /** Without a trailing slash. Undefined where TOKEN_TRACKR_URL is no http(s) URL. */
  readonly url: string | undefined
  /** The administrator's secret. Never to be printed. */
  readonly secret: string | undefined
  /** Where the secret is looked for, for people. */
  readonly credentialsFile: string
  /** A key of the gateway, for programs that are run through it. Never to be printed. */
  readonly key?: string | undefined
}

type Environment = Readonly<Record<string, string | undefined>>

/**
 * Reads what the command line goes by. The secret in the data folder is for this machine: to another one goes only the
 * secret that TOKEN_TRACKR_SECRET names.
 */
export function readCliEnvironment(environment: Environment = process.env): CliConfiguration {
  const url = URL.parse(environment['TOKEN_TRACKR_URL'] || 'http://127.0.0.1:8000')
  const isHttp = url?.protocol === 'http:' || url?.protocol === 'https:'
  const credentialsFile = join(environment['TOKEN_TRACKR_DATA'] || '.token-trackr', 'credentials')
  const secret = environment['TOKEN_TRACKR_SECRET']?.trim() || undefined
  const isHere = isHttp && isLoopback(url.hostname.replace(/^\[|\]$/g, ''))
  return {
    url: isHttp ? `${url.origin}${url.pathname.replace(/\/+$/, '')}` : undefined,
    secret: secret ?? (isHere ? keptSecret(credentialsFile) : undefined),
    credentialsFile,
    key: environment['TOKEN_TRACKR_KEY']?.trim() || undefined,
  }
}

/** The environment of a program that is run through the gateway: ours, without what is the administrator's alone. */
export function childEnvironment(
  additions: Readonly<Record<string, string>>,
  environment: Environment = process.env,
): Record<string, string | undefined> {
  const { TOKEN_TRACKR_SECRET: _secret, APP_SECRET_KEY: _key, ...others } = environment
  const { ALERT_WEBHOOK_URL: _url, ALERT_WEBHOOK_SECRET: _signs, ...rest } = others
  return { ...rest, ...additions }
}

function keptSecret(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8').trim() || undefined
  } catch {
    return undefined
  }
}
