import Anthropic from '@anthropic-ai/sdk'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { isCount, saying } from './answers.ts'
import type { Script } from './fake-provider.ts'
import { type Stage, stage } from './harness.ts'
import { MESSAGES_MODEL } from './wire.ts'

let on: Stage
beforeAll(async () => {
  on = await stage()
})
afterEach(() => on.provider.forget())
afterAll(() => on.close())

const client = (key: string) => new Anthropic({ apiKey: key, baseURL: on.server.url, maxRetries: 0 })
const asked = { model: MESSAGES_MODEL, max_tokens: 50, messages: [{ role: 'user' as const, content: 'Hello.' }] }
const message = (usage: object, more: object = {}) => ({
  id: 'msg_1',
  type: 'message',
  role: 'assistant',
  model: MESSAGES_MODEL,
  content: [{ type: 'text', text: 'So be it.' }],
  stop_reason: 'end_turn',
  stop_sequence: null,
  ...more,
  usage,
})
const plainly = (usage: object, more?: object): Script =>
  saying(200, { 'content-type': 'application/json' }, JSON.stringify(message(usage, more)))
const event = (type: string, data: object) => `event: ${type}\ndata: ${JSON.stringify({ type, ...data })}\n\n`
const streamed = (start: object, ...rest: readonly string[]): Script =>
  saying(200, { 'content-type': 'text/event-stream' }, [
    event('message_start', { message: message(start, { content: [], stop_reason: null }) }),
    event('content_block_start', { index: 0, content_block: { type: 'text', text: '' } }),
    event('content_block_delta', { index: 0, delta: { type: 'text_delta', text: 'So be it.' } }),
    event('content_block_stop', { index: 0 }),
    ...rest,
  ])
const turn = (type: string, input_tokens: number, output_tokens: number, model?: string) => {
  const caches = { cache_creation_input_tokens: 0, cache_read_input_tokens: 0 }
  return { type, ...(model && { model }), input_tokens, output_tokens, ...caches }
}

async function onlyEntry(userId: string) {
  const entries = await on.server.control.allEntries(userId)
  expect(entries).toHaveLength(1)
  return on.server.control.entry(entries[0]!.id)
}

describe('the beta API, by the official client', () => {
  const betas = ['advisor-tool-2026-03-01', 'compact-2026-01-12']

  test('M33: an advisor is booked at its own model, and its betas reach the provider as they are', async () => {
    const { userId, key } = await on.server.control.newUser(null)
    const iterations = [
      turn('message', 412, 89),
      turn('advisor_message', 823, 1612, 'claude-opus-4-6'),
      turn('message', 1348, 442),
    ]
    on.provider.next(plainly({ ...turn('message', 412, 531), iterations }))
    const tools = [{ type: 'advisor_20260301' as const, name: 'advisor' as const, model: 'claude-opus-4-6' }]
    await client(key).beta.messages.create({ ...asked, betas, tools })
    const received = on.provider.received.at(-1)!
    expect(received.headers['anthropic-beta']).toBe(betas.join(','))
    const entry = await onlyEntry(userId)
    expect(entry).toMatchObject({ evidence: 'reported', quarantine: null })
    expect(entry.buckets).toMatchObject({ inUncached: 1760, outText: 531 })
    // claude-haiku-4-5 at $1 and $5 per million tokens, claude-opus-4-6 at $5 and $25.
    expect(entry.costNanoUsd).toBe(1760 * 1000 + 531 * 5000 + 823 * 5000 + 1612 * 25_000)
  })

  test('compaction in a stream is booked beside the message', async () => {
    const { userId, key } = await on.server.control.newUser(null)
    const usage = { ...turn('message', 230, 10), iterations: [turn('compaction', 1800, 35), turn('message', 230, 10)] }
    const delta = { delta: { stop_reason: 'end_turn', stop_sequence: null }, usage }
    on.provider.next(streamed(turn('message', 230, 1), event('message_delta', delta), event('message_stop', {})))
    const edits = [{ type: 'compact_20260112' as const }]
    const final = await client(key)
      .beta.messages.stream({ ...asked, betas, context_management: { edits } })
      .finalMessage()
    expect(final.usage.output_tokens).toBe(10)
    const entry = await onlyEntry(userId)
    expect(entry).toMatchObject({ evidence: 'reported', costNanoUsd: 2030 * 1000 + 45 * 5000 })
    expect(entry.buckets).toMatchObject({ inUncached: 2030, outText: 45 })
  })

  test('M02: iterations that do not add up are quarantined, shown with the raw usage, and estimated', async () => {
    const { userId, key } = await on.server.control.newUser(null)
    on.provider.next(plainly({ ...turn('message', 100, 50), iterations: [turn('message', 100, 20)] }))
    await client(key).beta.messages.create({ ...asked, betas })
    const entry = await onlyEntry(userId)
    expect(entry).toMatchObject({ evidence: 'estimated', outcome: 'completed' })
    expect(entry.quarantine).toContain('150')
    expect(JSON.stringify(entry)).toContain('iterations')
  })

  test('Q09: fallbacks are bounded by nothing, and a conversation that the provider keeps by the whole context', async () => {
    const { key } = await on.server.control.newUser(100_000)
    const fallen = client(key).beta.messages.create({ ...asked, betas, fallbacks: 'default' })
    await expect(fallen).rejects.toBeInstanceOf(Anthropic.BadRequestError)
    const thread = { type: 'continue' as const, previous_message_id: 'msg_0' }
    const kept = client(key).beta.messages.create({ ...asked, betas, thread })
    await expect(kept).rejects.toBeInstanceOf(Anthropic.RateLimitError)
    expect(on.provider.received.filter(({ path }) => !isCount(path))).toEqual([])
  })
})

