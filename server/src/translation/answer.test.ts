import type { LanguageModelV3StreamPart, LanguageModelV3Usage } from '@ai-sdk/provider'
import { expect, test } from 'vitest'
import { completionOf, usageOf } from './answer.ts'
import { chunkWriter } from './chunks.ts'

interface Said {
  readonly content?: string
  readonly reasoning_content?: string
  readonly tool_calls?: readonly {
    readonly id?: string
    readonly function: { readonly name?: string; readonly arguments: string }
  }[]
}
interface Chunk {
  readonly choices: readonly { readonly delta: Said; readonly finish_reason: string | null }[]
  readonly usage?: object
}
interface Completion {
  readonly choices: readonly [{ readonly message: Said; readonly finish_reason: string }]
  readonly usage: object
}

const head = { id: 'chatcmpl-1', created: 1, model: 'm' }
const usage: LanguageModelV3Usage = {
  inputTokens: { total: 12, noCache: 5, cacheRead: 4, cacheWrite: 3 },
  outputTokens: { total: 7, text: 5, reasoning: 2 },
}
const stop = { unified: 'tool-calls', raw: 'tool_use' } as const

test('usage is told inclusive, as OpenAI does, and an unknown one is null and not 0', () => {
  expect(usageOf(usage)).toEqual({
    prompt_tokens: 12,
    completion_tokens: 7,
    total_tokens: 19,
    prompt_tokens_details: { cached_tokens: 4, cache_write_tokens: 3 },
    completion_tokens_details: { reasoning_tokens: 2 },
  })
  expect(usageOf({ ...usage, outputTokens: { total: undefined, text: undefined, reasoning: undefined } })).toBeNull()
})

test('a stream says in chunks what the whole answer says at once', () => {
  const content = [
    { type: 'reasoning', text: 'Hm.' },
    { type: 'text', text: 'Hello' },
    { type: 'tool-call', toolCallId: 'call_1', toolName: 'weather', input: '{"city":"Oslo"}' },
  ] as const
  const parts: LanguageModelV3StreamPart[] = [
    { type: 'stream-start', warnings: [] },
    { type: 'reasoning-delta', id: '0', delta: 'Hm.' },
    { type: 'text-delta', id: '1', delta: 'Hel' },
    { type: 'text-delta', id: '1', delta: 'lo' },
    { type: 'tool-input-start', id: 'call_1', toolName: 'weather' },
    { type: 'tool-input-delta', id: 'call_1', delta: '{"city":' },
    { type: 'tool-input-delta', id: 'call_1', delta: '"Oslo"}' },
    { type: 'tool-input-end', id: 'call_1' },
    { type: 'finish', usage, finishReason: stop },
  ]
  const writer = chunkWriter(head, true)
  const chunks = parts.flatMap((part) => writer.chunk(part)) as Chunk[]
  const deltas = chunks.flatMap((chunk) => chunk.choices.map((choice) => choice.delta))
  const joined = (name: 'content' | 'reasoning_content') => deltas.map((delta) => delta[name] ?? '').join('')
  const calls = deltas.flatMap((delta) => delta.tool_calls ?? [])
  const { choices, usage: told } = completionOf(head, {
    content: [...content],
    finishReason: stop,
    usage,
    warnings: [],
  }) as Completion
  const { message, finish_reason } = choices[0]
  expect(joined('content')).toBe(message.content)
  expect(joined('reasoning_content')).toBe(message.reasoning_content)
  expect(calls[0]).toMatchObject({ index: 0, id: 'call_1', function: { name: 'weather' } })
  expect(calls.map((call) => call.function.arguments).join('')).toBe(message.tool_calls![0]!.function.arguments)
  expect(chunks.findLast((chunk) => chunk.choices.length > 0)!.choices[0]!.finish_reason).toBe(finish_reason)
  expect(chunks.at(-1)!.usage).toEqual(told)
  expect(chunkWriter(head, false).chunk({ type: 'finish', usage, finishReason: stop })).toHaveLength(1)
})
