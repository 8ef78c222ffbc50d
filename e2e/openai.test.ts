import { createOpenAI } from '@ai-sdk/openai'
import { createOpenAICompatible } from '@ai-sdk/openai-compatible'
import { embed, generateText, jsonSchema, streamText, type ToolSet } from 'ai'
import OpenAI from 'openai'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { answering, HELLO_CHAT, saying } from './answers.ts'
import { type Stage, stage } from './harness.ts'
import { answeringOpenAi, completionChunks, HELLO_OPENAI, openAiBytes } from './openai-answers.ts'
import { call, CHAT_MODEL as MODEL, jsonOf } from './wire.ts'

let on: Stage
beforeAll(async () => {
  on = await stage()
})
beforeEach(() => {
  on.provider.forget()
  on.provider.always(answeringOpenAi())
})
afterAll(() => on.close())

const HELLO = 'Hello, wörld 👋'
const EMBEDDING_MODEL = 'text-embedding-3-small'
const COMPLETION_MODEL = 'gpt-3.5-turbo-instruct'
/** gpt-4o-mini: $0.15 and $0.60 per million tokens in and out, $0.075 for cached input. */
const RESPONSE_ENTRY = {
  format: 'openai-responses',
  buckets: { inUncached: 15, inCacheRead: 4, outText: 7, outReasoning: 3 },
  costNanoUsd: 15 * 150 + 4 * 75 + 10 * 600,
}
/** $0.02 per million tokens. */
const EMBEDDING_ENTRY = { format: 'openai-embeddings', buckets: { inUncached: 8 }, costNanoUsd: 8 * 20 }
/** $1.50 and $2 per million tokens in and out. */
const COMPLETION_ENTRY = {
  format: 'openai-completions',
  buckets: { inUncached: 5, outText: 7 },
  costNanoUsd: 5 * 1500 + 7 * 2000,
}

async function expectOnlyEntry(userId: string, expected: typeof EMBEDDING_ENTRY | typeof RESPONSE_ENTRY) {
  const entries = await on.server.control.allEntries(userId)
  expect(entries).toHaveLength(1)
  const { buckets, ...entry } = await on.server.control.entry(entries[0]!.id)
  expect(entry).toMatchObject({ outcome: 'completed', evidence: 'reported', ending: 'settled' })
  const used = Object.fromEntries(Object.entries(buckets as object).filter(([, tokens]) => tokens !== 0))
  expect({ format: entry.format, buckets: used, costNanoUsd: entry.costNanoUsd }).toEqual(expected)
}

const openai = (key: string) => new OpenAI({ apiKey: key, baseURL: `${on.server.url}/v1`, maxRetries: 0 })
const newUser = (limit: number | null = 100_000) => on.server.control.newUser(limit)
const asked = { model: MODEL, input: 'Say hello.', max_output_tokens: 50 }
const completed = { model: COMPLETION_MODEL, prompt: 'Say hello.', max_tokens: 50 }

