import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { type Server, type Stage, stage } from './harness.ts'
import { call, CHAT, CHAT_MODEL, chatCall, jsonOf, MESSAGES, messagesCall, pool, textOf } from './wire.ts'

/** A model that nobody has priced, and a second name of one that is. */
const PROXY = `
model_list:
  - model_name: mystery
    litellm_params: { model: openai/mystery-1, api_key: '\${OPENAI_API_KEY}', api_base: PROVIDER/v1 }
  - model_name: my-alias
    litellm_params: { model: ${CHAT_MODEL}, api_key: '\${OPENAI_API_KEY}', api_base: PROVIDER/v1 }
`
let on: Stage
/** A second process on the same file. */
let beside: Server
beforeAll(async () => {
  on = await stage({}, { 'proxy.yaml': PROXY })
  beside = await on.installation.start()
})
afterEach(() => on.provider.forget())
afterAll(() => on.close())

const control = () => on.server.control
const lifetime = { kind: 'lifetime' }

describe('Q07: whatever a client writes for its output ceiling, the hold is above what can be used', () => {
  test.each([
    ['absent', { max_tokens: undefined }],
    ['null', { max_tokens: null }],
    ['enormous', { max_tokens: 1e12 }],
    ['the newer name', { max_tokens: undefined, max_completion_tokens: 100_000 }],
  ])('%s: clamped to what is left', async (_name, ceiling) => {
    const { key } = await control().newUser(2_000)
    const answer = await call(on.server.url, CHAT, key, chatCall(ceiling))
    expect(answer.status).toBe(200)
    const sent = on.provider.received.at(-1)?.json as Record<string, number | undefined>
    const most = sent.max_completion_tokens ?? sent.max_tokens
    expect(most).toBeGreaterThan(0)
    expect(most).toBeLessThan(2_000)
    expect(Number(answer.headers['x-token-trackr-clamped-max-tokens'])).toBe(most)
  })
  test.each([[0], [-1], [1.5], ['100'], [[]]])('%j is refused by name', async (max_tokens) => {
    const { key } = await control().newUser(2_000)
    const answer = await call(on.server.url, CHAT, key, chatCall({ max_tokens }))
    expect(answer.status).toBe(400)
    expect(jsonOf(answer).error.param).toBe('max_tokens')
    expect(on.provider.received).toHaveLength(0)
  })
  test('of both names, the larger value counts; without any, the ceiling of the model', async () => {
    const { userId, key } = await control().newUser(null)
    await call(on.server.url, CHAT, key, chatCall({ max_tokens: 10, max_completion_tokens: 1_000 }))
    await call(on.server.url, CHAT, key, chatCall({ max_tokens: undefined }))
    const [without, both] = await control().allEntries(userId)
    expect((await control().entry(both?.id ?? '')).held.tokens).toBeGreaterThanOrEqual(1_000)
    expect((await control().entry(without?.id ?? '')).held.tokens).toBeGreaterThanOrEqual(16_384)
  })
})

test('Q09: a prompt of 1 MB against a limit of 100 tokens never leaves the house', async () => {
  const { key } = await control().newUser(100)
  const messages = [{ role: 'user', content: 'word '.repeat(200_000) }]
  const answer = await call(on.server.url, CHAT, key, chatCall({ messages }))
  expect(answer.status).toBe(429)
  expect(on.provider.received).toHaveLength(0)
})

test('Q11: a model without a price is refused under a budget, and named unpriced without one', async () => {
  const { userId, key } = await control().newUser(null)
  const body = chatCall({ model: 'mystery' })
  expect((await call(on.server.url, CHAT, key, body)).status).toBe(200)
  const [entry] = await control().allEntries(userId)
  expect(entry).toMatchObject({ totalTokens: 29, costNanoUsd: null })
  const scope = { kind: 'user', id: userId }
  await control().limit({ scope, metric: 'costNanoUsd', window: lifetime, amount: 10 ** 12 })
  on.provider.forget()
  const refused = await call(on.server.url, CHAT, key, body)
  expect(refused.status).toBe(400)
  expect(textOf(refused)).toContain('unpriced_model')
  expect(on.provider.received).toHaveLength(0)
})

test('Q12: a limit of a model binds every name that it is called by', async () => {
  const { userId, key } = await control().newUser(null)
  expect((await call(on.server.url, CHAT, key, chatCall({ model: 'my-alias' }))).status).toBe(200)
  const [entry] = await control().allEntries(userId)
  const scope = { kind: 'model', id: entry?.model }
  const limit = await control().limit({ scope, metric: 'tokens', window: lifetime, amount: 0 })
  try {
    for (const model of ['my-alias', CHAT_MODEL])
      expect((await call(on.server.url, CHAT, key, chatCall({ model }))).status).toBe(429)
    expect(on.provider.received).toHaveLength(1)
  } finally {
    await control().ask('DELETE', `/api/limits/${limit.limitId}`)
  }
})