test('a refusal before any output, which is not billed, costs nothing', async () => {
  const { userId, key } = await on.server.control.newUser(1000)
  const stop_details = { type: 'refusal', category: 'cyber', explanation: 'No.' }
  on.provider.next(plainly(turn('message', 412, 0), { content: [], stop_reason: 'refusal', stop_details }))
  expect((await client(key).messages.create(asked)).stop_reason).toBe('refusal')
  expect(await onlyEntry(userId)).toMatchObject({ evidence: 'reported', totalTokens: 0, costNanoUsd: 0 })
  expect((await on.server.control.idle(userId)).tokenUsage).toBe(0)
})

test('an error in the middle of a stream is the client’s own exception, and what was read is booked', async () => {
  const { userId, key } = await on.server.control.newUser(null)
  const overloaded = { error: { type: 'overloaded_error', message: 'Overloaded' } }
  on.provider.next(streamed(turn('message', 25, 1), event('error', overloaded)))
  const stream = client(key).messages.stream(asked)
  await expect(stream.finalMessage()).rejects.toBeInstanceOf(Anthropic.APIError)
  const entry = await onlyEntry(userId)
  expect(entry).toMatchObject({ outcome: 'upstream_error', evidence: 'estimated' })
  expect(entry.buckets).toMatchObject({ inUncached: 25 })
})

test('a turn that the provider paused is complete, with the runs of its own tools', async () => {
  const { userId, key } = await on.server.control.newUser(null)
  const run = { type: 'server_tool_use', id: 'srvtoolu_1', name: 'bash_code_execution', input: { command: 'ls' } }
  const usage = { ...turn('message', 60, 30), server_tool_use: { web_search_requests: 2, web_fetch_requests: 1 } }
  on.provider.next(plainly(usage, { content: [run], stop_reason: 'pause_turn' }))
  const tools = [{ type: 'web_search_20250305' as const, name: 'web_search' as const }]
  expect((await client(key).messages.create({ ...asked, tools })).stop_reason).toBe('pause_turn')
  const entry = await onlyEntry(userId)
  expect(entry.toolCalls).toEqual({ web_search: 2, web_fetch: 1, code_execution: 1 })
  // $10 per thousand searches.
  expect(entry.costNanoUsd).toBe(60 * 1000 + 30 * 5000 + 2 * 10_000_000)
})
