import { Cohere, CohereClientV2 } from 'cohere-ai'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { saying } from './answers.ts'
import { answeringCohere, cohereBytes, HELLO_COHERE, holdingCohereAfter } from './cohere-answers.ts'
import type { EntryRow } from './control-plane.ts'
import { type Stage, stage } from './harness.ts'
import { call, jsonOf, textOf } from './wire.ts'

const CANARY = 'co-canary-cohere-5b1e7d90c2f4a836'
const MODEL = 'command-a-03-2025'
const CONFIG = {
  'proxy.yaml': `model_list:
  - { model_name: chat, litellm_params: { model: cohere/${MODEL} } }
  - { model_name: vectors, litellm_params: { model: cohere/embed-v4.0 } }
`,
}

let on: Stage
beforeAll(async () => {
  on = await stage({ CO_API_KEY: CANARY, CO_API_URL: 'PROVIDER' }, CONFIG)
  on.provider.always(answeringCohere())
})
afterEach(() => {
  on.provider.forget()
  on.provider.always(answeringCohere())
})
afterAll(() => on.close())

const HELLO = 'Hello, wörld 👋'
const PICTURE = 'data:image/png;base64,iVBORw0KGgo='
/** Command A: $2.50 and $10 per million tokens in and out; what Cohere added to the prompt it does not bill. */
const ENTRY = { buckets: { inUncached: 19, outText: 10 }, costNanoUsd: 19 * 2500 + 10 * 10_000 }
const cohere = (token: string) => new CohereClientV2({ token, baseUrl: on.server.url, maxRetries: 0 })
const messages = [{ role: 'user' as const, content: 'Say hello.' }]
const asked = { model: MODEL, messages, maxTokens: 50 }
const body = { model: MODEL, messages, max_tokens: 50 }

async function onlyEntry(userId: string): Promise<EntryRow> {
  await on.server.control.idle(userId)
  const entries = await on.server.control.allEntries(userId)
  expect(entries).toHaveLength(1)
  return entries[0] as EntryRow
}
async function expectOnlyEntry(userId: string, expected: { buckets: object; costNanoUsd: number } = ENTRY) {
  const row = await onlyEntry(userId)
  expect(row).toMatchObject({ provider: 'cohere', outcome: 'completed', evidence: 'reported', ending: 'settled' })
  const detail = await on.server.control.entry(row.id)
  expect(detail.buckets).toEqual(expected.buckets)
  expect(detail.costNanoUsd).toBe(expected.costNanoUsd)
  return detail
}

describe('the official client, with only base URL and key changed', () => {
  test('a plain call: what is billed is booked, and all that was told is kept', async () => {
    const { userId, key } = await on.server.control.newUser(10_000)
    const answer = await cohere(key).chat(asked)
    expect(answer.message.content).toEqual([{ type: 'text', text: HELLO }])
    expect(answer.usage?.billedUnits?.outputTokens).toBe(10)
    const { rawUsage } = await expectOnlyEntry(userId)
    expect(rawUsage).toEqual(HELLO_COHERE.usage)
    const { path, headers } = on.provider.received.at(-1)!
    expect([path, headers['authorization']]).toEqual(['/v2/chat', `Bearer ${CANARY}`])
  })

  test('a stream, by a name that is only known here', async () => {
    const { userId, key } = await on.server.control.newUser(10_000)
    let text = ''
    for await (const event of await cohere(key).chatStream({ ...asked, model: 'chat' }))
      if (event.type === 'content-delta') text += event.delta?.message?.content?.text ?? ''
    expect(text).toBe(HELLO)
    await expectOnlyEntry(userId)
    expect(on.provider.received.at(-1)?.json).toMatchObject({ model: MODEL, stream: true })
  })

  test('a call of a function, plain and in a stream', async () => {
    const toolCall = { name: 'weather', arguments: '{"city":"Köln"}' }
    const tools = [{ type: 'function' as const, function: { name: 'weather', parameters: { type: 'object' } } }]
    for (const stream of [false, true]) {
      on.provider.next(answeringCohere({ ...HELLO_COHERE, toolCall }))
      const { userId, key } = await on.server.control.newUser(10_000)
      let told = ''
      if (stream) {
        for await (const event of await cohere(key).chatStream({ ...asked, tools }))
          if (event.type === 'tool-call-delta') told += event.delta?.message?.toolCalls?.function?.arguments ?? ''
      } else told = (await cohere(key).chat({ ...asked, tools })).message.toolCalls?.[0]?.function?.arguments ?? ''
      expect(told).toBe(toolCall.arguments)
      await expectOnlyEntry(userId)
    }
  })

  test('embeddings: tokens of texts and of pictures, each at its own rate', async () => {
    const { userId, key } = await on.server.control.newUser(null)
    const input = {
      content: [
        { type: 'text' as const, text: 'Bees' },
        { type: 'image_url' as const, imageUrl: { url: PICTURE } },
      ],
    }
    const answer = await cohere(key).embed({
      ...{ model: 'vectors', inputType: 'search_document', embeddingTypes: ['float'], inputs: [input] },
    })
    expect(answer.embeddings.float).toEqual([[0.5, 0.25]])
    await expectOnlyEntry(userId, { buckets: { inUncached: 8, inImage: 1024 }, costNanoUsd: 8 * 120 + 1024 * 470 })
    expect(on.provider.received.at(-1)).toMatchObject({ path: '/v2/embed', json: { model: 'embed-v4.0' } })
  })
})

