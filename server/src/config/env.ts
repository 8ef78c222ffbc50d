import { join } from 'node:path'
import { ConfigurationError } from '../core/errors.ts'
import type { DisconnectPolicy } from '../core/ports/deployment.ts'
import { baseUrlFrom } from './base-url.ts'
import { type Database, databaseFrom, secretsOf } from './database.ts'
import { redisFrom, redisSecretsOf } from './redis.ts'
import type { TlsFiles } from './tls.ts'
import { type IsTrustedProxy, trustedProxiesFrom } from './trusted-proxies.ts'
import { type Webhook, webhookFrom, webhookSecretsOf } from './webhook.ts'

/** Everything that the environment says, read once and checked. */
export interface Configuration {
  readonly host: string
  /** 0 lets the system choose a free one. */
  readonly port: number
  readonly database: Database
  /** Where the processes of an installation tell each other; may hold a password: never to be printed. */
  readonly redisUrl: string | undefined
  /** The folder of the database, the installation's secret and the administrator's credentials. */
  readonly dataFolder: string
  /** The folder of calls that went without the ledger, until it has them. */
  readonly spoolFolder: string
  /** Undefined where the installation keeps a secret of its own in its data folder. */
  readonly appSecretKey: string | undefined
  /** The folder of proxy.yaml, pricing.yaml and models.yaml. */
  readonly configFolder: string
  readonly logLevel: LogLevel
  readonly disconnect: DisconnectPolicy
  readonly leaseMs: number
  /** How long a provider may be silent; undefined leaves the gateway's own default. */
  readonly upstreamTimeoutMs: number | undefined
  /** How long a stopping server waits for the calls under way before it cuts them. */
  readonly stopMs: number
  /** Undefined where the server speaks plain HTTP. */
  readonly tls: TlsFiles | undefined
  readonly isTrustedProxy: IsTrustedProxy
  /** Whether there are proxies whose word is believed. */
  readonly isBehindProxy: boolean
  /** Names that may lead to providers in private networks: without one, a name that leads there is not connected to. */
  readonly privateHosts: ReadonlySet<string>
  /** Where people are told of thresholds; undefined where nobody is. */
  readonly webhook: Webhook | undefined
  /** For tests: the process kills itself at the n-th crash point. */
  readonly crashAt: number | undefined
  /** Base URLs that the environment sets in place of a provider's own, by the variable's name (`OPENAI_BASE_URL`). */
  readonly baseUrls: ReadonlyMap<string, string>
  /** Azure's `api-version`, where proxy.yaml does not say; undefined asks for its v1 API. */
  readonly azureApiVersion: string | undefined
  /** Values that must never be seen anywhere: those of all variables that are named like secrets. */
  readonly secrets: readonly string[]
  /** The value of a variable that holds a credential; undefined where it is not set. Never to be printed. */
  readonly credential: (name: string) => string | undefined
}

const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const
export type LogLevel = (typeof LOG_LEVELS)[number]

/** What the providers' own SDKs call the same things. */
const OTHER_NAMES: Readonly<Record<string, string>> = {
  GEMINI_API_KEY: 'GOOGLE_API_KEY',
  GEMINI_BASE_URL: 'GOOGLE_GEMINI_BASE_URL',
  COHERE_API_KEY: 'CO_API_KEY',
  COHERE_BASE_URL: 'CO_API_URL',
  AZURE_OPENAI_BASE_URL: 'AZURE_OPENAI_ENDPOINT',
}

const OTHER_URL_NAMES = new Set(
  Object.entries(OTHER_NAMES).flatMap(([name, other]) => (name.endsWith('_BASE_URL') ? other : [])),
)

type Environment = Readonly<Record<string, string | undefined>>
const SECRET_NAME = /(^|_)(KEY|SECRET|TOKEN|PASSWORD)$|^AWS_BEARER_TOKEN_BEDROCK$/

