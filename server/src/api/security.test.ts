import { createHmac } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { openSqlite } from '../stores/sqlite/open.ts'
import { ask, errorOf, EVENT, open, SAMPLES } from './control-plane.test.fixture.ts'
import { CONTROL_ROUTES } from './routes.ts'

const folder = mkdtempSync(join(tmpdir(), 'security-'))
afterAll(() => rmSync(folder, { recursive: true }))

/** What injection tools try first, of SQL and of DynamoDB's expressions. */
const PAYLOADS = [
  ...[
    "'",
    '"',
    "' OR '1'='1",
    "1' OR 1=1--",
    "' UNION SELECT hash FROM keys--",
    "'; DROP TABLE users; --",
    ') OR 1=1--',
  ],
  ...[
    "alice'/**/OR/**/1=1#",
    "' AND randomblob(1e9)--",
    '%27%20OR%201=1',
    "\\' OR 1=1--",
    "') FROM entries;--",
    '*',
    '%',
    '_',
  ],
  ...[
    'id DESC; SELECT 1',
    'attribute_exists(id)',
    ':v OR tenant = :t',
    '#a = :b',
    '{"$ne":1}',
    '[object Object]',
    'NULL',
  ],
]

test('S02: no filter, cursor or path is anything but a value, in a real database', { timeout: 60_000 }, async () => {
  const fixture = await open({ openStores: (options) => openSqlite(join(folder, 'injection.db'), options) })
  const { admin: headers, key, accounts } = fixture
  const today = { ...EVENT, timestamp: '2026-11-30T12:00:00Z' }
  await ask(fixture, 'POST', '/usage', { payload: today, headers: { 'x-api-key': key } })
  const whole = await fixture.store.reports.scanEntries(undefined, 10)
  const filters = {
    '/api/entries': ['limit', 'cursor', 'userId', 'keyId', 'provider', 'model', 'outcome', 'evidence', 'from', 'to'],
    '/api/users': ['limit', 'cursor', 'sort', 'order'],
    '/api/keys': ['userId'],
    '/api/refusals': ['limit', 'cursor', 'userId', 'code'],
    '/api/crossings': ['limit'],
    '/api/summary': ['from', 'to', 'zone', 'by', 'userId', 'model'],
    '/api/trend': ['from', 'to', 'zone', 'bucket', 'by', 'userId', 'keyId', 'provider', 'model'],
  }
  const anything = /"requests":[1-9]|"userId":"alice"/
  for (const [path, names] of Object.entries(filters))
    for (const name of names)
      for (const payload of PAYLOADS) {
        const answer = await ask(fixture, 'GET', `${path}?${name}=${encodeURIComponent(payload)}`, { headers })
        if (answer.statusCode === 200) expect(`${name} ${payload} ${answer.body}`).not.toMatch(anything)
        else expect([path, name, payload, answer.statusCode]).toEqual([path, name, payload, 400])
      }
  const paths = ['/api/users/', '/api/entries/', '/api/calls/', '/api/keys/', '/api/limits/']
  for (const path of paths)
    for (const payload of PAYLOADS) {
      const method = path === '/api/keys/' || path === '/api/limits/' ? 'DELETE' : 'GET'
      const { statusCode } = await ask(fixture, method, path + encodeURIComponent(payload), { headers })
      expect([path, payload, statusCode]).toEqual([path, payload, 404])
    }
  for (const userId of PAYLOADS) {
    const answer = await ask(fixture, 'POST', '/api/users', { payload: { userId, tokenLimit: 1 }, headers })
    expect([answer.statusCode, answer.json<{ userId: string }>().userId]).toEqual([201, userId])
    expect((await ask(fixture, 'GET', `/api/keys?userId=${encodeURIComponent(userId)}`, { headers })).json()).toEqual({
      keys: [],
    })
  }
  expect(await fixture.store.reports.scanEntries(undefined, 10)).toEqual(whole)
  expect(await accounts.identify(key)).toMatchObject({ user: { id: 'alice' } })
  expect(await fixture.store.reports.users('default', { limit: 200 })).toHaveLength(PAYLOADS.length + 1)
})

