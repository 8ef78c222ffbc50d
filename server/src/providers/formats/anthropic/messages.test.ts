import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ERRORS, type ErrorCode, PublicError } from '../../../core/errors.ts'
import { parseRequestBody } from '../../../core/request-body.ts'
import { anthropicMessages } from './messages.ts'

const parsed = (fields: object) =>
  parseRequestBody(JSON.stringify({ model: 'claude', messages: [{ role: 'user', content: 'Hi' }], ...fields }))
const demandOf = (fields: object) => anthropicMessages.demand(parsed(fields), { query: '' })

function fieldAtFault(fields: object): string | undefined {
  try {
    demandOf(fields)
  } catch (error) {
    if (error instanceof PublicError && error.body.code === 'invalid_field') return error.body.field
    throw error
  }
  return 'none'
}

describe('what a request asks', () => {
  test('Q07: the output ceiling is a positive integer, or none', () => {
    expect(demandOf({}).maxOutputTokens).toBeUndefined()
    expect(demandOf({ max_tokens: null }).maxOutputTokens).toBeUndefined()
    expect(demandOf({ max_tokens: 1e12 }).maxOutputTokens).toBe(1e12)
    for (const max_tokens of [0, -1, '100', 1.5]) expect(fieldAtFault({ max_tokens })).toBe('max_tokens')
  })

  test('thinking is what it reserves', () => {
    expect(demandOf({ thinking: { type: 'enabled', budget_tokens: 2048 } }).thinkingTokens).toBe(2048)
    expect(demandOf({ thinking: { type: 'disabled' } }).thinkingTokens).toBe(0)
    expect(fieldAtFault({ thinking: { budget_tokens: '9' } })).toBe('thinking.budget_tokens')
    expect(fieldAtFault({ thinking: 'much' })).toBe('thinking')
  })

  test('images, documents, files and unknown blocks are references, wherever they stand', () => {
    const image = { type: 'image', source: { type: 'base64', media_type: 'image/png', data: 'AAAA' } }
    const result = { type: 'tool_result', tool_use_id: 'x', content: [{ type: 'text', text: 'a' }, image] }
    const content = [{ type: 'text', text: 'b' }, image, { type: 'document', source: { file_id: 'f' } }, result]
    const messages = [
      { role: 'user', content },
      { role: 'assistant', content: [{ type: 'tool_use', input: {} }, { type: 'thinking' }, { type: 'new_kind' }] },
      { role: 'user', content: [{ type: 'tool_result', content: 'plain' }] },
    ]
    expect(demandOf({ messages, container: 'c' }).references).toEqual([
      'messages[0].content[1]',
      'messages[0].content[2]',
      'messages[0].content[3].content[1]',
      'messages[1].content[2]',
      'container',
    ])
  })

  test('a conversation that the provider keeps is worth tokens that no byte tells', () => {
    expect(demandOf({ thread: { type: 'continue', previous_message_id: 'msg_1' } }).references).toEqual(['thread'])
    expect(demandOf({ thread: null }).references).toEqual([])
  })

  test('M33: the tiers that a request asks for, and those that an account may have without asking', () => {
    const usual = { service_tier: 'standard_only', speed: 'standard', inference_geo: 'global' }
    expect(demandOf({}).serviceTiers).toEqual({ asked: [], possible: ['priority', 'us'] })
    expect(demandOf(usual).serviceTiers).toEqual({ asked: [], possible: [] })
    const dear = { ...usual, speed: 'fast', inference_geo: 'us' }
    expect(demandOf(dear).serviceTiers).toEqual({ asked: ['fast', 'us'], possible: [] })
    for (const name of ['service_tier', 'speed', 'inference_geo']) {
      for (const value of [1, true, {}, ['fast']]) expect(fieldAtFault({ [name]: value })).toBe(name)
      expect(fieldAtFault({ [name]: null })).toBe('none')
    }
  })

  test('tools that Anthropic runs are bounded by nothing; those that the client runs are, with their hidden prompt', () => {
    const tools = [
      { name: 'mine', input_schema: {} },
      { type: 'custom', name: 'mine_too' },
      { type: 'bash_20250124', name: 'bash' },
      { type: 'web_search_20250305', name: 'web_search' },
      { type: 'code_execution_20250825', name: 'code_execution' },
    ]
    expect(demandOf({ tools }).unboundedParts).toEqual(['tools[3]', 'tools[4]'])
    expect(demandOf({ fallbacks: 'default' }).unboundedParts).toEqual(['fallbacks'])
    expect(demandOf({ mcp_servers: [{ url: 'https://x' }] }).unboundedParts).toEqual(['mcp_servers'])
    const compacting = { context_management: { edits: [{ type: 'clear_tool_uses_1' }, { type: 'compact_20260112' }] } }
    expect(demandOf(compacting).unboundedParts).toEqual(['context_management.edits[1]'])
    expect(demandOf({ tools: tools.slice(0, 1) }).hiddenInputTokens).toBeGreaterThan(1000)
    expect(demandOf({}).hiddenInputTokens).toBeLessThan(100)
  })
})

