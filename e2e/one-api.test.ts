import OpenAI from 'openai'
import { request } from 'undici'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { saying } from './answers.ts'
import { AWS_KEYS, bedrockAnswering, exception, holdingBedrockAfter, PIECES } from './bedrock-answers.ts'
import type { Json } from './control-plane.ts'
import { type Stage, stage } from './harness.ts'
import { call, CHAT, jsonOf, textOf } from './wire.ts'

const CLAUDE = 'us.anthropic.claude-haiku-4-5-20251001-v1:0'
const PROXY = `
model_list:
  - model_name: quick
    litellm_params: { model: bedrock/${CLAUDE}, api_base: PROVIDER, aws_region_name: ${AWS_KEYS.AWS_REGION} }
  - model_name: claude
    litellm_params: { model: anthropic/claude-haiku-4-5 }
  - model_name: gemini
    litellm_params: { model: gemini/gemini-2.5-flash, api_base: PROVIDER }
`
const GEMINI_KEY = 'AIzaCanary-one-api-1f6d'
let on: Stage
beforeAll(async () => {
  on = await stage({ ...AWS_KEYS, GEMINI_API_KEY: GEMINI_KEY, OPENAI_BASE_URL: undefined }, { 'proxy.yaml': PROXY })
})
afterEach(() => on.provider.forget())
afterAll(() => on.close())

const HELLO = PIECES.join('')
const client = (apiKey: string) => new OpenAI({ apiKey, baseURL: `${on.server.url}/v1`, maxRetries: 0 })
const asked = (model: string) => ({
  model,
  messages: [{ role: 'user' as const, content: 'Say hello.' }],
  max_tokens: 50,
})
const BUCKETS = { inUncached: 12, inCacheRead: 500, outText: 9 }
const USAGE = {
  prompt_tokens: 512,
  completion_tokens: 9,
  total_tokens: 521,
  prompt_tokens_details: { cached_tokens: 500 },
}

async function onlyEntry(userId: string): Promise<Json> {
  const entries = await on.server.control.allEntries(userId)
  expect(entries).toHaveLength(1)
  return on.server.control.entry(entries[0]!.id)
}

test('a model that only Bedrock serves answers a client of OpenAI, by the figures that AWS reported', async () => {
  on.provider.always(bedrockAnswering())
  const { userId, key } = await on.server.control.newUser(100_000)
  const { data, response } = await client(key)
    .chat.completions.create(asked('quick'), { headers: { 'x-token-trackr-label-team': 'red' } })
    .withResponse()
  expect(data.choices[0]).toMatchObject({ message: { role: 'assistant', content: HELLO }, finish_reason: 'stop' })
  expect(data.usage).toMatchObject(USAGE)
  const entry = await onlyEntry(userId)
  expect(entry).toMatchObject({
    format: 'bedrock-converse',
    evidence: 'reported',
    buckets: BUCKETS,
    labels: { team: 'red' },
  })
  expect(response.headers.get('x-token-trackr-call-id')).toBe(entry.callId)
  expect(on.provider.received).toMatchObject([{ json: { inferenceConfig: { maxTokens: 50 } } }])
})

test('and in a stream, with usage where it was asked for', async () => {
  on.provider.always(bedrockAnswering())
  const { userId, key } = await on.server.control.newUser(100_000)
  const stream = await client(key).chat.completions.create({
    ...asked('quick'),
    stream: true,
    stream_options: { include_usage: true },
  })
  let text = ''
  let usage: unknown
  for await (const chunk of stream) {
    text += chunk.choices[0]?.delta.content ?? ''
    usage = chunk.usage ?? usage
  }
  expect(text).toBe(HELLO)
  expect(usage).toMatchObject(USAGE)
  expect(await onlyEntry(userId)).toMatchObject({ format: 'bedrock-converse', stream: true, buckets: BUCKETS })
})

test('what limits refuse, what cannot be said in the other API, and what AWS refuses, is told as OpenAI tells it', async () => {
  on.provider.always(bedrockAnswering())
  const poor = await on.server.control.newUser(0)
  const refused = await call(on.server.url, CHAT, poor.key, asked('quick'))
  expect([refused.status, jsonOf(refused).error]).toMatchObject([
    429,
    { code: 'limit_reached', type: 'rate_limit_error' },
  ])
  expect(jsonOf(refused).error.details).toMatchObject({ limit: '0', used: '0' })
  const told = async () => (await on.server.control.ask('GET', `/api/refusals?userId=${poor.userId}`)).body.refusals
  await expect.poll(told).not.toHaveLength(0)
  const callId = refused.headers['x-token-trackr-call-id']
  expect(await told()).toMatchObject([
    { callId, code: 'limit_reached', model: expect.stringContaining('claude-haiku-4-5') },
  ])
  const { userId, key } = await on.server.control.newUser(100_000)
  const unsayable = await call(on.server.url, CHAT, key, { ...asked('quick'), seed: 7 })
  expect([unsayable.status, jsonOf(unsayable).error]).toMatchObject([400, { code: 'invalid_field', param: 'seed' }])
  expect(on.provider.received).toHaveLength(0)
  on.provider.next(saying(400, { 'x-amzn-errortype': 'ValidationException' }, '{"message":"too many words"}'))
  await expect(client(key).chat.completions.create(asked('quick'))).rejects.toMatchObject({
    status: 400,
    message: expect.stringContaining('too many words'),
  })
  expect(await on.server.control.idle(userId)).toMatchObject({ tokenUsage: 0 })
})

