import { expect, test } from 'vitest'
import { ConfigurationError } from '../core/errors.ts'
import { nameOf } from './database.ts'
import { isLoopback, readEnvironment } from './env.ts'

const SECRET = '3f9a1c7be2d84056a1b2c3d4e5f60718'

test('an empty environment has the documented defaults, and so has one of empty variables', () => {
  const { credential: _, isTrustedProxy: trusts, ...configuration } = readEnvironment({})
  expect(trusts('127.0.0.1')).toBe(false)
  expect(configuration).toEqual({
    host: '127.0.0.1',
    port: 8000,
    database: { engine: 'sqlite', file: '.token-trackr/ledger.db' },
    dataFolder: '.token-trackr',
    spoolFolder: '.token-trackr/spool',
    appSecretKey: undefined,
    configFolder: 'config',
    logLevel: 'info',
    disconnect: 'abort',
    leaseMs: 15_000,
    upstreamTimeoutMs: undefined,
    stopMs: 30_000,
    tls: undefined,
    isBehindProxy: false,
    privateHosts: new Set(),
    crashAt: undefined,
    baseUrls: new Map(),
    secrets: [],
  })
  const empty = readEnvironment({ HOST: '', PORT: ' ', DATABASE_URL: '', APP_SECRET_KEY: '', OPENAI_API_KEY: '' })
  expect(empty).toMatchObject(configuration)
  expect(empty.credential('OPENAI_API_KEY')).toBeUndefined()
})

test('every variable is read', () => {
  const configuration = readEnvironment({
    HOST: '0.0.0.0',
    PORT: '0',
    DATABASE_URL: 'sqlite:/var/lib/x.db',
    TOKEN_TRACKR_DATA: '/data',
    TOKEN_TRACKR_SPOOL: '/other-disk/spool',
    APP_SECRET_KEY: SECRET,
    TOKEN_TRACKR_CONFIG: '/etc/tt',
    LOG_LEVEL: 'WARNING',
    TOKEN_TRACKR_DISCONNECT: 'drain',
    TOKEN_TRACKR_LEASE_MS: '2000',
    TOKEN_TRACKR_UPSTREAM_TIMEOUT_MS: '5000',
    TOKEN_TRACKR_STOP_MS: '0',
    TLS_CERT_FILE: '/etc/cert.pem',
    TLS_KEY_FILE: '/etc/key.pem',
    TRUSTED_PROXIES: '10.1.0.0/16, ::1',
    TT_CRASH_AT: '3',
    OPENAI_API_KEY: ' sk-1 ',
    OPENAI_BASE_URL: 'http://127.0.0.1:9/v1//',
  })
  expect(configuration).toMatchObject({
    host: '0.0.0.0',
    port: 0,
    database: { engine: 'sqlite', file: '/var/lib/x.db' },
    dataFolder: '/data',
    spoolFolder: '/other-disk/spool',
    appSecretKey: SECRET,
    configFolder: '/etc/tt',
    logLevel: 'warn',
    disconnect: 'drain',
    leaseMs: 2000,
    upstreamTimeoutMs: 5000,
    stopMs: 0,
    tls: { certificateFile: '/etc/cert.pem', keyFile: '/etc/key.pem' },
    isBehindProxy: true,
    crashAt: 3,
  })
  expect(configuration.credential('OPENAI_API_KEY')).toBe('sk-1')
  expect(configuration.secrets).toEqual([SECRET, 'sk-1'])
  expect(configuration.credential('__proto__')).toBeUndefined()
  expect(configuration.baseUrls.get('OPENAI_BASE_URL')).toBe('http://127.0.0.1:9/v1')
  expect(readEnvironment({ TOKEN_TRACKR_DATA: '/data' }).database).toEqual({
    engine: 'sqlite',
    file: '/data/ledger.db',
  })
})

test('a PostgreSQL URL is taken as it is, told without its password, and the password is concealed', () => {
  const url = 'postgresql://u:hunter%402@db.example:5433/ledger?sslmode=verify-full'
  const { database, secrets } = readEnvironment({ DATABASE_URL: url })
  expect(database).toEqual({ engine: 'postgres', url })
  expect(nameOf(database)).toBe('postgres://db.example:5433/ledger')
  expect(secrets).toEqual(['hunter%402', 'hunter@2'])
})

test("Redis's URL is taken as it is, and its password is concealed", () => {
  const url = 'rediss://ann:hunter%402@cache.example:6380/2'
  const { redisUrl, secrets } = readEnvironment({ REDIS_URL: url })
  expect([redisUrl, secrets]).toEqual([url, ['hunter%402', 'hunter@2']])
  expect(readEnvironment({ REDIS_URL: 'redis://127.0.0.1' })).toMatchObject({
    redisUrl: 'redis://127.0.0.1',
    secrets: [],
  })
  expect(readEnvironment({}).redisUrl).toBeUndefined()
})

test('a DynamoDB URL names the table and the region, and for development an endpoint', () => {
  const named = (url: string) => readEnvironment({ DATABASE_URL: url }).database
  const tables = { engine: 'dynamodb', table: 'TokenUsageTable', region: 'eu-west-1' }
  expect(named('dynamodb://TokenUsageTable?region=eu-west-1')).toEqual(tables)
  const local = named('dynamodb://TokenUsageTable?region=eu-west-1&endpoint=http://127.0.0.1:8000/')
  expect(local).toEqual({ ...tables, endpoint: 'http://127.0.0.1:8000' })
  expect(nameOf(local)).toBe('dynamodb://TokenUsageTable?region=eu-west-1')
})

