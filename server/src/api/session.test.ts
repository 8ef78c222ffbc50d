import { describe, expect, test } from 'vitest'
import { ask, errorOf, EVENT, type Fixture, open, SAMPLES } from './control-plane.test.fixture.ts'
import { CONTROL_ROUTES } from './routes.ts'

const session = (fixture: Fixture, secret: string, headers = {}) =>
  ask(fixture, 'POST', '/api/session', { payload: { secret }, headers })

describe('signing in', () => {
  test('S16: the session is a cookie that no script and no other site can use', async () => {
    const fixture = await open({ secure: true })
    const answer = await session(fixture, fixture.adminSecret)
    expect(answer.statusCode).toBe(204)
    const cookie = String(answer.headers['set-cookie'])
    for (const part of ['HttpOnly', 'SameSite=Strict', 'Path=/', 'Secure']) expect(cookie).toContain(part)
    expect(cookie).not.toContain(fixture.adminSecret)
    const headers = { cookie: cookie.split(';')[0]!, host: 'tt.example' }
    const who = await ask(fixture, 'GET', '/api/session', { headers })
    expect(who.json()).toEqual({ role: 'admin', tenantId: 'default', expiresAt: '2026-12-01T00:34:56.000Z' })

    const change = (more: object) =>
      ask(fixture, 'PATCH', '/api/users/alice', { payload: { tokenLimit: 7 }, headers: { ...headers, ...more } })
    for (const foreign of [
      {},
      { origin: 'https://evil.example' },
      { origin: 'null' },
      { 'sec-fetch-site': 'cross-site', origin: 'https://tt.example' },
      { 'sec-fetch-site': 'same-site' },
    ])
      expect((await change(foreign)).statusCode).toBe(403)
    expect((await ask(fixture, 'GET', '/api/users/alice', { headers })).json()).toMatchObject({ tokenLimit: 1_000_000 })
    for (const own of [{ origin: 'https://tt.example' }, { 'sec-fetch-site': 'same-origin' }])
      expect((await change(own)).statusCode).toBe(200)

    fixture.clock.nowMs += 12 * 3_600_000
    expect((await ask(fixture, 'GET', '/api/session', { headers })).statusCode).toBe(401)
  })

  test('signing out takes the cookie back', async () => {
    const fixture = await open()
    const cookie = String((await session(fixture, fixture.adminSecret)).headers['set-cookie']).split(';')[0]!
    const headers = { cookie, 'sec-fetch-site': 'same-origin' }
    const answer = await ask(fixture, 'DELETE', '/api/session', { headers })
    expect(answer.statusCode).toBe(204)
    expect(String(answer.headers['set-cookie'])).toMatch(/^tt_session=;/)
  })

  test('wrong secrets are throttled by address, and time heals it', async () => {
    const fixture = await open()
    for (let wrong = 0; wrong < 10; wrong++) expect((await session(fixture, 'wrong')).statusCode).toBe(401)
    const refused = await session(fixture, fixture.adminSecret)
    expect(errorOf(refused)).toMatchObject({ code: 'rate_limited', retryAfterSeconds: 6 })
    expect(refused.headers['retry-after']).toBe('6')
    fixture.clock.nowMs += 6_000
    for (let right = 0; right < 20; right++) expect((await session(fixture, fixture.adminSecret)).statusCode).toBe(204)
    const elsewhere = { payload: { secret: fixture.adminSecret }, remoteAddress: '10.0.0.9' }
    for (let wrong = 0; wrong < 12; wrong++) await session(fixture, 'wrong')
    expect((await ask(fixture, 'POST', '/api/session', elsewhere)).statusCode).toBe(204)
  })

  test('S01: whatever stands in place of a credential is refused alike', async () => {
    const fixture = await open()
    const junk = ["' OR 1=1--", "x' UNION SELECT 1", 'a; DROP TABLE keys', 'x'.repeat(10_000), 'é€', 'tt_', '', ' ']
    for (const { method, path, authentication } of CONTROL_ROUTES.filter((route) => route.authentication !== 'none')) {
      const bodies = new Set<string>()
      for (const credential of junk)
        for (const headers of [
          { authorization: `Bearer ${credential}` },
          { authorization: credential },
          { 'x-api-key': credential },
        ]) {
          const sample = SAMPLES[`${method} ${path}`] ?? {}
          // Slowly enough not to be told to wait.
          fixture.clock.nowMs += 600
          const answer = await ask(fixture, method, path.replaceAll(/:\w+/g, 'x'), { ...sample, headers })
          expect([authentication, answer.statusCode]).toEqual([authentication, 401])
          bodies.add(answer.body)
        }
      expect(bodies.size).toBe(1)
    }
  })
})

test('S04: no answer shows a key again, or its hash', async () => {
  const fixture = await open()
  const { admin: headers } = fixture
  const created = await ask(fixture, 'POST', '/api/keys', { payload: { userId: 'alice', name: 'ci' }, headers })
  const { key, ...shown } = created.json<{ key: string }>()
  expect(key).toMatch(/^tt_/)
  const { body } = await ask(fixture, 'GET', '/api/keys', { headers })
  expect(JSON.parse(body)).toMatchObject({ keys: expect.arrayContaining([shown]) as unknown })
  const [stored] = await fixture.store.reports.keys('default')
  for (const secret of [key, fixture.key, stored!.hash]) expect(body).not.toContain(secret)
  expect(
    (await ask(fixture, 'POST', '/usage', { payload: EVENT, headers: { 'x-api-key': stored!.hash } })).statusCode,
  ).toBe(401)
})