test('edits touch nothing but what they are for', () => {
  const text = '{ "max_tokens" : 9,"messages":[], "model":"a"}'
  const edits = { model: 'b', maxOutputTokens: 5, includeUsage: true, outputCapField: 'max_completion_tokens' } as const
  expect(anthropicMessages.edit(parseRequestBody(text), edits).toString()).toBe(
    '{ "max_tokens" : 5,"messages":[], "model":"b"}',
  )
  expect(anthropicMessages.edit(parseRequestBody('{"a":1}'), { maxOutputTokens: 5 }).toString()).toBe(
    '{"max_tokens":5,"a":1}',
  )
})

test('the input text has everything that a model reads', () => {
  const text = anthropicMessages.inputText(
    parsed({
      system: [{ type: 'text', text: 'one' }],
      messages: [
        { role: 'user', content: 'two' },
        { role: 'assistant', content: [{ type: 'tool_use', name: 'three', input: { four: 1 } }] },
        { role: 'user', content: [{ type: 'tool_result', content: [{ type: 'text', text: 'five' }] }] },
        { role: 'user', content: [{ type: 'tool_result', content: 'six' }] },
      ],
      tools: [{ name: 'seven' }],
    }),
  )
  for (const word of ['one', 'two', 'three', 'four', 'five', 'six', 'seven']) expect(text).toContain(word)
})

test('no frame, however wrong, makes a meter throw or a stream stop', () => {
  const usage = '"usage":{"iterations":[{"type":"compaction","iterations":[{"type":"compaction"}]},null,7]}'
  const piece = fc.oneof(
    fc.json(),
    fc.constantFrom('', '{', '{"type":"message_start"}', '{"type":"message_start","message":[]}', '{"type":"error"}'),
    fc.constantFrom('{"type":"content_block_start","index":0,"content_block":{"type":"fallback","trigger":7}}'),
    fc.constantFrom('{"type":"message_delta","delta":{"stop_reason":"refusal","stop_details":[]},"usage":{"speed":9}}'),
    fc.constantFrom(`{"type":"message_delta",${usage}}`, '{"type":"content_block_delta","delta":[1]}', `{${usage}}`),
  )
  fc.assert(
    fc.property(fc.array(piece), fc.boolean(), (pieces, stream) => {
      const meter = anthropicMessages.meter({ headers: {}, stream, stripUsage: false })
      for (const data of pieces)
        expect(meter.frame({ raw: Buffer.from(data), event: '', data })).toMatch(stream ? /pass|hold/ : 'hold')
      expect(() => meter.reading()).not.toThrow()
    }),
  )
})

test('errors have the type by which Anthropic clients tell them, and nothing of ours is lost', () => {
  expect(typeOf('invalid_field')).toBe('invalid_request_error')
  expect(typeOf('unauthenticated')).toBe('authentication_error')
  expect(typeOf('forbidden')).toBe('permission_error')
  expect(typeOf('model_not_found')).toBe('not_found_error')
  expect(typeOf('body_too_large')).toBe('request_too_large')
  expect(typeOf('limit_reached')).toBe('rate_limit_error')
  expect(typeOf('internal')).toBe('api_error')
  expect(typeOf('ledger_unavailable')).toBe('overloaded_error')
})

function typeOf(code: ErrorCode): string {
  const { status, next } = ERRORS[code]
  const shaped = anthropicMessages.error({ code, status, message: 'Why.', hint: next, field: 'f' })
  expect(shaped).toMatchObject({ type: 'error', error: { message: `Why. ${next}`, code, hint: next, field: 'f' } })
  return (shaped as { error: { type: string } }).error.type
}