describe('the official client, with only base URL and key changed', () => {
  test('a response, plain and in a stream', async () => {
    const plain = await newUser()
    expect((await openai(plain.key).responses.create(asked)).output_text).toBe(HELLO)
    await expectOnlyEntry(plain.userId, RESPONSE_ENTRY)

    const streaming = await newUser()
    const stream = openai(streaming.key).responses.stream(asked)
    let text = ''
    for await (const event of stream) if (event.type === 'response.output_text.delta') text += event.delta
    expect(text).toBe(HELLO)
    expect((await stream.finalResponse()).usage?.total_tokens).toBe(29)
    await expectOnlyEntry(streaming.userId, RESPONSE_ENTRY)
    expect(on.provider.received.at(-1)?.json).not.toHaveProperty('stream_options')
  })

  test('a response that calls a function, plain and in a stream', async () => {
    const toolCall = { name: 'weather', arguments: '{"city":"Köln"}' }
    const tools = [{ type: 'function' as const, name: 'weather', parameters: { type: 'object' }, strict: false }]
    for (const stream of [false, true]) {
      on.provider.next(answeringOpenAi({ ...HELLO_OPENAI, toolCall }))
      const { userId, key } = await newUser()
      const client = openai(key)
      const answer = stream
        ? await client.responses.stream({ ...asked, tools }).finalResponse()
        : await client.responses.create({ ...asked, tools })
      expect(answer.output).toMatchObject([{ type: 'function_call', ...toolCall }])
      await expectOnlyEntry(userId, RESPONSE_ENTRY)
    }
  })

  test('a compaction is billed, and a count of the input is not', async () => {
    const { userId, key } = await newUser()
    const counted = await openai(key).responses.inputTokens.count({ model: MODEL, input: 'Say hello.' })
    expect(counted.input_tokens).toBe(11)
    expect(await on.server.control.allEntries(userId)).toEqual([])
    const compacted = await openai(key).responses.compact({ model: MODEL, input: 'Say hello.' })
    expect(compacted.output).toMatchObject([{ type: 'compaction' }])
    await expectOnlyEntry(userId, RESPONSE_ENTRY)
    expect(on.provider.received.at(-1)?.path).toBe('/v1/responses/compact')
  })

  test('embeddings of one text, of several and of tokens', async () => {
    for (const input of ['Hello.', ['Hello.', 'And again.'], [[9906, 13]]]) {
      const { userId, key } = await newUser()
      const { data } = await openai(key).embeddings.create({ model: EMBEDDING_MODEL, input })
      expect(data.map(({ embedding }) => embedding)).toEqual(Array.from(data, () => [0.5, -1]))
      await expectOnlyEntry(userId, EMBEDDING_ENTRY)
    }
  })

  test('an older completion, plain and in a stream, with usage asked for and without', async () => {
    const plain = await newUser()
    expect((await openai(plain.key).completions.create(completed)).choices[0]?.text).toBe(HELLO)
    await expectOnlyEntry(plain.userId, COMPLETION_ENTRY)
    for (const include_usage of [true, false]) {
      const { userId, key } = await newUser()
      const options = include_usage ? { stream_options: { include_usage } } : {}
      let text = ''
      let total: number | undefined
      for await (const chunk of await openai(key).completions.create({ ...completed, stream: true, ...options })) {
        text += chunk.choices[0]?.text ?? ''
        total = chunk.usage?.total_tokens ?? total
      }
      expect({ text, total }).toEqual({ text: HELLO, total: include_usage ? 12 : undefined })
      await expectOnlyEntry(userId, COMPLETION_ENTRY)
    }
  })
})

test.each(['sim-small', 'sim-thinking'])('%s answers without any credential, and is counted', async (model) => {
  const { userId, key } = await newUser()
  const plain = await openai(key).responses.create({ model, input: 'Hello!' })
  const streamed = await openai(key).responses.stream({ model, input: 'Hello!' }).finalResponse()
  expect(streamed.output_text).toBe(plain.output_text)
  const entries = await on.server.control.allEntries(userId)
  expect(entries.map(({ totalTokens }) => totalTokens)).toEqual(
    [plain, streamed].map(({ usage }) => usage?.total_tokens),
  )
  expect(entries.every(({ evidence, costNanoUsd }) => evidence === 'reported' && costNanoUsd !== null)).toBe(true)
  expect(on.provider.received).toEqual([])
})

const CALLS = [
  ['/v1/responses', asked, RESPONSE_ENTRY],
  ['/v1/responses', { ...asked, stream: true }, RESPONSE_ENTRY],
  ['/v1/responses/compact', { model: MODEL, input: 'Say hello.' }, RESPONSE_ENTRY],
  ['/v1/embeddings', { model: EMBEDDING_MODEL, input: 'Say hello.' }, EMBEDDING_ENTRY],
  ['/v1/completions', completed, COMPLETION_ENTRY],
  ['/v1/completions', { ...completed, stream: true, stream_options: { include_usage: true } }, COMPLETION_ENTRY],
] as const