test('Q14: a limit of 0 admits nothing, null admits everything, and both are said apart', async () => {
  const none = await control().newUser(0)
  const unlimited = await control().newUser(null)
  expect((await call(on.server.url, CHAT, none.key, chatCall())).status).toBe(429)
  expect((await call(on.server.url, CHAT, unlimited.key, chatCall())).status).toBe(200)
  expect(on.provider.received).toHaveLength(1)
  expect(await control().user(none.userId)).toMatchObject({ tokenLimit: 0, tokensRemaining: 0, percentUsed: 100 })
  expect(await control().user(unlimited.userId)).toMatchObject({
    tokenLimit: null,
    tokensRemaining: null,
    percentUsed: null,
  })
})

test('Q20: whatever identity a client claims, the owner of the key pays', async () => {
  const victim = await control().newUser(null)
  const { userId, key } = await control().newUser(null)
  const headers = Object.fromEntries(
    ['x-token-trackr-user', 'x-litellm-end-user-id', 'x-user-id', 'openai-organization', 'x-forwarded-user'].map(
      (name) => [name, victim.userId],
    ),
  )
  await call(on.server.url, CHAT, key, chatCall({ user: victim.userId }), { headers })
  await call(on.server.url, MESSAGES, key, messagesCall({ metadata: { user_id: victim.userId } }), { headers })
  expect(await control().allEntries(userId)).toHaveLength(2)
  expect(await control().allEntries(victim.userId)).toHaveLength(0)
  for (const { headers: sent } of on.provider.received)
    expect(Object.keys(sent).filter((name) => name.startsWith('x-token-trackr'))).toEqual([])
})

test('Q23: two processes together admit no more than the limit in a minute, and say when to come back', async () => {
  const { userId, key } = await control().newUser(null)
  const scope = { kind: 'user', id: userId }
  await control().limit({ scope, metric: 'requests', window: { kind: 'minute' }, amount: 100 })
  const dispatcher = pool()
  const answers = await Promise.all(
    Array.from({ length: 150 }, (_, index) =>
      call(index % 2 ? beside.url : on.server.url, CHAT, key, chatCall(), { dispatcher }),
    ),
  )
  expect(answers.filter(({ status }) => status === 200)).toHaveLength(100)
  const refused = answers.find(({ status }) => status === 429)
  expect(Number(refused?.headers['retry-after'])).toBeGreaterThan(0)
  expect(Number(refused?.headers['retry-after'])).toBeLessThanOrEqual(65)
  await dispatcher.close()
})

test("Q01: two calls with the same ids of the client's are two calls", async () => {
  const { userId, key } = await control().newUser(null)
  const headers = { 'x-request-id': 'same', 'idempotency-key': 'same', 'x-stainless-retry-count': '1' }
  for (let turn = 0; turn < 2; turn += 1) await call(on.server.url, CHAT, key, chatCall(), { headers })
  expect(on.provider.received).toHaveLength(2)
  expect((await control().idle(userId)).tokenUsage).toBe(58)
  expect(new Set((await control().allEntries(userId)).map(({ callId }) => callId)).size).toBe(2)
})

test('Q02: with an exhausted key, no route reaches a provider that is not listed as free', async () => {
  const { key } = await control().newUser(0)
  const documented = Object.entries((await control().ask('GET', '/api/openapi.json')).body.paths as object).flatMap(
    ([path, methods]) => Object.keys(methods as object).map((method) => [method.toUpperCase(), path] as const),
  )
  const others = [
    ...['/v1/v1/messages', '/v1/embeddings', '/v1/responses', '/v1/files', '/v1/batches', '/v1/completions'],
    ...['/v1/images/generations', '/v1/messages/batches', '/v1/realtime', '/v1/audio/speech'],
    ...['//v1/chat/completions', '/v1/chat/completions/', '/V1/chat/completions', '/v1/../v1/chat/completions'],
  ].map((path) => ['POST', path] as const)
  const known = [
    ['POST', CHAT],
    ['POST', MESSAGES],
    ['GET', '/v1/models'],
  ] as const
  for (const [method, path] of [...documented, ...others, ...known]) {
    if (path === '/api/live') continue
    const { statusCode, body } = await pool().request({
      origin: on.server.url,
      path: path.replaceAll(/\{[^}]*\}/g, 'x'),
      method,
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      ...(method === 'POST' || method === 'PATCH' ? { body: JSON.stringify(chatCall()) } : {}),
    })
    await body.dump()
    expect(statusCode, `${method} ${path}`).toBeLessThan(500)
  }
  expect(on.provider.received).toHaveLength(0)
})
