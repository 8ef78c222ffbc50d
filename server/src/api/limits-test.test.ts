import { describe, expect, test } from 'vitest'
import { ask, errorOf, type Fixture, open } from './control-plane.test.fixture.ts'

const put = (fixture: Fixture, payload: object) =>
  ask(fixture, 'POST', '/api/limits', { payload, headers: fixture.admin })
const wouldPass = (fixture: Fixture, payload: object) =>
  ask(fixture, 'POST', '/api/limits/test', { payload, headers: fixture.admin })
const DAY = { kind: 'calendar', unit: 'day', zone: 'Europe/Amsterdam' }

describe('would this call pass?', () => {
  test('is answered by what enforces: which limit, how much of it, when it resets; nothing is set aside', async () => {
    const fixture = await open()
    await put(fixture, { scope: { kind: 'user', id: 'alice' }, metric: 'tokens', window: DAY, amount: 700 })
    const label = { kind: 'label', id: 'team=search' }
    await put(fixture, { scope: label, metric: 'requests', window: { kind: 'minute' }, amount: 0, mode: 'shadow' })
    const soft = {
      scope: { kind: 'tenant', id: 'default' },
      metric: 'costNanoUsd',
      window: { kind: 'lifetime' },
      mode: 'soft',
    }
    await put(fixture, { ...soft, amount: 1 })
    const call = { userId: 'alice', model: 'm1', inputTokens: 100, labels: { team: 'search' } }
    const passes = await wouldPass(fixture, { ...call, maxOutputTokens: 500 })
    expect(passes.json()).toMatchObject({
      ...{ passes: true, reason: null, model: 'm1', provider: 'bedrock', clampedMaxOutputTokens: null },
      asked: { tokens: 600, requests: 1, costNanoUsd: 100 * 3_000 + 500 * 15_000 },
    })
    const { rules } = passes.json<{ rules: { verdict: string; mode: string; resetsAt: string | null }[] }>()
    expect(Object.fromEntries(rules.map(({ mode, verdict }) => [mode, verdict]))).toEqual({
      ...{ hard: 'fits', soft: 'exceeds', shadow: 'would_refuse' },
    })
    expect(rules.find(({ resetsAt }) => resetsAt !== null)).toMatchObject({ resetsAt: '2026-11-30T23:00:00.000Z' })
    expect((await wouldPass(fixture, call)).json()).toMatchObject({ passes: true, clampedMaxOutputTokens: 600 })
    const refused = await wouldPass(fixture, { ...call, inputTokens: 701 })
    expect(refused.json()).toMatchObject({ passes: false })
    expect(refused.json<{ reason: string }>().reason).toContain('alice has used 0 tokens of 700 tokens this day')
    const { limits } = (await ask(fixture, 'GET', '/api/limits', { headers: fixture.admin })).json<{
      limits: { settled: number; held: number }[]
    }>()
    for (const { settled, held } of limits) expect([settled, held]).toEqual([0, 0])
  })

  test('a limit that was lifted has no verdict; one of 0 admits nothing', async () => {
    const fixture = await open()
    const rule = { scope: { kind: 'user', id: 'alice' }, metric: 'requests', window: DAY }
    const rules = async () => {
      const answer = await wouldPass(fixture, { userId: 'alice', model: 'm1', inputTokens: 1 })
      return answer.json<{ passes: boolean; rules: { metric: string; amount: number }[] }>()
    }
    await put(fixture, { ...rule, amount: 0 })
    expect(await rules()).toMatchObject({
      passes: false,
      rules: [{ metric: 'tokens' }, { metric: 'requests', amount: 0 }],
    })
    await put(fixture, { ...rule, amount: null })
    expect(await rules()).toMatchObject({ passes: true, rules: [{ metric: 'tokens' }] })
    await fixture.accounts.setTokenLimit('default', 'alice', null)
    expect(await rules()).toMatchObject({ passes: true, rules: [] })
  })

  test('a limit of a key binds the key alone, and the user of a key is its owner', async () => {
    const fixture = await open()
    await put(fixture, { scope: { kind: 'key', id: fixture.keyId }, metric: 'tokens', window: DAY, amount: 0 })
    expect((await wouldPass(fixture, { userId: 'alice', model: 'm1' })).json()).toMatchObject({ passes: true })
    expect((await wouldPass(fixture, { keyId: fixture.keyId, model: 'm1' })).json()).toMatchObject({ passes: false })
    await fixture.accounts.setTokenLimit('default', 'alice', 0n)
    const other = await fixture.accounts.createKey('default', 'alice', 'other')
    expect((await wouldPass(fixture, { keyId: other.key.id, model: 'm1' })).json()).toMatchObject({ passes: false })
  })

  test('what no limit refuses is an answer, too; a question about nobody is none', async () => {
    const fixture = await open()
    const unknown = await wouldPass(fixture, { userId: 'alice', model: 'm9' })
    expect(unknown.json()).toMatchObject({ passes: false, provider: null, rules: [] })
    expect(unknown.json<{ reason: string }>().reason).toContain('There is no model m9')
    expect(errorOf(await wouldPass(fixture, { userId: 'bob', model: 'm1' }))).toMatchObject({ field: 'userId' })
    await fixture.accounts.revokeKey('default', fixture.keyId)
    expect(errorOf(await wouldPass(fixture, { keyId: fixture.keyId, model: 'm1' }))).toMatchObject({ field: 'keyId' })
    for (const both of [{}, { userId: 'alice', keyId: fixture.keyId }])
      expect(errorOf(await wouldPass(fixture, { ...both, model: 'm1' }))).toMatchObject({ field: 'userId' })
    const labels = Object.fromEntries(Array.from({ length: 17 }, (_, n) => [`l${n}`, 'x']))
    const many = errorOf(await wouldPass(fixture, { userId: 'alice', model: 'm1', labels }))
    expect([many.field, many.message]).toEqual(['labels', 'labels: must be at most 16.'])
  })
})