test.each([
  ['PORT', 'http'],
  ['PORT', '65536'],
  ['PORT', '-1'],
  ['PORT', '80.5'],
  ['PORT', '0x50'],
  ['HOST', 'a b'],
  ['DATABASE_URL', 'mysql://u:hunter2@db/x'],
  ['DATABASE_URL', 'postgresql://u:hunter2@db'],
  ['DATABASE_URL', 'postgres://u:hunter2%@db/x'],
  ['DATABASE_URL', 'postgres://u:hunter2@db:port/x'],
  ['DATABASE_URL', 'postgres://u:hunter2@db/x?sslmode=prefer'],
  ['DATABASE_URL', 'dynamodb://?region=eu-west-1'],
  ['DATABASE_URL', 'dynamodb://hunter2'],
  ['DATABASE_URL', 'dynamodb://table/hunter2?region=eu-west-1'],
  ['DATABASE_URL', 'dynamodb://table?region=hunter%202'],
  ['DATABASE_URL', 'dynamodb://table?region=eu-west-1&key=hunter2'],
  ['DATABASE_URL', 'dynamodb://table?region=eu-west-1&endpoint=http://u:hunter2@x'],
  ['DATABASE_URL', 'ledger.db'],
  ['DATABASE_URL', 'sqlite:'],
  ['DATABASE_URL', 'sqlite::memory:'],
  ['DATABASE_URL', 'sqlite:///x.db'],
  ['DATABASE_URL', 'sqlite:x.db?mode=ro'],
  ['REDIS_URL', 'cache:hunter2'],
  ['REDIS_URL', 'http://u:hunter2@cache'],
  ['REDIS_URL', 'redis://u:hunter2%@cache'],
  ['REDIS_URL', 'redis:///hunter2'],
  ['REDIS_URL', 'redis://cache/hunter2'],
  ['REDIS_URL', 'redis://cache/0?password=hunter2'],
  ['LOG_LEVEL', 'loud'],
  ['TOKEN_TRACKR_DISCONNECT', 'DROP'],
  ['TOKEN_TRACKR_LEASE_MS', '10'],
  ['TOKEN_TRACKR_UPSTREAM_TIMEOUT_MS', '1e3'],
  ['TT_CRASH_AT', '0'],
  ['TOKEN_TRACKR_STOP_MS', '-1'],
  ['TRUSTED_PROXIES', '10.0.0.0/0'],
  ['TRUSTED_PROXIES', '10.0.0.0/33'],
  ['TRUSTED_PROXIES', 'proxy.example.org'],
  ['TRUSTED_PROXIES', '10.0.0.1 10.0.0.2'],
  ['OPENAI_BASE_URL', 'api.openai.com'],
  ['OPENAI_BASE_URL', 'file:///etc/passwd'],
  ['OPENAI_BASE_URL', 'https://u:hunter2@host/v1'],
  ['OPENAI_BASE_URL', 'https://host/v1?key=hunter2'],
  ['OPENAI_BASE_URL', 'https://host/v1#hunter2'],
])('%s=%s is refused in one line that names the variable and repeats no secret', (name, value) => {
  const problem = problemOf({ [name]: value })
  expect(problem).toMatch(new RegExp(`^${name}[^\\n]*$`))
  expect(problem).not.toContain('hunter2')
})

test('S14: others than this machine are let in only with a secret of 32 characters that is no placeholder', () => {
  for (const host of ['0.0.0.0', '::', '[::]', '192.168.1.2', 'example.org', '127.0.0.1.example.org', '128.0.0.1']) {
    expect(problemOf({ HOST: host })).toContain('APP_SECRET_KEY must be set')
    expect(problemOf({ HOST: host, APP_SECRET_KEY: SECRET })).toBe('nothing was refused')
  }
  for (const host of ['127.0.0.1', '127.9.9.9', 'localhost', '::1', '[::1]'])
    expect(problemOf({ HOST: host })).toBe('nothing was refused')
  const weak = [
    SECRET.slice(1),
    'a'.repeat(64),
    'change-me-change-me-change-me-change-me',
    'your-secret-key-here-0123456789abcdef',
  ]
  for (const secret of weak)
    for (const host of ['0.0.0.0', '127.0.0.1']) {
      const problem = problemOf({ HOST: host, APP_SECRET_KEY: secret })
      expect(problem).toMatch(/^APP_SECRET_KEY [^\n]*$/)
      expect(problem).not.toContain(secret)
    }
})

test('a name that only looks like this machine is not', () => {
  expect(['localhost.example.org', '127.0.0.1.nip.io', '0.0.0.0', '::', '1'].map(isLoopback)).toEqual([
    false,
    false,
    false,
    false,
    false,
  ])
})

function problemOf(environment: Record<string, string>): string {
  try {
    readEnvironment(environment)
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigurationError)
    return (error as Error).message
  }
  return 'nothing was refused'
}

test('a certificate needs its key, and a key its certificate', () => {
  expect(problemOf({ TLS_CERT_FILE: 'cert.pem' })).toMatch(/^TLS_KEY_FILE must be set/)
  expect(problemOf({ TLS_KEY_FILE: 'key.pem' })).toMatch(/^TLS_CERT_FILE must be set/)
})

test('Q22: only configured proxies are believed, in both ways of writing an address', () => {
  const { isTrustedProxy } = readEnvironment({ TRUSTED_PROXIES: '10.1.0.0/16,192.168.7.7,fd00::/8' })
  const trusted = ['10.1.2.3', '::ffff:10.1.2.3', '192.168.7.7', 'fd12::1']
  const others = ['10.2.0.1', '192.168.7.8', '::1', '127.0.0.1', '::ffff:10.2.0.1', '', 'unknown', '10.1.2.3, 1.2.3.4']
  expect(trusted.filter(isTrustedProxy)).toEqual(trusted)
  expect(others.filter(isTrustedProxy)).toEqual([])
})
