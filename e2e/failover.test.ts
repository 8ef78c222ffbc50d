import { afterEach, beforeEach, expect, test } from 'vitest'
import { answering } from './answers.ts'
import type { EntryRow } from './control-plane.ts'
import type { Script } from './fake-provider.ts'
import { type Stage, stage } from './harness.ts'
import { call, CHAT, chatCall, jsonOf, MESSAGES_MODEL, messagesCall } from './wire.ts'

const PROXY = `
model_list:
  - model_name: chat
    litellm_params: { model: openai/gpt-4o-mini, api_base: "PROVIDER/first" }
  - model_name: chat
    litellm_params: { model: openai/gpt-4o, api_base: "PROVIDER/second" }
  - model_name: patient
    litellm_params: { model: openai/gpt-4o-mini, api_base: "PROVIDER/first" }
router_settings: { num_retries: 1, allowed_fails: 2, cooldown_time: 2 }
`

// Each test has a server of its own: a deployment that failed is remembered.
let on: Stage
beforeEach(async () => {
  on = await stage({}, { 'proxy.yaml': PROXY })
})
afterEach(() => on.close())

const failing =
  (status: number, headers: Record<string, string> = {}): Script =>
  ({ response }) => {
    response.writeHead(status, { 'content-type': 'application/json', ...headers })
    response.end('{"error":{"message":"no"}}')
  }
/** The first deployment does this, the second answers. */
const firstDoes = (script: Script): void =>
  on.provider.always((exchange) =>
    exchange.received.path.startsWith('/first') ? script(exchange) : answering()(exchange),
  )
const paths = () => on.provider.received.map(({ path }) => path)

async function entriesOf(userId: string): Promise<EntryRow[]> {
  await on.server.control.idle(userId)
  return (await on.server.control.allEntries(userId)).toReversed()
}

test('M09: a call that fails at one deployment is made at the next; each attempt is an entry of the same call', async () => {
  firstDoes(failing(500))
  const { userId, key } = await on.server.control.newUser(100_000)
  const answer = await call(on.server.url, CHAT, key, chatCall({ model: 'chat' }))
  expect(answer.status).toBe(200)
  expect(paths()).toEqual(['/first/chat/completions', '/second/chat/completions'])
  const [first, second] = await entriesOf(userId)
  expect(first).toMatchObject({ outcome: 'voided', model: 'gpt-4o-mini', httpStatus: 500, totalTokens: 0 })
  expect(second).toMatchObject({ outcome: 'completed', model: 'gpt-4o', evidence: 'reported', totalTokens: 29 })
  expect(first!.callId).toBe(second!.callId)
})

test('M09: an attempt that broke before any answer is booked as unknown, and the next answers', async () => {
  firstDoes(({ socket }) => void socket.destroy())
  const { userId, key } = await on.server.control.newUser(100_000)
  expect((await call(on.server.url, CHAT, key, chatCall({ model: 'chat' }))).status).toBe(200)
  expect((await entriesOf(userId)).map(({ evidence }) => evidence)).toEqual(['unknown', 'reported'])
})

test('an answer that has begun is never tried again', async () => {
  firstDoes(({ response, socket }) => {
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': '1000' })
    response.write('{"choices":[')
    setTimeout(() => socket.destroy(), 20)
  })
  const { userId, key } = await on.server.control.newUser(100_000)
  expect((await call(on.server.url, CHAT, key, chatCall({ model: 'chat' }))).status).toBe(502)
  expect(paths()).toEqual(['/first/chat/completions'])
  expect(await entriesOf(userId)).toMatchObject([{ outcome: 'upstream_error', evidence: 'estimated' }])
})

test('a request that is at fault itself is not tried elsewhere, and the provider’s own words come through', async () => {
  firstDoes(failing(400))
  const { userId, key } = await on.server.control.newUser(100_000)
  const answer = await call(on.server.url, CHAT, key, chatCall({ model: 'chat' }))
  expect([answer.status, jsonOf(answer)]).toEqual([400, { error: { message: 'no' } }])
  expect(paths()).toEqual(['/first/chat/completions'])
  expect(await entriesOf(userId)).toHaveLength(1)
})