describe('limits', () => {
  test('Q24: a limit in another unit than it says is refused by name, never converted', async () => {
    const fixture = await open()
    const rule = { scope: { kind: 'user', id: 'alice' }, metric: 'tokens', window: DAY, amount: 5 }
    const wrong = [
      [{ metric: 'usd' }, 'metric'],
      [{ metric: 'cost' }, 'metric'],
      [{ metric: 'Tokens' }, 'metric'],
      [{ metric: undefined }, 'metric'],
      [{ metric: ['tokens', 'requests'] }, 'metric'],
      [{ amount: '5' }, 'amount'],
      [{ amount: '$5' }, 'amount'],
      [{ amount: '1M' }, 'amount'],
      [{ amount: 0.5 }, 'amount'],
      [{ amount: undefined }, 'amount'],
      [{ amount: { usd: 5 } }, 'amount'],
      [{ amountUsd: 5 }, 'amountUsd'],
      [{ amountNanoUsd: 5 }, 'amountNanoUsd'],
      [{ window: { ...DAY, unit: 'monthly' } }, 'window.unit'],
      [{ window: 'day' }, 'window'],
      [{ scope: { kind: 'label', id: 'team' } }, 'scope.id'],
      [{ scope: { kind: 'label', id: '=x' } }, 'scope.id'],
      [{ scope: { kind: 'user', id: 'nobody' } }, 'scope.id'],
      [{ thresholds: [0] }, 'thresholds[0]'],
      [{ thresholds: [1001] }, 'thresholds[0]'],
      [{ thresholds: [80, 80] }, 'thresholds'],
      [{ thresholds: [0.8] }, 'thresholds[0]'],
      [{ thresholds: Array.from({ length: 11 }, (_, n) => n + 1) }, 'thresholds'],
    ] as const
    for (const [change, field] of wrong) {
      const answer = await put(fixture, { ...rule, ...change })
      expect([change, answer.statusCode, errorOf(answer).field]).toEqual([change, 400, field])
    }
    expect(await fixture.store.reports.limits('default')).toHaveLength(1)
  })

  test('a limit keeps its thresholds when its amount changes, and tells of each that was crossed', async () => {
    const fixture = await open()
    const own = { scope: { kind: 'user', id: 'alice' }, metric: 'tokens', window: { kind: 'lifetime' }, amount: 1_000 }
    const made = (await put(fixture, { ...own, thresholds: [50, 120] })).json<{
      limitId: string
      thresholds: number[]
    }>()
    expect(made.thresholds).toEqual([50, 120])
    const change = { payload: { tokenLimit: 100 }, headers: fixture.admin }
    await ask(fixture, 'PATCH', '/api/users/alice', change)
    const listed = (await ask(fixture, 'GET', '/api/limits', { headers: fixture.admin })).json<{ limits: unknown[] }>()
    expect(listed.limits).toMatchObject([{ amount: 100, thresholds: [50, 120] }])
    const event = { provider: 'p', model: 'm', prompt_tokens: 60, completion_tokens: 0 }
    await ask(fixture, 'POST', '/usage', { payload: event, headers: { 'x-api-key': fixture.key } })
    const crossings = async () =>
      (await ask(fixture, 'GET', '/api/crossings', { headers: fixture.admin })).json<{ crossings: object[] }>()
        .crossings
    await expect.poll(crossings).toHaveLength(1)
    const { scope, metric, window } = own
    expect(await crossings()).toMatchObject([
      { limitId: made.limitId, threshold: 50, amount: 100, settled: 60, limit: { scope, metric, window } },
    ])
  })
})
