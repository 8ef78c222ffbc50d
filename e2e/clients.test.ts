import Anthropic from '@anthropic-ai/sdk'
import OpenAI from 'openai'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { answerBytes, answering, chatFrames, HELLO_CHAT, HELLO_MESSAGE, saying } from './answers.ts'
import type { EntryRow } from './control-plane.ts'
import { type Stage, stage } from './harness.ts'
import { call, CHAT, CHAT_MODEL, chatCall, MESSAGES, MESSAGES_MODEL, messagesCall } from './wire.ts'

let on: Stage
beforeAll(async () => {
  on = await stage()
})
afterAll(() => on.close())

const HELLO = 'Hello, wörld 👋'
/** gpt-4o-mini: $0.15 and $0.60 per million tokens in and out, $0.075 for cached input. */
const CHAT_ENTRY = {
  buckets: { inUncached: 15, inCacheRead: 4, outText: 7, outReasoning: 3 },
  costNanoUsd: 15 * 150 + 4 * 75 + 10 * 600,
}
/** claude-haiku-4-5: $1 and $5 per million tokens in and out, $1.25 for a cache write, $0.10 for a read. */
const MESSAGE_ENTRY = {
  buckets: { inUncached: 21, inCacheWrite5m: 5, inCacheRead: 7, outText: 12 },
  costNanoUsd: 21 * 1000 + 5 * 1250 + 7 * 100 + 12 * 5000,
}

/** The one entry that a user's only call has left. */
async function onlyEntry(userId: string): Promise<EntryRow> {
  const entries = await on.server.control.allEntries(userId)
  expect(entries).toHaveLength(1)
  return entries[0] as EntryRow
}
async function expectOnlyEntry(userId: string, expected: { buckets: object; costNanoUsd: number }): Promise<void> {
  const row = await onlyEntry(userId)
  expect(row).toMatchObject({ outcome: 'completed', evidence: 'reported', ending: 'settled' })
  const detail = await on.server.control.entry(row.id)
  // A bucket that was reported as 0 may be there; one that was not reported may not.
  const used = Object.fromEntries(Object.entries(detail.buckets as object).filter(([, tokens]) => tokens !== 0))
  expect(used).toEqual(expected.buckets)
  expect(detail.costNanoUsd).toBe(expected.costNanoUsd)
}

const openai = (key: string, url = on.server.url) => new OpenAI({ apiKey: key, baseURL: `${url}/v1`, maxRetries: 0 })
const anthropic = (key: string, path = '', url = on.server.url) =>
  new Anthropic({ apiKey: key, baseURL: url + path, maxRetries: 0 })

const asked = { model: CHAT_MODEL, messages: [{ role: 'user' as const, content: 'Say hello.' }], max_tokens: 50 }
const tool = {
  type: 'function' as const,
  function: { name: 'weather', parameters: { type: 'object', properties: {} } },
}

describe('the official OpenAI client, with only base URL and key changed', () => {
  test('a plain call', async () => {
    const { userId, key } = await on.server.control.newUser(10_000)
    const answer = await openai(key).chat.completions.create(asked)
    expect(answer.choices[0]?.message.content).toBe(HELLO)
    expect(answer.usage?.total_tokens).toBe(29)
    await expectOnlyEntry(userId, CHAT_ENTRY)
  })
  test('a stream, with usage asked for and without', async () => {
    for (const include_usage of [true, false]) {
      const { userId, key } = await on.server.control.newUser(10_000)
      const options = include_usage ? { stream_options: { include_usage } } : {}
      let text = ''
      let total: number | undefined
      for await (const chunk of await openai(key).chat.completions.create({ ...asked, stream: true, ...options })) {
        text += chunk.choices[0]?.delta.content ?? ''
        total = chunk.usage?.total_tokens ?? total
      }
      expect(text).toBe(HELLO)
      expect(total).toBe(include_usage ? 29 : undefined)
      await expectOnlyEntry(userId, CHAT_ENTRY)
    }
  })
  test('tool calls, plain and in a stream', async () => {
    const toolCall = { name: 'weather', arguments: '{"city":"Köln"}' }
    for (const stream of [false, true]) {
      on.provider.next(answering({ ...HELLO_CHAT, toolCall }))
      const { userId, key } = await on.server.control.newUser(10_000)
      const runner = stream
        ? await openai(key)
            .chat.completions.stream({ ...asked, tools: [tool] })
            .finalChatCompletion()
        : await openai(key).chat.completions.create({ ...asked, tools: [tool] })
      expect(runner.choices[0]?.message.tool_calls?.[0]).toMatchObject({ function: toolCall })
      await expectOnlyEntry(userId, CHAT_ENTRY)
    }
  })
  test('the listed models are those that calls may name', async () => {
    const { key } = await on.server.control.newUser(null)
    const names: string[] = []
    for await (const model of openai(key).models.list()) names.push(model.id)
    expect(names).toEqual(expect.arrayContaining(['sim-small', 'sim-large', 'sim-thinking']))
  })
})

