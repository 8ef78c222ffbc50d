import { describe, expect, test } from 'vitest'
import { ask, errorOf, EVENT, type Fixture, open } from './control-plane.test.fixture.ts'

const send = (fixture: Fixture, payload: object) =>
  ask(fixture, 'POST', '/usage', { payload, headers: { 'x-api-key': fixture.key } })

describe('POST /usage', () => {
  test('books an event as printed, for the key’s owner, once per id', async () => {
    const fixture = await open()
    const first = await send(fixture, { ...EVENT, id: 'e1', user_id: 'mallory' })
    expect(first.statusCode).toBe(201)
    const { id } = first.json<{ id: string }>()
    expect(first.json()).toEqual({ id, duplicate: false, costNanoUsd: 1_200_000 })
    const again = await send(fixture, { user_id: 'mallory', id: 'e1', ...EVENT })
    expect([again.statusCode, again.json()]).toEqual([200, { id, duplicate: true, costNanoUsd: 1_200_000 }])
    const other = await send(fixture, { ...EVENT, id: 'e1', prompt_tokens: 151 })
    expect(errorOf(other)).toMatchObject({ code: 'conflict', field: 'id' })
    const detail = (await ask(fixture, 'GET', `/api/entries/${id}`, { headers: fixture.admin })).json()
    expect(detail).toMatchObject({
      userId: 'alice',
      occurredAt: '2024-12-20T10:30:00.000Z',
      countedAt: '2026-11-30T12:34:56.000Z',
      ending: 'ingested',
      labels: { tenant_id: 'my-tenant', user_id: 'mallory', 'host.k8s.pod': 'app-abc123' },
      rawUsage: { prompt_tokens: 150, completion_tokens: 50 },
      costLines: [
        { what: 'inUncached', count: 150, ratePicoUsd: 3_000_000, costPicoUsd: 450_000_000 },
        { what: 'outText', count: 50, ratePicoUsd: 15_000_000, costPicoUsd: 750_000_000 },
      ],
    })
    expect((await ask(fixture, 'GET', '/api/users/alice', { headers: fixture.admin })).json()).toMatchObject({
      tokenUsage: 200,
      requests: 1,
      costNanoUsd: 1_200_000,
    })
  })

  test('an event without a price is unpriced, not free', async () => {
    const fixture = await open()
    expect((await send(fixture, { ...EVENT, model: 'unpriced' })).json()).toMatchObject({ costNanoUsd: null })
  })
})

describe('limits', () => {
  test('the same rule is the same limit, told with its counter and its reset; lifted, it goes on counting', async () => {
    const fixture = await open()
    const { admin: headers } = fixture
    const rule = {
      scope: { kind: 'user', id: 'alice' },
      metric: 'costNanoUsd',
      window: { kind: 'calendar', unit: 'day', zone: 'europe/amsterdam' },
    }
    const created = await ask(fixture, 'POST', '/api/limits', { payload: { ...rule, amount: 5 }, headers })
    expect(created.statusCode).toBe(201)
    const { limitId } = created.json<{ limitId: string }>()
    await ask(fixture, 'POST', '/usage', { payload: EVENT, headers: { 'x-api-key': fixture.key } })
    const respelled = { ...rule, window: { ...rule.window, zone: 'Europe/Amsterdam' }, amount: 6, mode: 'soft' }
    const replaced = await ask(fixture, 'POST', '/api/limits', { payload: respelled, headers })
    expect([replaced.statusCode, replaced.json()]).toEqual([
      200,
      {
        ...respelled,
        limitId,
        thresholds: [80, 95, 100],
        settled: 1_200_000,
        held: 0,
        resetsAt: '2026-11-30T23:00:00.000Z',
      },
    ])
    expect((await ask(fixture, 'DELETE', `/api/limits/${limitId}`, { headers })).statusCode).toBe(204)
    const { limits } = (await ask(fixture, 'GET', '/api/limits', { headers })).json<{ limits: { limitId: string }[] }>()
    expect(limits.find((limit) => limit.limitId === limitId)).toMatchObject({ amount: null, settled: 1_200_000 })
    for (const window of [
      { kind: 'calendar', unit: 'day', zone: 'Mars/Olympus' },
      { kind: 'year' },
      { kind: 'minute', zone: 'UTC' },
    ]) {
      const answer = await ask(fixture, 'POST', '/api/limits', { payload: { ...rule, window, amount: 5 }, headers })
      expect(errorOf(answer)).toMatchObject({ code: 'invalid_field' })
      expect(errorOf(answer).field).toMatch(/^window\.(zone|kind)$/)
    }
  })
})