describe('sessions', () => {
  test('S06: a session that we did not sign, or that was changed, is none', async () => {
    const fixture = await open()
    const { token } = fixture.accounts.startSession('default')
    const [payload = '', signature = ''] = token.split('.')
    const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')
    const forever = encode(['default', 9e15])
    const sign = (text: string, secret: string) => createHmac('sha256', secret).update(text).digest('hex')
    const forged = [
      `${encode({ alg: 'none', typ: 'JWT' })}.${encode({ role: 'admin', exp: 9e9 })}.`,
      `${encode({ alg: 'HS256', kid: '../../x' })}.${encode({ role: 'admin' })}.${sign('x', '')}`,
      ...[
        '',
        '.',
        '..',
        payload,
        `${payload}.`,
        `.${signature}`,
        `${payload}..${signature}`,
        `${payload}.${signature}.`,
      ],
      ...[
        `${forever}.${signature}`,
        `${forever}.${sign(forever, '')}`,
        `${forever}.${sign(forever, fixture.adminSecret)}`,
      ],
      ...[`${payload}.${signature.toUpperCase()}`, `${payload}.${signature.slice(2)}`, `${payload}.${signature}00`],
      ...[`${payload}=.${signature}`, ` ${token}x`, fixture.adminSecret, fixture.key, 'x'.repeat(15_000)],
      `${payload}.${signature.replace(/^./, (first) => (first === '0' ? '1' : '0'))}`,
    ]
    for (const session of forged) {
      const headers = { cookie: `tt_session=${session}`, 'sec-fetch-site': 'same-origin' }
      expect([session, (await ask(fixture, 'GET', '/api/session', { headers })).statusCode]).toEqual([session, 401])
    }
    const headers = { cookie: `tt_session=${token}` }
    expect((await ask(fixture, 'GET', '/api/session', { headers })).statusCode).toBe(200)
    fixture.clock.nowMs += 12 * 3_600_000
    expect((await ask(fixture, 'GET', '/api/session', { headers })).statusCode).toBe(401)
  })

  test('S08: what is no secret signs nobody in, whatever its type, and an ended session stays ended', async () => {
    const fixture = await open()
    for (const secret of [null, [], {}, { $ne: 1 }, [fixture.adminSecret], 1, true, undefined]) {
      const answer = await ask(fixture, 'POST', '/api/session', { payload: { secret } })
      expect(errorOf(answer)).toMatchObject({ code: 'invalid_field', field: 'secret' })
    }
    const { hash } = (await fixture.store.accounts.identity(await hashOf(fixture)))!.key
    for (const secret of ['', ' ', fixture.adminSecret.slice(0, -1), `${fixture.adminSecret} `, fixture.key, hash]) {
      const answer = await ask(fixture, 'POST', '/api/session', { payload: { secret } })
      expect([secret, answer.statusCode, answer.headers['set-cookie']]).toEqual([secret, 401, undefined])
    }
    const repeated = `{"secret":"x","secret":${JSON.stringify(fixture.adminSecret)}}`
    const headers = { 'content-type': 'application/json' }
    expect(errorOf(await ask(fixture, 'POST', '/api/session', { payload: repeated, headers })).code).toBe(
      'invalid_json',
    )
  })
})

async function hashOf({ store }: Awaited<ReturnType<typeof open>>): Promise<string> {
  const [key] = await store.reports.keys('default')
  return key!.hash
}