/** Reads the environment. A variable that is set to nothing counts as not set. Throws ConfigurationError, one line. */
export function readEnvironment(environment: Environment = process.env): Configuration {
  const text = (name: string): string | undefined => {
    const value = Object.hasOwn(environment, name) ? environment[name]?.trim() : undefined
    return value === '' ? undefined : value
  }
  const host = hostFrom(text('HOST') ?? '127.0.0.1')
  const dataFolder = text('TOKEN_TRACKR_DATA') ?? '.token-trackr'
  const database = databaseFrom(text('DATABASE_URL'), dataFolder)
  const redisUrl = redisFrom(text('REDIS_URL'))
  const webhook = webhookFrom(text('ALERT_WEBHOOK_URL'), text('ALERT_WEBHOOK_SECRET'))
  return {
    host,
    port: wholeFrom('PORT', text('PORT'), 0, 65_535) ?? 8000,
    database,
    redisUrl,
    dataFolder,
    spoolFolder: text('TOKEN_TRACKR_SPOOL') ?? join(dataFolder, 'spool'),
    appSecretKey: secretFrom(text('APP_SECRET_KEY'), host),
    configFolder: text('TOKEN_TRACKR_CONFIG') ?? 'config',
    logLevel: logLevelFrom(text('LOG_LEVEL')),
    disconnect: disconnectFrom(text('TOKEN_TRACKR_DISCONNECT')),
    leaseMs: wholeFrom('TOKEN_TRACKR_LEASE_MS', text('TOKEN_TRACKR_LEASE_MS'), 1_000, 3_600_000) ?? 15_000,
    upstreamTimeoutMs: wholeFrom(
      'TOKEN_TRACKR_UPSTREAM_TIMEOUT_MS',
      text('TOKEN_TRACKR_UPSTREAM_TIMEOUT_MS'),
      1,
      86_400_000,
    ),
    stopMs: wholeFrom('TOKEN_TRACKR_STOP_MS', text('TOKEN_TRACKR_STOP_MS'), 0, 3_600_000) ?? 30_000,
    tls: tlsFrom(text('TLS_CERT_FILE'), text('TLS_KEY_FILE')),
    isTrustedProxy: trustedProxiesFrom(text('TRUSTED_PROXIES')),
    isBehindProxy: text('TRUSTED_PROXIES') !== undefined,
    privateHosts: new Set(
      text('TOKEN_TRACKR_PRIVATE_HOSTS')
        ?.toLowerCase()
        .split(/[\s,]+/),
    ),
    webhook,
    crashAt: wholeFrom('TT_CRASH_AT', text('TT_CRASH_AT'), 1, Number.MAX_SAFE_INTEGER),
    baseUrls: baseUrlsFrom(environment, text),
    azureApiVersion: apiVersionFrom('AZURE_OPENAI_API_VERSION', text) ?? apiVersionFrom('OPENAI_API_VERSION', text),
    secrets: [
      ...Object.keys(environment).flatMap((name) => (SECRET_NAME.test(name) ? (text(name) ?? []) : [])),
      ...secretsOf(database),
      ...redisSecretsOf(redisUrl),
      ...webhookSecretsOf(webhook),
    ],
    credential: (name) => text(name) ?? text(OTHER_NAMES[name] ?? name),
  }
}

/** With credentials that are kept in the database, by the names of their variables. The environment's own go before them. */
export function withKept(configuration: Configuration, kept: ReadonlyMap<string, string>): Configuration {
  const credential = (name: string) =>
    configuration.credential(name) ?? kept.get(name) ?? kept.get(OTHER_NAMES[name] ?? name)
  return { ...configuration, credential }
}

/** Whether only this machine can reach the host. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127(?:\.\d{1,3}){3}$/.test(host)
}

function hostFrom(host: string): string {
  const bare = host.startsWith('[') && host.endsWith(']') ? host.slice(1, -1) : host
  if (!/^[A-Za-z0-9._:%-]+$/.test(bare)) throw refused('HOST', 'must be a host name or an address to listen on')
  return bare
}

const LEAST_SECRET_CHARACTERS = 32
const LEAST_DIFFERENT_CHARACTERS = 10
const PLACEHOLDER = /change[-_ ]?me|replace[-_ ]?me|your[-_ ]|example|placeholder|secret[-_ ]?key|password/i
const ADVICE = 'make one with: openssl rand -hex 32'

/** Anybody who can guess the secret can make keys and sessions: none, a short or a copied one is refused (check S14). */
function secretFrom(secret: string | undefined, host: string): string | undefined {
  if (secret === undefined) {
    if (isLoopback(host)) return undefined
    throw refused('APP_SECRET_KEY', `must be set, since HOST lets others than this machine in; ${ADVICE}`)
  }
  return strongSecret(secret)
}