describe('the official Anthropic client, with only base URL and key changed', () => {
  const message = { ...asked, model: MESSAGES_MODEL }
  test.each([
    ['the origin', ''],
    ['the origin and /v1, as for OpenAI', '/v1'],
  ])('a plain call and a stream, on %s', async (_name, path) => {
    const plain = await on.server.control.newUser(10_000)
    const answer = await anthropic(plain.key, path).messages.create(message)
    expect(answer.content).toMatchObject([{ type: 'text', text: HELLO }])
    await expectOnlyEntry(plain.userId, MESSAGE_ENTRY)

    const streaming = await on.server.control.newUser(10_000)
    const final = await anthropic(streaming.key, path).messages.stream(message).finalMessage()
    expect(final.content).toMatchObject([{ type: 'text', text: HELLO }])
    expect(final.usage.output_tokens).toBe(12)
    await expectOnlyEntry(streaming.userId, MESSAGE_ENTRY)
  })
  test('tool use, plain and in a stream', async () => {
    const toolUse = { name: 'weather', input: { city: 'Köln' } }
    const tools = [{ name: 'weather', input_schema: { type: 'object' as const } }]
    for (const stream of [false, true]) {
      on.provider.next(answering(HELLO_CHAT, { ...HELLO_MESSAGE, toolUse }))
      const { userId, key } = await on.server.control.newUser(10_000)
      const client = anthropic(key)
      const answer = stream
        ? await client.messages.stream({ ...message, tools }).finalMessage()
        : await client.messages.create({ ...message, tools })
      expect(answer.content).toMatchObject([{ type: 'tool_use', ...toolUse }])
      await expectOnlyEntry(userId, MESSAGE_ENTRY)
    }
  })
  test('the key as a bearer token', async () => {
    const { userId, key } = await on.server.control.newUser(10_000)
    const client = new Anthropic({ apiKey: null, authToken: key, baseURL: on.server.url, maxRetries: 0 })
    await client.messages.create(message)
    await expectOnlyEntry(userId, MESSAGE_ENTRY)
  })
})

describe("errors arrive as the client's own exceptions", () => {
  const provider = (status: number, body: object) =>
    saying(status, { 'content-type': 'application/json' }, JSON.stringify(body))
  const message = { ...asked, model: MESSAGES_MODEL }

  test('a wrong key', async () => {
    await expect(openai('tt_wrong').chat.completions.create(asked)).rejects.toBeInstanceOf(OpenAI.AuthenticationError)
    await expect(anthropic('tt_wrong').messages.create(message)).rejects.toBeInstanceOf(Anthropic.AuthenticationError)
  })
  test('a model that nobody has', async () => {
    // Only a provider's own host has a known list of models; another base URL may serve any.
    const own = await on.installation.start({ OPENAI_BASE_URL: undefined, ANTHROPIC_BASE_URL: undefined })
    const { key } = await own.control.newUser(null)
    const model = 'no-such-model'
    const chat = openai(key, own.url).chat.completions.create({ ...asked, model })
    await expect(chat).rejects.toBeInstanceOf(OpenAI.NotFoundError)
    const reply = anthropic(key, '', own.url).messages.create({ ...message, model })
    await expect(reply).rejects.toBeInstanceOf(Anthropic.NotFoundError)
    await own.stop()
  })
  test('a limit that is reached: which, how much, and that retrying is of no use', async () => {
    const { key } = await on.server.control.newUser(0)
    const refused = await openai(key)
      .chat.completions.create(asked)
      .catch((error: unknown) => error)
    expect(refused).toBeInstanceOf(OpenAI.RateLimitError)
    expect((refused as InstanceType<typeof OpenAI.RateLimitError>).headers?.get('x-should-retry')).toBe('false')
    expect((refused as Error).message).toMatch(/limit/)
    await expect(anthropic(key).messages.create(message)).rejects.toBeInstanceOf(Anthropic.RateLimitError)
  })
  test('a field that is wrong', async () => {
    const { key } = await on.server.control.newUser(null)
    const max_tokens = -1
    await expect(openai(key).chat.completions.create({ ...asked, max_tokens })).rejects.toBeInstanceOf(
      OpenAI.BadRequestError,
    )
    await expect(anthropic(key).messages.create({ ...message, max_tokens })).rejects.toBeInstanceOf(
      Anthropic.BadRequestError,
    )
  })
  test("the provider's own refusals come through as they are", async () => {
    const { key, userId } = await on.server.control.newUser(10_000)
    on.provider.next(
      provider(400, { error: { message: 'bad thing', type: 'invalid_request_error', param: 'x', code: 'y' } }),
    )
    const bad = await openai(key)
      .chat.completions.create(asked)
      .catch((error: unknown) => error)
    expect(bad).toBeInstanceOf(OpenAI.BadRequestError)
    expect(bad).toMatchObject({ code: 'y', param: 'x' })
    on.provider.next(provider(529, { type: 'error', error: { type: 'overloaded_error', message: 'Overloaded' } }))
    await expect(anthropic(key).messages.create(message)).rejects.toMatchObject({ status: 529 })
    const user = await on.server.control.idle(userId)
    expect(user.tokenUsage).toBe(0)
  })
})