describe.each(CALLS)('%s with %o', (path, body, entry) => {
  test('M02: both sides see the bytes that the other sent', async () => {
    const { userId, key } = await newUser()
    const sent = `{ "metadata":{"a":"\\u00e9 ü"},${JSON.stringify(body).slice(1)}`
    const answer = await call(on.server.url, path, key, sent)
    const received = on.provider.received.at(-1)!
    expect(received.body.toString()).toBe(sent)
    expect(answer.bytes.toString()).toBe(Buffer.concat(openAiBytes(received)).toString())
    await expectOnlyEntry(userId, entry)
  })

  test('Q02: a key whose limit is used up reaches no provider, and is told so in the shape of OpenAI', async () => {
    const { userId, key } = await newUser(0)
    const answer = await call(on.server.url, path, key, body)
    expect(answer.status).toBe(429)
    expect(answer.headers['x-should-retry']).toBe('false')
    expect(jsonOf(answer).error).toMatchObject({ type: 'rate_limit_error', code: 'limit_reached' })
    expect(on.provider.received).toEqual([])
    expect(await on.server.control.allEntries(userId)).toEqual([])
  })

  test('Q11: a spending limit holds it, by prices that the model has', async () => {
    const { userId, key } = await newUser(null)
    const window = { kind: 'lifetime' }
    const limit = { scope: { kind: 'user', id: userId }, metric: 'costNanoUsd', window, mode: 'hard' }
    await on.server.control.limit({ ...limit, amount: 100_000_000 })
    expect((await call(on.server.url, path, key, body)).status).toBe(200)
    await expectOnlyEntry(userId, entry)
  })
})

test('M02: usage in a completion’s stream that the client did not ask for is counted, and hidden from it', async () => {
  const { userId, key } = await newUser()
  const answer = await call(on.server.url, '/v1/completions', key, { ...completed, stream: true })
  expect(answer.bytes.toString()).toBe(
    Buffer.concat(completionChunks(HELLO_OPENAI, COMPLETION_MODEL, false)).toString(),
  )
  await expectOnlyEntry(userId, COMPLETION_ENTRY)
})

test('a ceiling is cut to what is left, in the words of each API; what has none is refused instead', async () => {
  const least = await newUser(200)
  await call(on.server.url, '/v1/responses', least.key, { ...asked, max_output_tokens: 5_000 })
  expect(on.provider.received.at(-1)?.json?.max_output_tokens).toBeLessThan(200)
  const completing = await newUser(200)
  await call(on.server.url, '/v1/completions', completing.key, { ...completed, max_tokens: 5_000, n: 2 })
  expect(on.provider.received.at(-1)?.json?.max_tokens).toBeLessThan(100)
  const compacting = await newUser(200)
  const body = { model: MODEL, input: 'Say hello.' }
  expect((await call(on.server.url, '/v1/responses/compact', compacting.key, body)).status).toBe(429)
})

describe("errors arrive as the client's own exceptions", () => {
  test('Q07: a field that is wrong, with its path', async () => {
    const { key } = await newUser(null)
    const client = openai(key)
    for (const max_output_tokens of [0, -1, '100' as never]) {
      const wrong = client.responses.create({ ...asked, max_output_tokens })
      await expect(wrong).rejects.toMatchObject({ status: 400, param: 'max_output_tokens', code: 'invalid_field' })
    }
    await expect(client.responses.create({ ...asked, background: true })).rejects.toMatchObject({ param: 'background' })
    await expect(client.embeddings.create({ model: EMBEDDING_MODEL, input: 7 as never })).rejects.toBeInstanceOf(
      OpenAI.BadRequestError,
    )
    await expect(client.completions.create({ ...completed, best_of: 0 })).rejects.toMatchObject({ param: 'best_of' })
    expect(on.provider.received).toEqual([])
  })

  test('what nothing bounds, under a hard limit', async () => {
    const { key } = await newUser()
    const tools = [{ type: 'web_search' as const }]
    const refused = openai(key).responses.create({ ...asked, tools })
    await expect(refused).rejects.toMatchObject({ status: 400, code: 'unbounded_request' })
  })

  test("a wrong key, a limit, and the provider's own refusal", async () => {
    await expect(openai('tt_wrong').responses.create(asked)).rejects.toBeInstanceOf(OpenAI.AuthenticationError)
    const none = await newUser(0)
    const input = 'Say hello.'
    const embedding = openai(none.key).embeddings.create({ model: EMBEDDING_MODEL, input })
    await expect(embedding).rejects.toBeInstanceOf(OpenAI.RateLimitError)
    const { key, userId } = await newUser()
    const error = { message: 'bad thing', type: 'invalid_request_error', param: 'x', code: 'y' }
    on.provider.next(saying(400, { 'content-type': 'application/json' }, JSON.stringify({ error })))
    await expect(openai(key).responses.create(asked)).rejects.toMatchObject({ status: 400, code: 'y', param: 'x' })
    expect((await on.server.control.idle(userId)).tokenUsage).toBe(0)
  })

  test('a stream that fails is an error there, and booked as one', async () => {
    const { key, userId } = await newUser()
    const events = openAiBytes({ path: '/v1/responses', json: { ...asked, stream: true } } as never).slice(0, 4)
    const error = { type: 'error', sequence_number: 9, code: 'server_error', message: 'It broke.', param: null }
    const last = `event: error\ndata: ${JSON.stringify(error)}\n\n`
    on.provider.next(saying(200, { 'content-type': 'text/event-stream' }, [...events, last]))
    await expect(openai(key).responses.stream(asked).finalResponse()).rejects.toThrow()
    const [entry] = await on.server.control.allEntries(userId)
    expect(entry).toMatchObject({ outcome: 'upstream_error', evidence: 'estimated' })
  })
})