test('M11: a client of a translated stream that hangs up is booked by what the provider goes on to report', async () => {
  const { userId, key } = await on.server.control.newUser(100_000)
  on.provider.next(holdingBedrockAfter(3))
  const leaving = new AbortController()
  const asking = call(on.server.url, CHAT, key, { ...asked('quick'), stream: true }, { signal: leaving.signal })
  await on.provider.until(() => on.provider.holding() === 1)
  leaving.abort()
  await asking.catch(() => undefined)
  const metrics = async () => (await (await request(`${on.server.url}/metrics`)).body.text()).split('\n')
  await expect.poll(metrics).toContain('token_trackr_drains 1')
  on.provider.release()
  await on.server.control.idle(userId)
  expect(await onlyEntry(userId)).toMatchObject({ outcome: 'cancelled', evidence: 'reported', totalTokens: 521 })
})

test('a translated stream that breaks inside never looks whole to the client', async () => {
  const streamed = { ...asked('quick'), stream: true }
  const told = await on.server.control.newUser(100_000)
  on.provider.next(bedrockAnswering(exception('modelStreamErrorException', 'it broke')))
  const failed = await call(on.server.url, CHAT, told.key, streamed)
  expect(textOf(failed)).not.toContain('[DONE]')
  await on.server.control.idle(told.userId)
  expect(await onlyEntry(told.userId)).toMatchObject({ outcome: 'upstream_error' })
  const cut = await on.server.control.newUser(100_000)
  on.provider.next(async (exchange) => {
    const held = () => exchange.held().then(() => void exchange.socket.destroy())
    await holdingBedrockAfter(3)({ ...exchange, held })
  })
  const headers = { authorization: `Bearer ${cut.key}`, 'content-type': 'application/json' }
  const { body } = await request(on.server.url + CHAT, { method: 'POST', headers, body: JSON.stringify(streamed) })
  let text = ''
  const read = async () => {
    for await (const piece of body) {
      text += String(piece)
      if (text.includes('lo, ')) on.provider.release()
    }
  }
  await expect(read()).rejects.toThrow()
  expect(text).not.toContain('[DONE]')
  await on.server.control.idle(cut.userId)
  expect(await onlyEntry(cut.userId)).toMatchObject({ outcome: 'upstream_error', evidence: 'estimated' })
})

test('S42: what AWS says in our words is still what AWS says', async () => {
  const { userId, key } = await on.server.control.newUser(100_000)
  const spoof = { message: 'no', code: 'limit_reached', details: { limit: '1\r\nx-evil: 1' } }
  on.provider.next(saying(400, { 'x-amzn-errortype': 'ValidationException' }, JSON.stringify(spoof)))
  const answer = await call(on.server.url, CHAT, key, asked('quick'))
  expect([answer.status, jsonOf(answer).error]).toMatchObject([400, { message: 'no', code: null }])
  expect(answer.headers['x-token-trackr-call-id']).toMatch(/^[\w-]{36}$/)
  expect(await on.server.control.idle(userId)).toMatchObject({ tokensHeld: 0 })
})

test.each([
  ['claude', '/v1/chat/completions', 'anthropic', 'sk-ant-canary-anthropic-81e6a05b'],
  ['gemini', '/v1beta/openai/chat/completions', 'gemini', GEMINI_KEY],
])('%s answers at its provider’s own endpoint for clients of OpenAI', async (model, path, provider, credential) => {
  const { userId, key } = await on.server.control.newUser(100_000)
  const answer = await client(key).chat.completions.create(asked(model))
  expect(answer.choices[0]?.message.content).toBe('Hello, wörld 👋')
  expect(on.provider.received).toMatchObject([{ path, headers: { authorization: `Bearer ${credential}` } }])
  expect(await onlyEntry(userId)).toMatchObject({ provider, format: 'openai-chat', evidence: 'reported' })
})
