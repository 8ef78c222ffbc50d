import { describe, expect, test } from 'vitest'
import { ask, errorOf, EVENT, open, SAMPLES } from './control-plane.test.fixture.ts'

describe('what is asked', () => {
  test('Q14: a token limit of 0 and none at all are different; a missing or odd one is refused', async () => {
    const fixture = await open()
    const create = (payload: object) => ask(fixture, 'POST', '/api/users', { payload, headers: fixture.admin })
    expect((await create({ userId: 'none', tokenLimit: 0 })).json()).toMatchObject({
      tokenLimit: 0,
      tokensRemaining: 0,
      percentUsed: 100,
    })
    expect((await create({ userId: 'free', tokenLimit: null })).json()).toMatchObject({
      tokenLimit: null,
      tokensRemaining: null,
      percentUsed: null,
    })
    const exact = { tokenLimit: '9007199254740993', tokensRemaining: '9007199254740993' }
    expect((await create({ userId: 'huge', tokenLimit: '9007199254740993' })).json()).toMatchObject(exact)
    const odd = ['5', '', '9007199254740991', '9223372036854775808', '0x10', 1.5, -1, -0.1, 2 ** 53, true, [], {}, [5]]
    for (const tokenLimit of [...odd, undefined])
      expect(errorOf(await create({ userId: 'odd', tokenLimit }))).toMatchObject({
        code: 'invalid_field',
        field: 'tokenLimit',
      })
    for (const literal of ['1e400', '9007199254740993', '-1', 'NaN', '1.0000000001']) {
      const answer = await ask(fixture, 'POST', '/api/users', {
        payload: `{"userId":"odd","tokenLimit":${literal}}`,
        headers: { ...fixture.admin, 'content-type': 'application/json' },
      })
      expect(answer.statusCode).toBe(400)
    }
    expect((await ask(fixture, 'GET', '/api/users/odd', { headers: fixture.admin })).statusCode).toBe(404)
  })

  test('S10: a field that is not in the contract is refused by name, and nothing changes', async () => {
    const fixture = await open()
    const { admin, key } = fixture
    const tries = [
      ['POST', '/api/users', { userId: 'eve', tokenLimit: 1, role: 'admin' }, 'role'],
      ['POST', '/api/users', { userId: 'eve', tokenLimit: 1, tokenUsage: 0 }, 'tokenUsage'],
      ['PATCH', '/api/users/alice', { tokenLimit: 1, createdAt: '2020-01-01' }, 'createdAt'],
      ['POST', '/api/keys', { userId: 'alice', key: 'tt_mine' }, 'key'],
      ['POST', '/api/limits', { ...(SAMPLES['POST /api/limits']!.payload as object), settled: 0 }, 'settled'],
      ['POST', '/usage', { ...EVENT, costNanoUsd: 0 }, 'costNanoUsd'],
      ['POST', '/usage', { ...EVENT, host: { ...EVENT.host, ip: 'x' } }, 'host.ip'],
      ['GET', '/api/users?tenantId=other', undefined, 'tenantId'],
      ['GET', '/api/health?x=1', undefined, 'x'],
    ] as const
    for (const [method, url, payload, field] of tries) {
      const headers = url === '/usage' ? { 'x-api-key': key } : admin
      const answer = await ask(fixture, method, url, { headers, ...(payload && { payload }) })
      expect(errorOf(answer)).toMatchObject({ code: 'invalid_field', field })
    }
    expect(
      (await ask(fixture, 'GET', '/api/users', { headers: admin })).json<{ users: unknown[] }>().users,
    ).toMatchObject([{ userId: 'alice', tokenLimit: 1_000_000 }])
  })

  test('B03: any id that the rule lets pass comes back as it went in', async () => {
    const fixture = await open()
    const ids = [
      '__proto__',
      'constructor',
      '../',
      '..%2f',
      'a/b?c#d',
      "'; DROP TABLE users; --",
      '<script>',
      '👩‍👩‍👧',
      '‮x',
      '=1+1',
    ]
    for (const userId of ids) {
      const created = await ask(fixture, 'POST', '/api/users', {
        payload: { userId, tokenLimit: 1 },
        headers: fixture.admin,
      })
      expect([userId, created.statusCode]).toEqual([userId, 201])
      const read = await ask(fixture, 'GET', `/api/users/${encodeURIComponent(userId)}`, { headers: fixture.admin })
      expect(read.json()).toMatchObject({ userId })
    }
    const listed: string[] = []
    let cursor: string | null = ''
    while (cursor !== null) {
      const url: string = `/api/users?limit=3${cursor && `&cursor=${cursor}`}`
      const page = (await ask(fixture, 'GET', url, { headers: fixture.admin })).json<{
        users: { userId: string }[]
        nextCursor: string | null
      }>()
      listed.push(...page.users.map(({ userId }) => userId))
      cursor = page.nextCursor
    }
    expect(listed.toSorted()).toEqual([...ids, 'alice'].toSorted())
    for (const userId of ['', ' ', '..', 'a\u0000', 'e\u0301', '\ud800', 'x'.repeat(201)])
      expect(
        errorOf(
          await ask(fixture, 'POST', '/api/users', { payload: { userId, tokenLimit: 1 }, headers: fixture.admin }),
        ),
      ).toMatchObject({ code: 'invalid_field', field: 'userId' })
    expect(({} as Record<string, unknown>)['x']).toBeUndefined()
  })

  test('paths and queries that mean nothing are refused or not found', async () => {
    const fixture = await open()
    const asked = {
      '/api/users/%ff': 400,
      '/api/users/%00': 400,
      '/api/users?limit=0': 400,
      '/api/users?limit=201': 400,
      '/api/users?limit=1&limit=2': 400,
      '/api/users?a[__proto__][x]=1': 400,
      '/api/users?cursor=%27': 400,
      '/api/entries?cursor=eyJhIjoxfQ': 400,
      '/api/entries?outcome=%27%20OR%201': 400,
      '/api/entries/none': 404,
      '/api/summary?from=2026-02-30T00:00:00Z': 400,
      '/api/summary?from=2026-11-30': 400,
      '/api/summary?from=1764460800000': 400,
      '/api/summary?from=2026-11-30T00:00:00%2B99:99': 400,
      '/api/summary?zone=%2B02:00': 400,
      '/static/../../etc/passwd': 404,
      '/%2e%2e%2f%2e%2e%2fetc/passwd': 404,
      '/..%5c..%5cetc': 404,
    }
    for (const [url, status] of Object.entries(asked)) {
      const { statusCode } = await ask(fixture, 'GET', url, { headers: fixture.admin })
      expect([url, statusCode === 400 || statusCode === 404 ? status : statusCode]).toEqual([url, status])
      if (status === 400) expect(statusCode).toBe(400)
    }
  })
})