describe('the AI SDK, with only base URL and key changed', () => {
  const prompt = { prompt: 'Say hello.', maxOutputTokens: 50, maxRetries: 0 }
  const models = (key: string) => {
    const own = createOpenAI({ apiKey: key, baseURL: `${on.server.url}/v1` })
    const compatible = createOpenAICompatible({
      name: 'gateway',
      apiKey: key,
      baseURL: `${on.server.url}/v1`,
      includeUsage: true,
    })
    return [own.responses(MODEL), own.chat(MODEL), compatible(MODEL)] as const
  }
  const tools: ToolSet = { weather: { inputSchema: jsonSchema({ type: 'object', properties: {} }) } }

  test.each([
    ['responses', 0],
    ['chat', 1],
    ['chat, as of any compatible host', 2],
  ] as const)('%s: plain, streaming, and a call of a tool', async (_name, which) => {
    const entry = which === 0 ? RESPONSE_ENTRY : { ...RESPONSE_ENTRY, format: 'openai-chat' }
    const script = (toolCall?: { name: string; arguments: string }) =>
      which === 0
        ? answeringOpenAi({ ...HELLO_OPENAI, ...(toolCall && { toolCall }) })
        : answering({ ...HELLO_CHAT, ...(toolCall && { toolCall }) })
    const plain = await newUser()
    on.provider.next(script())
    const answer = await generateText({ model: models(plain.key)[which], ...prompt })
    expect({ text: answer.text, total: answer.usage.totalTokens }).toEqual({ text: HELLO, total: 29 })
    await expectOnlyEntry(plain.userId, entry)

    const streaming = await newUser()
    on.provider.next(script())
    const stream = streamText({ model: models(streaming.key)[which], ...prompt })
    let text = ''
    for await (const piece of stream.textStream) text += piece
    expect({ text, total: (await stream.usage).totalTokens }).toEqual({ text: HELLO, total: 29 })
    await expectOnlyEntry(streaming.userId, entry)

    const calling = await newUser()
    on.provider.next(script({ name: 'weather', arguments: '{"city":"Köln"}' }))
    const { toolCalls } = await generateText({ model: models(calling.key)[which], ...prompt, tools })
    expect(toolCalls).toMatchObject([{ toolName: 'weather', input: { city: 'Köln' } }])
    await expectOnlyEntry(calling.userId, entry)
  })

  test('an embedding, and a limit that is reached', async () => {
    const { userId, key } = await newUser()
    const own = createOpenAI({ apiKey: key, baseURL: `${on.server.url}/v1` })
    const { embedding } = await embed({
      model: own.textEmbeddingModel(EMBEDDING_MODEL),
      value: 'Hello.',
      maxRetries: 0,
    })
    expect(embedding).toEqual([0.5, -1])
    await expectOnlyEntry(userId, EMBEDDING_ENTRY)
    const none = await newUser(0)
    const refused = generateText({ model: models(none.key)[0], ...prompt })
    await expect(refused).rejects.toMatchObject({ statusCode: 429, isRetryable: expect.anything() })
  })
})
