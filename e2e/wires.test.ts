import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { answering, saying } from './answers.ts'
import { type FakeProvider, startFakeProvider } from './fake-provider.ts'
import { type Stage, stage } from './harness.ts'
import { call, jsonOf } from './wire.ts'
import { METERED, smallest, WIRES, WIRES_ENVIRONMENT, WIRES_PROXY } from './wires.ts'

let on: Stage
let evil: FakeProvider
beforeAll(async () => {
  on = await stage(WIRES_ENVIRONMENT, { 'proxy.yaml': WIRES_PROXY })
  evil = await startFakeProvider(answering())
})
afterEach(() => on.provider.forget())
afterAll(async () => {
  await evil.close()
  await on.close()
})

const lifetime = { kind: 'lifetime' }

test('every API that is metered is known to these tests', () => {
  expect(Object.keys(WIRES).toSorted()).toEqual([...new Set(METERED.map(({ format }) => format))].toSorted())
})

describe.each(METERED)('$path', (route) => {
  const wire = WIRES[route.format]!

  test('Q02: a key that has nothing left reaches no provider, and is told so in the words of the API', async () => {
    const { key } = await on.server.control.newUser(0)
    const { path, body } = smallest(route)
    const answer = await call(on.server.url, path, key, body)
    expect([answer.status, wire.codeOf(jsonOf(answer))]).toEqual([429, 'limit_reached'])
    expect(on.provider.received).toHaveLength(0)
  })

  test('Q11: below a limit of money, a model without a price is refused', async () => {
    const { userId, key } = await on.server.control.newUser(null)
    const scope = { kind: 'user', id: userId }
    await on.server.control.limit({
      scope,
      metric: 'costNanoUsd',
      window: lifetime,
      amount: 1_000_000_000,
      mode: 'hard',
    })
    const { path, body } = smallest(route, wire.unpriced)
    const answer = await call(on.server.url, path, key, body)
    expect([answer.status, wire.codeOf(jsonOf(answer))]).toEqual([400, 'unpriced_model'])
    expect(on.provider.received).toHaveLength(0)
  })

  test('Q12: a limit of the model binds calls by its other name', async () => {
    const { key } = await on.server.control.newUser(null)
    const scope = { kind: 'model', id: wire.canonical }
    const rule = { scope, metric: 'requests', window: lifetime, mode: 'hard' }
    const { limitId } = await on.server.control.limit({ ...rule, amount: 0 })
    const { path, body } = smallest(route)
    const answer = await call(on.server.url, path, key, body)
    await on.server.control.ask('DELETE', `/api/limits/${limitId}`)
    expect([answer.status, wire.codeOf(jsonOf(answer))]).toEqual([429, 'limit_reached'])
    expect(on.provider.received).toHaveLength(0)
  })

  test('S20: nothing in a request decides where it is sent', async () => {
    const { key } = await on.server.control.newUser(null)
    const { path, body } = smallest(route)
    const places = ['api_base', 'base_url', 'azure_endpoint', 'endpoint', 'proxy', 'region', 'aws_region_name']
    const headers = [
      'x-custom-host',
      'x-api-base',
      'x-forwarded-host',
      'x-amz-target',
      'x-goog-user-project',
      'forwarded',
    ]
    const named = (names: readonly string[]) => Object.fromEntries(names.map((name) => [name, evil.url]))
    await call(on.server.url, path, key, { ...body, ...named(places) }, { headers: named(headers) })
    await call(
      on.server.url,
      `${path}?${new URLSearchParams({ ...named(places), 'api-version': `${evil.url}/` })}`,
      key,
      body,
    )
    await call(on.server.url, smallest(route, `${evil.url}/x`).path, key, {
      ...body,
      ...('model' in body && { model: evil.url }),
    })
    expect(evil.connections()).toBe(0)
  })

  test('S24: a redirect of the provider is not followed', async () => {
    const { userId, key } = await on.server.control.newUser(100_000)
    const { path, body } = smallest(route)
    for (const status of [302, 307]) {
      on.provider.next(saying(status, { location: `${evil.url}/steal` }, ''))
      const answer = await call(on.server.url, path, key, body)
      expect([answer.status, answer.headers.location]).toEqual([502, undefined])
    }
    expect(on.provider.received).toHaveLength(2)
    expect(evil.connections()).toBe(0)
    expect(await on.server.control.idle(userId)).toMatchObject({ tokenUsage: 0 })
  })
})

describe.each(METERED.filter(({ format, operation }) => WIRES[format]!.ceilingPath && operation === 'call'))(
  'Q07: $path',
  (route) => {
    const { ceilingPath, codeOf } = WIRES[route.format]!

    // The older Completions take 0 for a prompt that is only echoed.
    const none = route.format === 'openai-completions' ? [] : [0]
    test.each([...none, -1, 1.5, '100', true, []])('a ceiling of %j is refused by its path', async (ceiling) => {
      const { key } = await on.server.control.newUser(null)
      const { path, body } = smallest(route, undefined, ceiling)
      const answer = await call(on.server.url, path, key, body)
      expect([answer.status, codeOf(jsonOf(answer))]).toEqual([400, 'invalid_field'])
      expect(answer.bytes.toString()).toContain(ceilingPath)
      expect(on.provider.received).toHaveLength(0)
    })
  },
)