describe('guessing', () => {
  test('S09: a thousand wrong credentials a minute wait, say nothing, and keep nobody else out', async () => {
    const fixture = await open()
    const [{ key, admin }, guesser] = [fixture, { remoteAddress: '203.0.113.9' }]
    const statuses = new Map<number, number>()
    const bodies = new Set<string>()
    for (let guess = 0; guess < 1_000; guess++) {
      const wrong = { authorization: `Bearer ${guess % 2 ? 'tt_' : 'tta_'}${String(guess).padStart(43, 'x')}` }
      const isKey = guess % 2 === 1
      const answer = isKey
        ? await ask(fixture, 'POST', '/usage', { payload: EVENT, headers: wrong, ...guesser })
        : await ask(fixture, 'GET', '/api/users/alice', { headers: wrong, ...guesser })
      statuses.set(answer.statusCode, (statuses.get(answer.statusCode) ?? 0) + 1)
      if (answer.statusCode === 401) bodies.add(answer.body)
      else expect(Number(answer.headers['retry-after'])).toBeGreaterThan(0)
      fixture.clock.nowMs += 60
    }
    expect(new Set(statuses.keys())).toEqual(new Set([401, 429]))
    expect(statuses.get(401)).toBeLessThanOrEqual(201)
    // One for keys and one for the administrator: neither says whether somebody is there.
    expect(bodies.size).toBe(2)
    expect(
      (await ask(fixture, 'POST', '/usage', { payload: EVENT, headers: { 'x-api-key': key }, ...guesser })).statusCode,
    ).toBe(201)
    expect((await ask(fixture, 'GET', '/api/users/nobody', { headers: admin, ...guesser })).statusCode).toBe(404)
  })

  test('Q22: no header chooses who is throttled, unless a proxy of ours wrote it', async () => {
    const wrong = async (
      fixture: Awaited<ReturnType<typeof open>>,
      attempts: number,
      forwarded: (n: number) => string,
    ) => {
      let status = 0
      for (let n = 0; n < attempts; n++) {
        const headers = { 'x-forwarded-for': forwarded(n), forwarded: `for=${forwarded(n)}`, 'x-real-ip': forwarded(n) }
        const asked = { payload: { secret: 'wrong' }, headers, remoteAddress: '198.51.100.7' }
        status = (await ask(fixture, 'POST', '/api/session', asked)).statusCode
      }
      return status
    }
    const rotating = (n: number) => `203.0.113.${n}`
    expect(await wrong(await open(), 11, rotating)).toBe(429)
    const behind = await open({ isTrustedProxy: (address) => address === '198.51.100.7' })
    expect(await wrong(behind, 11, rotating)).toBe(401)
    expect(await wrong(behind, 11, () => '203.0.113.200')).toBe(429)
    // Whoever the client says that it heard of is not whom the proxy heard.
    expect(await wrong(behind, 11, (n) => `10.0.0.${n}, 203.0.113.201`)).toBe(429)
  })
})

test('S42: no refusal tells a key, a hash, a query, a stack or a host', async () => {
  const fixture = await open()
  const { hash } = (await fixture.store.reports.keys('default'))[0]!
  const secrets = [fixture.key, fixture.adminSecret, hash, 'tt_wrong-key-of-mine']
  const bodies: string[] = []
  for (const { method, path, authentication } of CONTROL_ROUTES.filter((one) => one.authentication !== 'none'))
    for (const credential of [
      undefined,
      'tt_wrong-key-of-mine',
      authentication === 'key' ? fixture.adminSecret : fixture.key,
    ]) {
      const headers = credential === undefined ? {} : { authorization: `Bearer ${credential}` }
      const answer = await ask(fixture, method, path.replaceAll(/:\w+/g, 'x'), {
        ...SAMPLES[`${method} ${path}`],
        headers,
      })
      if (authentication !== 'local') expect([401, 403, 429]).toContain(answer.statusCode)
      if (answer.statusCode >= 400) bodies.push(answer.body)
    }
  for (let wrong = 0; wrong < 11; wrong++)
    bodies.push((await ask(fixture, 'POST', '/api/session', { payload: { secret: 'tt_wrong-key-of-mine' } })).body)
  for (const body of bodies) {
    for (const secret of secrets) expect(body).not.toContain(secret)
    expect(body).not.toMatch(
      /[0-9a-f]{32}|SELECT|INSERT|sqlite|\bat [\w.<>]+ \(|\.ts:\d|node:|127\.0\.0\.1|localhost|\/src\//i,
    )
  }
})

test('S51: what we answer runs nothing from elsewhere, is framed by nobody, and tells no page where it came from', async () => {
  const fixture = await open({ secure: true })
  for (const url of ['/', '/api/health', '/api/users', '/api/nope', '/metrics']) {
    const { headers } = await fixture.app.inject({ url })
    const policy = String(headers['content-security-policy'])
    expect(policy.split(';').map((one) => one.trim().split(' ')[0])).toEqual(
      expect.arrayContaining(['default-src', 'object-src', 'base-uri', 'form-action', 'frame-ancestors']),
    )
    expect(policy).toContain("default-src 'self'")
    expect(policy).toContain("frame-ancestors 'none'")
    expect(policy).not.toMatch(/unsafe|https?:|\*|data:/)
    expect(headers).toMatchObject({
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
      'x-frame-options': 'DENY',
      'cross-origin-opener-policy': 'same-origin',
    })
    expect(headers['strict-transport-security']).toMatch(/max-age=\d{8}/)
    expect(Object.keys(headers).filter((name) => name.startsWith('access-control-'))).toEqual([])
    expect(headers['x-powered-by'] ?? headers['server']).toBeUndefined()
  }
})