/** Throws ConfigurationError where the secret could be guessed. */
export function strongSecret(secret: string): string {
  if (secret.length < LEAST_SECRET_CHARACTERS)
    throw refused('APP_SECRET_KEY', `is shorter than ${LEAST_SECRET_CHARACTERS} characters; ${ADVICE}`)
  if (new Set(secret).size < LEAST_DIFFERENT_CHARACTERS || PLACEHOLDER.test(secret))
    throw refused('APP_SECRET_KEY', `looks like a placeholder; ${ADVICE}`)
  return secret
}

function tlsFrom(certificateFile: string | undefined, keyFile: string | undefined): TlsFiles | undefined {
  if (certificateFile !== undefined && keyFile !== undefined) return { certificateFile, keyFile }
  if (certificateFile !== undefined) throw refused('TLS_KEY_FILE', 'must be set where TLS_CERT_FILE is')
  if (keyFile !== undefined) throw refused('TLS_CERT_FILE', 'must be set where TLS_KEY_FILE is')
  return undefined
}

function wholeFrom(name: string, text: string | undefined, least: number, most: number): number | undefined {
  if (text === undefined) return undefined
  const number = /^\d{1,16}$/.test(text) ? Number(text) : Number.NaN
  if (number >= least && number <= most) return number
  throw refused(name, `must be a whole number from ${least} to ${most}, and is ${shown(text)}`)
}

/** pino's names in any case, and Python's WARNING and CRITICAL. */
function logLevelFrom(text: string | undefined): LogLevel {
  if (text === undefined) return 'info'
  const word = text
    .toLowerCase()
    .replace(/^warning$/, 'warn')
    .replace(/^critical$/, 'fatal')
  const level = LOG_LEVELS.find((known) => known === word)
  if (level) return level
  throw refused('LOG_LEVEL', `must be one of ${LOG_LEVELS.join(', ')}, and is ${shown(text)}`)
}

function disconnectFrom(text: string | undefined): DisconnectPolicy {
  if (text === undefined || text === 'abort') return 'abort'
  if (text === 'drain') return 'drain'
  throw refused('TOKEN_TRACKR_DISCONNECT', `must be abort or drain, and is ${shown(text)}`)
}

function baseUrlsFrom(
  environment: Environment,
  text: (name: string) => string | undefined,
): ReadonlyMap<string, string> {
  const urls = new Map<string, string>()
  for (const name of Object.keys(environment)) {
    const isUrl = name.endsWith('_BASE_URL') || OTHER_URL_NAMES.has(name)
    const url = isUrl ? text(name) : undefined
    if (url !== undefined) urls.set(name, baseUrlFrom(name, url))
  }
  for (const [name, other] of Object.entries(OTHER_NAMES)) {
    const url = urls.get(other)
    if (url !== undefined && !urls.has(name)) urls.set(name, url)
  }
  return urls
}

/** What an `api-version` can be: it becomes a part of an address. */
export const API_VERSION = /^[\w.-]{1,40}$/

function apiVersionFrom(name: string, text: (name: string) => string | undefined): string | undefined {
  const version = text(name)
  if (version === undefined || API_VERSION.test(version)) return version
  throw refused(name, `must be a version as in 2024-10-21 or preview, and is ${shown(version)}`)
}

function refused(name: string, message: string): ConfigurationError {
  return new ConfigurationError(`${name} ${message}.`)
}

/** A value in a message: on one line, and short. */
function shown(text: string): string {
  return JSON.stringify(text.length > 40 ? `${text.slice(0, 40)}…` : text)
}