test('a deployment that names a time is left alone for that long, and then asked again', async () => {
  firstDoes(failing(429, { 'retry-after': '1' }))
  const { key } = await on.server.control.newUser(null)
  await call(on.server.url, CHAT, key, chatCall({ model: 'chat' }))
  on.provider.forget()
  on.provider.always(answering())
  await call(on.server.url, CHAT, key, chatCall({ model: 'chat' }))
  expect(paths()).toEqual(['/second/chat/completions'])
  await new Promise((resolve) => setTimeout(resolve, 1_100))
  on.provider.forget()
  await call(on.server.url, CHAT, key, chatCall({ model: 'chat' }))
  expect(paths()).toEqual(['/first/chat/completions'])
})

test('a model with one deployment is tried again as often as is configured, and no more', async () => {
  on.provider.always(failing(503))
  const { userId, key } = await on.server.control.newUser(100_000)
  const answer = await call(on.server.url, CHAT, key, chatCall({ model: 'patient' }))
  expect(answer.status).toBe(503)
  expect(paths()).toHaveLength(2)
  expect(await entriesOf(userId)).toHaveLength(2)
})

test('a second attempt is held against the limits like the first', async () => {
  firstDoes(({ socket }) => void socket.destroy())
  const { userId, key } = await on.server.control.newUser(100_000)
  await on.server.control.limit({
    scope: { kind: 'user', id: userId },
    metric: 'requests',
    window: { kind: 'lifetime' },
    amount: 1,
  })
  expect((await call(on.server.url, CHAT, key, chatCall({ model: 'chat' }))).status).toBe(429)
  expect(paths()).toEqual(['/first/chat/completions'])
})

test('tokens are counted by the provider for free: nothing is held, nothing is booked', async () => {
  on.provider.always(({ response }) => {
    response.writeHead(200, { 'content-type': 'application/json' })
    response.end('{"input_tokens":42}')
  })
  const { userId, key } = await on.server.control.newUser(0)
  for (const path of ['/v1/messages/count_tokens', '/v1/v1/messages/count_tokens']) {
    const answer = await call(on.server.url, path, key, messagesCall())
    expect([answer.status, jsonOf(answer)]).toEqual([200, { input_tokens: 42 }])
  }
  expect(paths()).toEqual(['/v1/messages/count_tokens', '/v1/messages/count_tokens'])
  expect((await call(on.server.url, '/v1/messages/count_tokens', 'tt_wrong', messagesCall())).status).toBe(401)
  expect(await on.server.control.allEntries(userId)).toEqual([])
})

test('near its limit, a message is bounded by the provider’s own count rather than by its bytes', async () => {
  const count: Script = ({ response }) => {
    response.writeHead(200, { 'content-type': 'application/json' })
    response.end('{"input_tokens":1000}')
  }
  on.provider.always((exchange) =>
    exchange.received.path.endsWith('count_tokens') ? count(exchange) : answering()(exchange),
  )
  const long = { messages: [{ role: 'user', content: 'words '.repeat(1_000) }], max_tokens: 100 }
  const clampedAt = async (limit: number) => {
    const { key } = await on.server.control.newUser(limit)
    const { status, headers } = await call(on.server.url, '/v1/messages', key, messagesCall(long))
    return [status, headers['x-token-trackr-clamped-max-tokens']]
  }
  // To the token: nothing of ours is added to what the provider counts.
  expect(await clampedAt(1_100)).toEqual([200, undefined])
  expect(paths()).toEqual(['/v1/messages/count_tokens', '/v1/messages'])
  expect(on.provider.received[0]!.json).toEqual({ model: MESSAGES_MODEL, messages: long.messages })
  expect(await clampedAt(1_099)).toEqual([200, '99'])
})

test('S40: a provider that refuses our credential is our fault, and is told in our words', async () => {
  on.provider.always(({ received, response }) => {
    response.writeHead(401, { 'content-type': 'application/json' })
    response.end(
      JSON.stringify({ error: { message: `Incorrect API key provided: ${received.headers.authorization}` } }),
    )
  })
  const { userId, key } = await on.server.control.newUser(100_000)
  const answer = await call(on.server.url, CHAT, key, chatCall({ model: 'chat' }))
  expect([answer.status, jsonOf(answer).error.code]).toEqual([503, 'model_unavailable'])
  expect(answer.bytes.toString()).not.toContain('canary')
  expect(new Set(paths())).toEqual(new Set(['/first/chat/completions', '/second/chat/completions']))
  expect(new Set((await entriesOf(userId)).map(({ outcome }) => outcome))).toEqual(new Set(['voided']))
})
