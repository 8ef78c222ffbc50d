import { expect, test } from 'vitest'
import type { ErrorCode } from '../core/errors.ts'
import type { Refusal } from '../core/refusal.ts'
import { ask, errorOf, EVENT, type Fixture, open } from './control-plane.test.fixture.ts'

const get = async <T>(fixture: Fixture, url: string) =>
  (await ask(fixture, 'GET', url, { headers: fixture.admin })).json<T>()

/** Refusals as the ledger has committed them: one call each. */
async function refuse({ store, clock }: Fixture, some: readonly Partial<Refusal>[]) {
  const samples = some.map((more, at): Refusal => {
    const of = { tenantId: 'default', userId: 'alice', keyId: 'k', provider: 'p', model: 'm', limitId: null }
    const why = { code: 'limit_reached' as ErrorCode, shadow: false, message: 'No.', details: { limit: '5' } }
    return { id: `r${at}`, callId: `c${at}`, atMs: clock.nowMs + at, ...of, ...why, ...more }
  })
  const counts = samples.map(
    ({ id: _id, callId: _call, atMs, keyId: _key, provider: _of, message: _m, details: _d, ...of }) => {
      return { ...of, startMs: Math.floor(atMs / 900_000) * 900_000, count: 1 }
    },
  )
  await store.ledger.commit('w1', [{ tenantId: 'default', adds: [], rollups: [], refusals: { counts, samples } }])
}

test('refusals are listed newest first, by pages, user and code, and counted in the summary', async () => {
  const fixture = await open()
  await refuse(fixture, [
    {},
    { userId: 'bob' },
    { code: 'model_not_found', model: 'x' },
    { shadow: true, limitId: 'l1' },
    {},
  ])
  const ids: string[] = []
  let cursor: string | null = ''
  while (cursor !== null) {
    const page: { refusals: { id: string }[]; nextCursor: string | null; sampled: boolean } = await get(
      fixture,
      `/api/refusals?limit=2${cursor && `&cursor=${cursor}`}`,
    )
    expect(page.sampled).toBe(true)
    ids.push(...page.refusals.map(({ id }) => id))
    cursor = page.nextCursor
  }
  expect(ids).toEqual(['r4', 'r3', 'r2', 'r1', 'r0'])
  expect(await get(fixture, '/api/refusals?userId=bob')).toMatchObject({ refusals: [{ id: 'r1' }], nextCursor: null })
  expect(await get(fixture, '/api/refusals?code=model_not_found')).toMatchObject({
    refusals: [{ id: 'r2', at: '2026-11-30T12:34:56.002Z', model: 'x', details: { limit: '5' } }],
  })
  const counts = async (query: string) => (await get<{ refusals: object }>(fixture, `/api/summary${query}`)).refusals
  expect(await counts('')).toEqual({ total: 4, byCode: { limit_reached: 3, model_not_found: 1 }, shadow: 1 })
  expect(await counts('?userId=bob')).toEqual({ total: 1, byCode: { limit_reached: 1 }, shadow: 0 })
  expect(await counts('?model=x')).toEqual({ total: 1, byCode: { model_not_found: 1 }, shadow: 0 })
  expect(await counts('?to=2026-11-30T12:00:00Z')).toEqual({ total: 0, byCode: {}, shadow: 0 })
})

test('a call shows its attempts in order and its refusals; entries are found by what they are', async () => {
  const fixture = await open()
  const send = async (more: object) => {
    const headers = { 'x-api-key': fixture.key }
    return (await ask(fixture, 'POST', '/usage', { payload: { ...EVENT, ...more }, headers })).json<{ id: string }>().id
  }
  const [old, recent] = [await send({ provider: 'azure' }), await send({ timestamp: '2026-11-30T10:00:00Z' })]
  await refuse(fixture, [{ callId: old }, { callId: 'never admitted' }])
  expect(await get(fixture, `/api/calls/${old}`)).toMatchObject({
    callId: old,
    entries: [{ id: old, costLines: [{ what: 'inUncached' }, { what: 'outText' }] }],
    refusals: [{ id: 'r0' }],
  })
  expect(await get(fixture, '/api/calls/never%20admitted')).toMatchObject({ entries: [], refusals: [{ id: 'r1' }] })
  expect(errorOf(await ask(fixture, 'GET', '/api/calls/none', { headers: fixture.admin })).code).toBe('not_found')
  const found = async (query: string) =>
    (await get<{ entries: { id: string }[] }>(fixture, `/api/entries?${query}`)).entries.map(({ id }) => id)
  expect(await found('')).toEqual([recent, old])
  expect(await found('provider=azure')).toEqual([old])
  expect(await found(`keyId=${fixture.keyId}&evidence=reported`)).toEqual([recent, old])
  expect(await found('evidence=estimated')).toEqual([])
  expect(await found('from=2026-11-30T10:00:00Z')).toEqual([recent])
  expect(await found('to=2026-11-30T10:00:00Z')).toEqual([old])
  const empty = '/api/entries?from=2026-11-30T10:00:00Z&to=2026-11-30T10:00:00Z'
  expect(errorOf(await ask(fixture, 'GET', empty, { headers: fixture.admin })).field).toBe('from')
})

test('providers say how they have been doing', async () => {
  const fixture = await open()
  const { deployment, healths } = fixture
  healths.succeeded(deployment, 120)
  healths.failed(deployment, 'it answered 529', 30_000)
  expect(await get(fixture, '/api/providers')).toEqual({
    ledger: { spooledCalls: 0 },
    deployments: [
      {
        ...{ name: 'bedrock/m1', provider: 'bedrock', model: 'm1', format: 'anthropic-messages', state: 'cooling' },
        ...{ coolsUntil: '2026-11-30T12:35:26.000Z', attempts: 2, failures: 1, medianFirstByteMs: 120 },
        lastFailure: { at: '2026-11-30T12:34:56.000Z', reason: 'it answered 529' },
      },
    ],
  })
})

test('S32: a cursor is ours, of this list and this tenant, or refused', async () => {
  const fixture = await open()
  for (const userId of ['bob', 'carol']) await fixture.accounts.createUser('default', userId, null)
  await refuse(fixture, [{}, {}])
  const { nextCursor } = await get<{ nextCursor: string }>(fixture, '/api/users?limit=1')
  const refusals = await get<{ nextCursor: string }>(fixture, '/api/refusals?limit=1')
  const { cursors } = fixture.accounts
  const [payload, signature] = nextCursor.split('.')
  const crafted = [
    Buffer.from('"bob"').toString('base64url'),
    `${Buffer.from('"bob"').toString('base64url')}.${signature}`,
    `${payload}.${signature}.x`,
    `${payload}.${'0'.repeat(64)}`,
    refusals.nextCursor,
    cursors.seal('other', 'users', '"bob"'),
    cursors.seal('default', 'entries', '"bob"'),
  ]
  for (const cursor of crafted)
    expect(
      errorOf(await ask(fixture, 'GET', `/api/users?cursor=${encodeURIComponent(cursor)}`, { headers: fixture.admin })),
    ).toMatchObject({ code: 'invalid_field', field: 'cursor' })
  expect(await get(fixture, `/api/users?cursor=${nextCursor}`)).toMatchObject({
    users: [{ userId: 'bob' }, { userId: 'carol' }],
  })
})