describe('errors arrive as the client’s own exceptions', () => {
  const caught = (promise: Promise<unknown>) => promise.then(() => undefined).catch((error: unknown) => error)

  test('a wrong key', async () => {
    expect(await caught(cohere('tt_wrong').chat(asked))).toBeInstanceOf(Cohere.UnauthorizedError)
  })

  test('a limit that is reached: which and how much, and nothing is sent', async () => {
    const { key } = await on.server.control.newUser(0)
    for (const error of [
      await caught(cohere(key).chat(asked)),
      await caught(cohere(key).chatStream(asked)),
      await caught(cohere(key).embed({ model: 'vectors', inputType: 'search_query', texts: ['Hi'] })),
    ]) {
      expect(error).toBeInstanceOf(Cohere.TooManyRequestsError)
      expect(error).toMatchObject({ body: { code: 'limit_reached', details: { limit: '0', used: '0' } } })
    }
    expect(on.provider.received).toHaveLength(0)
  })

  test('a field that is wrong, by its path; a model that nobody serves', async () => {
    const { key } = await on.server.control.newUser(null)
    const error = await caught(cohere(key).chat({ ...asked, maxTokens: -1 }))
    expect(error).toBeInstanceOf(Cohere.BadRequestError)
    expect(error).toMatchObject({ body: { code: 'invalid_field', field: 'max_tokens' } })
    on.provider.forget()
    const served = await caught(cohere(key).rerank({ model: 'rerank-v4.0', query: 'Hi', documents: ['Ho'] }))
    expect(served).toBeInstanceOf(Cohere.NotFoundError)
    expect(served).toMatchObject({ body: { code: 'unknown_route', message: expect.stringContaining('POST /v2/chat') } })
    expect(on.provider.received).toHaveLength(0)
  })

  test('Cohere’s own refusal comes through as it is, and costs nothing', async () => {
    const { key, userId } = await on.server.control.newUser(10_000)
    const refusal = { id: 'x', message: 'invalid request: message must be at least 1 token long' }
    on.provider.next(saying(400, { 'content-type': 'application/json' }, JSON.stringify(refusal)))
    expect(await caught(cohere(key).chat(asked))).toMatchObject({ statusCode: 400, body: refusal })
    expect((await on.server.control.idle(userId)).tokenUsage).toBe(0)
  })

  test('an error inside a stream: what was written is estimated', async () => {
    const { key, userId } = await on.server.control.newUser(10_000)
    on.provider.next(async (exchange) => {
      const [start, begin, first] = cohereBytes(exchange.received)
      const end = { type: 'message-end', delta: { finish_reason: 'ERROR', error: 'internal server error' } }
      exchange.response.writeHead(200, { 'content-type': 'text/event-stream' })
      for (const bytes of [start!, begin!, first!, `event: message-end\ndata: ${JSON.stringify(end)}\n\n`])
        await exchange.write(bytes)
      exchange.response.end()
    })
    const reasons: unknown[] = []
    for await (const event of await cohere(key).chatStream(asked))
      if (event.type === 'message-end') reasons.push(event.delta?.finishReason)
    expect(reasons).toEqual(['ERROR'])
    expect(await onlyEntry(userId)).toMatchObject({ outcome: 'upstream_error', evidence: 'estimated' })
  })
})

test('M02: the bytes that a client sees are those that Cohere sent, and the other way round', async () => {
  for (const [path, sent] of [
    ['/v2/chat', body],
    ['/v2/chat', { ...body, stream: true }],
    ['/v2/embed', { model: 'embed-v4.0', input_type: 'search_query', texts: ['Hi'] }],
  ] as const) {
    const { key } = await on.server.control.newUser(null)
    const text = JSON.stringify(sent, null, 1).replace('"model"', '  "model" ')
    const answer = await call(on.server.url, path, key, text)
    const received = on.provider.received.at(-1)!
    expect(received.body.toString()).toBe(text)
    expect(textOf(answer)).toBe(Buffer.concat(cohereBytes(received)).toString())
  }
})

test('a ceiling that no longer fits is cut in the request', async () => {
  const { key } = await on.server.control.newUser(400)
  const answer = await call(on.server.url, '/v2/chat', key, { ...body, max_tokens: 1000 })
  const clamped = Number(answer.headers['x-token-trackr-clamped-max-tokens'])
  expect(clamped).toBeLessThan(400)
  expect(on.provider.received.at(-1)?.json?.['max_tokens']).toBe(clamped)
})

test('a client that hangs up: Cohere is hung up on, and what it wrote is estimated', async () => {
  const { key, userId } = await on.server.control.newUser(10_000)
  on.provider.next(holdingCohereAfter(4))
  const leaving = new AbortController()
  const stream = await cohere(key).chatStream(asked, { abortSignal: leaving.signal })
  await on.provider.until(() => on.provider.holding() === 1)
  await stream[Symbol.asyncIterator]().next()
  leaving.abort()
  expect(await onlyEntry(userId)).toMatchObject({ outcome: 'cancelled', evidence: 'estimated' })
  await on.provider.until(() => on.provider.received.at(-1)!.hungUp)
})

test('S42: a provider that repeats our credential does not tell it to the client', async () => {
  const { key } = await on.server.control.newUser(null)
  on.provider.next(saying(400, { 'content-type': 'application/json' }, JSON.stringify({ message: CANARY })))
  expect(jsonOf(await call(on.server.url, '/v2/chat', key, body))).toEqual({ message: '[redacted]' })
})
