import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { PROXY_ROUTES } from '../gateway/routes.ts'
import { ask, EVENT, open, SAMPLES } from './control-plane.test.fixture.ts'
import { openApiText } from './openapi.ts'
import { CONTROL_ROUTES } from './routes.ts'

describe('the table of routes', () => {
  test('S13: every route answers each caller as it declares', async () => {
    const fixture = await open()
    const { accounts, clock } = fixture
    const revoked = await accounts.createKey('default', 'alice', 'old')
    await accounts.revokeKey('default', revoked.key.id)
    await fixture.store.accounts.tenant('other')
    await accounts.createUser('other', 'bob', null)
    const foreign = await accounts.createKey('other', 'bob', 'theirs')
    const cookie = (token: string) => ({ cookie: `tt_session=${token}`, 'sec-fetch-site': 'same-origin' })
    const { token } = accounts.startSession('default')
    const callers = {
      anonymous: {},
      admin: fixture.admin,
      session: cookie(token),
      'session from another site': { cookie: `tt_session=${token}`, 'sec-fetch-site': 'cross-site' },
      'tampered session': cookie(`${token.slice(0, -1)}${token.endsWith('0') ? '1' : '0'}`),
      key: { authorization: `Bearer ${fixture.key}` },
      apiKey: { 'x-api-key': fixture.key },
      'key of another tenant': { 'x-api-key': foreign.secret },
      revoked: { authorization: `Bearer ${revoked.secret}` },
      junk: { authorization: "Bearer ' OR 1=1--" },
    }
    const nobody = { anonymous: 401, 'tampered session': 401, revoked: 401, junk: 401 }
    const onlyAdmin = { ...nobody, key: 403, apiKey: 403, 'key of another tenant': 403 }
    const onlyKeys = { ...nobody, admin: 401, session: 401, 'session from another site': 401 }
    const refused = { none: {}, admin: onlyAdmin, local: onlyAdmin, key: onlyKeys } as const
    // A stream has no end to wait for, and is tried below.
    for (const { method, path, authentication } of CONTROL_ROUTES.filter(({ deadlineMs }) => deadlineMs !== null))
      for (const [caller, headers] of Object.entries(callers)) {
        if (path === '/api/session' && method === 'POST') continue
        const isForged = caller === 'session from another site' && method !== 'GET' && authentication === 'admin'
        const expected = isForged ? 403 : ((refused[authentication] as Record<string, number>)[caller] ?? 'in')
        // Slowly enough not to be told to wait.
        clock.nowMs += 600
        const sample = SAMPLES[`${method} ${path}`] ?? {}
        const { statusCode } = await ask(fixture, method, path.replaceAll(/:\w+|\*/g, 'x'), { ...sample, headers })
        const isIn = statusCode !== 401 && statusCode !== 403
        expect([method, path, caller, isIn ? 'in' : statusCode]).toEqual([method, path, caller, expected])
      }
    expect((await ask(fixture, 'GET', '/api/live')).statusCode).toBe(401)
  })

  test('S13: what is not the administrator’s alone is on this list', () => {
    const others = CONTROL_ROUTES.filter(({ authentication }) => authentication !== 'admin')
    expect(
      Object.fromEntries(others.map(({ method, path, authentication }) => [`${method} ${path}`, authentication])),
    ).toEqual({
      'GET /api/health': 'none',
      'GET /api/ready': 'none',
      'GET /api/openapi.json': 'none',
      'POST /api/session': 'none',
      'GET /*': 'none',
      'GET /metrics': 'local',
      'POST /usage': 'key',
    })
  })

  test('a route that is not declared does not exist, and says which methods do', async () => {
    const fixture = await open()
    const declared = new Set(CONTROL_ROUTES.map(({ method, path }) => `${method} ${path}`))
    for (const { path } of CONTROL_ROUTES)
      for (const method of ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'HEAD'] as const) {
        if (declared.has(`${method} ${path}`) || path === '/*') continue
        const answer = await fixture.app.inject({ method, url: path.replaceAll(/:\w+/g, 'x'), headers: fixture.admin })
        expect([method, path, answer.statusCode]).toEqual([method, path, 405])
        for (const one of String(answer.headers['allow']).split(', ')) expect(declared).toContain(`${one} ${path}`)
      }
    for (const url of ['/api', '/api/', '/api/nope', '/v1/embeddings', '/usage/x', '/api/users/a/b'])
      for (const method of ['GET', 'POST'])
        expect((await ask(fixture, method, url, { headers: fixture.admin })).statusCode).toBe(404)
  })

  test('no route is declared twice, in this table or in the gateway’s', () => {
    const routes = [...PROXY_ROUTES, ...CONTROL_ROUTES].map(({ method, path }) => `${method} ${path}`)
    expect(routes.toSorted()).toEqual([...new Set(routes)].toSorted())
  })

  test('contract/openapi.json is what the routes say', async () => {
    const file = new URL('../../../contract/openapi.json', import.meta.url)
    expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual(JSON.parse(await openApiText()))
  })

  test('answers are what the contract says of them', async () => {
    const fixture = await open()
    const { admin, key, app } = fixture
    const { id } = (await ask(fixture, 'POST', '/usage', { payload: EVENT, headers: { 'x-api-key': key } })).json<{
      id: string
    }>()
    const asked = [
      ['GET', '/api/health', '/api/health', undefined],
      ['GET', '/api/ready', '/api/ready', undefined],
      ['GET', '/api/session', '/api/session', undefined],
      ['GET', '/api/users', '/api/users', undefined],
      ['GET', '/api/users/:userId', '/api/users/alice', undefined],
      ['PATCH', '/api/users/:userId', '/api/users/alice', { tokenLimit: null }],
      ['GET', '/api/keys', '/api/keys?userId=alice', undefined],
      ['POST', '/api/keys', '/api/keys', { userId: 'alice' }],
      ['POST', '/api/credentials', '/api/credentials', SAMPLES['POST /api/credentials']!.payload],
      ['GET', '/api/credentials', '/api/credentials', undefined],
      ['POST', '/api/limits', '/api/limits', SAMPLES['POST /api/limits']!.payload],
      ['GET', '/api/limits', '/api/limits', undefined],
      ['GET', '/api/entries', '/api/entries', undefined],
      ['GET', '/api/entries/:id', `/api/entries/${id}`, undefined],
      ['GET', '/api/summary', '/api/summary?zone=Europe/Amsterdam&by=user', undefined],
      ['GET', '/api/summary', '/api/summary?userId=alice', undefined],
      ['GET', '/api/trend', '/api/trend?from=2024-12-20T00:00:00Z&to=2024-12-21T00:00:00Z&by=model', undefined],
      ['GET', '/api/calls/:callId', `/api/calls/${id}`, undefined],
      ['GET', '/api/refusals', '/api/refusals', undefined],
      ['GET', '/api/crossings', '/api/crossings', undefined],
      ['GET', '/api/providers', '/api/providers', undefined],
      ['POST', '/api/limits/test', '/api/limits/test', SAMPLES['POST /api/limits/test']!.payload],
    ] as const
    for (const [method, path, url, payload] of asked) {
      const answer = await app.inject({ method, url, headers: admin, ...(payload && { payload }) })
      const route = CONTROL_ROUTES.find((one) => one.method === method && one.path === path)!
      const schema = route.answers[answer.statusCode]
      expect([url, schema?.safeParse(answer.json()).error]).toEqual([url, undefined])
    }
  })
})