describe('M02: the bytes that a client sees are those that the provider sent', () => {
  const cases = [
    ['a chat', CHAT, chatCall()],
    [
      'a chat in a stream, with usage asked for',
      CHAT,
      chatCall({ stream: true, stream_options: { include_usage: true } }),
    ],
    ['a message', MESSAGES, messagesCall()],
    ['a message in a stream', MESSAGES, messagesCall({ stream: true })],
  ] as const
  test.each(cases)('%s', async (_name, path, body) => {
    const { key, userId } = await on.server.control.newUser(10_000)
    const answer = await call(on.server.url, path, key, body)
    const received = on.provider.received.at(-1)
    if (!received) throw new Error('nothing reached the provider')
    expect(answer.status).toBe(200)
    expect(answer.bytes.toString()).toBe(Buffer.concat(answerBytes(received)).toString())
    expect((await onlyEntry(userId)).totalTokens).toBe(path === CHAT ? 29 : 45)
  })
  test('usage that the client did not ask for is counted, and hidden from it', async () => {
    const { key, userId } = await on.server.control.newUser(10_000)
    const answer = await call(on.server.url, CHAT, key, chatCall({ stream: true }))
    expect(answer.bytes.toString()).toBe(Buffer.concat(chatFrames(HELLO_CHAT, CHAT_MODEL, false)).toString())
    await expectOnlyEntry(userId, CHAT_ENTRY)
  })
  test('what the client sends reaches the provider byte for byte, where nothing has to be added', async () => {
    const { key } = await on.server.control.newUser(null)
    const body = `{ "messages":[{"role":"user","content":"a\\u00e9\\ud83d\\ude00 ü"}],  "model":"${CHAT_MODEL}",\n"max_tokens":5, "x_unknown":1.0e2 }`
    await call(on.server.url, CHAT, key, body)
    expect(on.provider.received.at(-1)?.body.toString()).toBe(body)
  })
})

describe('the simulated provider, without any credential', () => {
  test.each(['sim-small', 'sim-large', 'sim-thinking'])(
    '%s answers chats and messages and is counted',
    async (model) => {
      const { key, userId } = await on.server.control.newUser(100_000)
      const chat = await openai(key).chat.completions.create({ ...asked, model, max_tokens: 3000 })
      expect(chat.choices[0]?.message.content).not.toBe('')
      const row = await onlyEntry(userId)
      expect(row).toMatchObject({ model, evidence: 'reported', totalTokens: chat.usage?.total_tokens })
      expect(row.costNanoUsd).not.toBeNull()
      const stream = anthropic(key).messages.stream({ ...asked, model, max_tokens: 3000 })
      expect((await stream.finalMessage()).usage.output_tokens).toBeGreaterThan(0)
      expect(await on.server.control.allEntries(userId)).toHaveLength(2)
    },
  )
})
