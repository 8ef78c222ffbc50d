import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ERRORS, type ErrorBody, PublicError } from '../../../core/errors.ts'
import type { Edits } from '../../../core/ports/format.ts'
import { parseRequestBody } from '../../../core/request-body.ts'
import { openaiChat } from './chat.ts'

const USER = [{ role: 'user', content: 'Hi' }]
const parsed = (fields: object) => parseRequestBody(JSON.stringify({ model: 'gpt-4o', messages: USER, ...fields }))
const demandOf = (fields: object) => openaiChat.demand(parsed(fields), { query: '' })

function fieldAtFault(run: () => unknown): string | undefined {
  try {
    run()
  } catch (error) {
    if (error instanceof PublicError && error.body.code === 'invalid_field') return error.body.field
    throw error
  }
  return 'none'
}

describe('what a request asks', () => {
  test('Q07: an output ceiling that is absent or null is none, and the larger of both names wins', () => {
    expect(demandOf({}).maxOutputTokens).toBeUndefined()
    expect(demandOf({ max_tokens: null, max_completion_tokens: null }).maxOutputTokens).toBeUndefined()
    expect(demandOf({ max_tokens: 1 }).maxOutputTokens).toBe(1)
    expect(demandOf({ max_completion_tokens: 1e12 }).maxOutputTokens).toBe(1e12)
    expect(demandOf({ max_tokens: 10, max_completion_tokens: 20 }).maxOutputTokens).toBe(20)
    expect(demandOf({ max_tokens: 30, max_completion_tokens: 20 }).maxOutputTokens).toBe(30)
    expect(demandOf({ max_tokens: 30, max_completion_tokens: null }).maxOutputTokens).toBe(30)
  })

  test('Q07: an output ceiling that is no positive integer is refused by name', () => {
    for (const field of ['max_tokens', 'max_completion_tokens'])
      for (const value of [0, -1, 1.5, '100', true, [], {}, 2 ** 53])
        expect(fieldAtFault(() => demandOf({ [field]: value }))).toBe(field)
    const infinite = parseRequestBody('{"model":"m","messages":[],"max_tokens":1e400}')
    expect(fieldAtFault(() => openaiChat.demand(infinite, { query: '' }))).toBe('max_tokens')
  })

  test('fields that decide identity, limits or prices are refused where they are not what they must be', () => {
    for (const model of [undefined, null, '', 7, 'a'.repeat(201), 'a\u0000b', 'a\ud800', ' gpt', 'gpt\u200b'])
      expect(fieldAtFault(() => demandOf({ model }))).toBe('model')
    for (const n of [0, 129, 1.5, '2', -1]) expect(fieldAtFault(() => demandOf({ n }))).toBe('n')
    expect(fieldAtFault(() => demandOf({ stream: 'yes' }))).toBe('stream')
    expect(fieldAtFault(() => demandOf({ stream_options: [] }))).toBe('stream_options')
    expect(fieldAtFault(() => demandOf({ stream_options: { include_usage: 1 } }))).toBe('stream_options.include_usage')
    expect(fieldAtFault(() => demandOf({ messages: 'hi' }))).toBe('messages')
    expect(fieldAtFault(() => demandOf({ messages: ['hi'] }))).toBe('messages[0]')
    expect(fieldAtFault(() => demandOf({ tools: {} }))).toBe('tools')
    expect(demandOf({ n: 128, stream: null, stream_options: null, tools: null })).toMatchObject({
      choices: 128,
      stream: false,
    })
  })

  test('its size is that of its bytes', () => {
    const text = '{"model":"gpt-4o","messages":[{"role":"user","content":"é🙂"}]}'
    expect(openaiChat.demand(parseRequestBody(text), { query: '' }).inputBytes).toBe(Buffer.byteLength(text))
  })

  test('parts that are worth more than their bytes are named, data inside the body too', () => {
    const content = [
      { type: 'text', text: 'What is this?' },
      { type: 'image_url', image_url: { url: 'data:image/png;base64,AAAA' } },
      { type: 'input_audio', input_audio: { data: 'AAAA', format: 'wav' } },
      { type: 'file', file: { file_id: 'file-1' } },
      { type: 'not_yet_known' },
    ]
    const audio = { role: 'assistant', audio: { id: 'audio_1' } }
    const messages = [...USER, { role: 'user', content }, audio, { role: 'user', content: content[1] }]
    expect(demandOf({ messages }).references).toEqual([
      'messages[1].content[1]',
      'messages[1].content[2]',
      'messages[1].content[3]',
      'messages[1].content[4]',
      'messages[2].audio',
      'messages[3].content',
    ])
  })

  test('hosted tools and what else nothing bounds are named', () => {
    const tools = [{ type: 'function', function: { name: 'f' } }, { type: 'web_search' }, { type: 'custom' }]
    expect(demandOf({ tools }).unboundedParts).toEqual(['tools[1]'])
    expect(demandOf({ web_search_options: {} }).unboundedParts).toEqual(['web_search_options'])
    expect(demandOf({ model: 'openai/gpt-4o:online' }).unboundedParts).toEqual(['model'])
    expect(demandOf({ models: ['gpt-5'] }).unboundedParts).toEqual(['models'])
    for (const model of ['groq/compound', 'compound-beta-mini'])
      expect(demandOf({ model }).unboundedParts).toEqual(['model'])
    expect(demandOf({ model: 'compounding' }).unboundedParts).toEqual([])
    expect(demandOf({ data_sources: [{ type: 'azure_search' }] }).unboundedParts).toEqual(['data_sources'])
    expect(demandOf({}).unboundedParts).toEqual([])
  })

  test('Q07: what Google takes beside OpenAI’s fields is bounded where it only sets how the model thinks', () => {
    const parts = (google: unknown) => demandOf({ extra_body: { google } }).unboundedParts
    expect(parts({ thinking_config: { thinking_budget: 800, include_thoughts: true } })).toEqual([])
    expect(parts({ cached_content: 'cachedContents/a-book' })).toEqual(['extra_body'])
    expect(parts('x')).toEqual(['extra_body'])
    expect(demandOf({ extra_body: { other: {} } }).unboundedParts).toEqual(['extra_body'])
  })
})

const edited = (text: string, edits: Edits) => openaiChat.edit(parseRequestBody(text), edits).toString()

describe('edits', () => {
  test('touch nothing but what they are for', () => {
    const text = ' {"model" : "a" ,\n "x":[1, 2.50,"\\u00e9"], "max_tokens":\t100 , "messages":[]} '
    expect(edited(text, {})).toBe(text)
    expect(edited(text, { model: 'b"' })).toBe(text.replace('"a"', '"b\\""'))
    expect(edited(text, { maxOutputTokens: 7 })).toBe(text.replace('100', '7'))
    expect(edited(text, { includeUsage: true })).toBe(text.replace('{', '{"stream_options":{"include_usage":true},'))
  })

  test('ask for usage in the options that are there', () => {
    expect(edited('{"a":1,"stream_options":{ }}', { includeUsage: true })).toBe(
      '{"a":1,"stream_options":{"include_usage":true }}',
    )
    expect(edited('{"stream_options":{"include_usage":false,"x":1}}', { includeUsage: true })).toBe(
      '{"stream_options":{"include_usage":true,"x":1}}',
    )
    expect(edited('{"stream_options":null}', { includeUsage: true })).toBe('{"stream_options":{"include_usage":true}}')
  })

  test('set every ceiling that was given, and one that the host knows', () => {
    const old = { maxOutputTokens: 5, outputCapField: 'max_tokens' } as const
    const both = '{"max_tokens":10,"max_completion_tokens":20}'
    expect(edited(both, { maxOutputTokens: 5 })).toBe('{"max_tokens":5,"max_completion_tokens":5}')
    expect(edited('{"a":1}', { maxOutputTokens: 5 })).toBe('{"max_completion_tokens":5,"a":1}')
    expect(edited('{"a":1}', old)).toBe('{"max_tokens":5,"a":1}')
    expect(edited('{"max_tokens":10}', { maxOutputTokens: 5 })).toBe('{"max_tokens":5}')
    expect(edited('{"max_tokens":null}', { maxOutputTokens: 5 })).toBe('{"max_completion_tokens":5,"max_tokens":null}')
    expect(edited('{"max_completion_tokens":20}', old)).toBe('{"max_tokens":5,"max_completion_tokens":5}')
    expect(edited('{"max_completion_tokens":20}', { outputCapField: 'max_tokens' })).toBe(
      '{"max_tokens":20,"max_completion_tokens":20}',
    )
  })

  test('are what setting the members would be, for any other members', () => {
    const others = fc.dictionary(fc.string({ unit: 'grapheme' }), fc.jsonValue())
    fc.assert(
      fc.property(others, fc.constantFrom(undefined, 2), (fields, space) => {
        const text = JSON.stringify({ ...fields, model: 'a', messages: [], max_tokens: 9 }, null, space)
        const result = edited(text, { model: 'b', maxOutputTokens: 5, includeUsage: true })
        const { stream_options: _, ...rest } = JSON.parse(text)
        const options = openaiOptions(fields)
        expect(JSON.parse(result)).toEqual({
          ...rest,
          model: 'b',
          max_tokens: 5,
          stream_options: { ...options, include_usage: true },
        })
      }),
    )
  })
})

function openaiOptions(fields: Record<string, unknown>): object {
  const options = Object.hasOwn(fields, 'stream_options') ? fields['stream_options'] : undefined
  return options !== null && typeof options === 'object' && !Array.isArray(options) ? options : {}
}

test('the input text has everything that a model reads', () => {
  const text = openaiChat.inputText(
    parsed({
      messages: [
        { role: 'system', content: 'one' },
        { role: 'user', name: 'two', content: [{ type: 'text', text: 'three' }] },
        { role: 'assistant', content: null, tool_calls: [{ function: { name: 'four', arguments: '{"five":1}' } }] },
        { role: 'tool', tool_call_id: 'six', content: 'seven' },
      ],
      tools: [{ type: 'function', function: { name: 'eight', parameters: { description: 'nine' } } }],
      response_format: { type: 'json_schema', json_schema: { name: 'ten' } },
    }),
  )
  for (const word of ['one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine', 'ten', 'system'])
    expect(text).toContain(word)
})

test('no frame, however wrong, makes a meter throw or a stream stop', () => {
  const piece = fc.oneof(
    fc.json(),
    fc.constantFrom(
      '[DONE]',
      '',
      '{',
      '[]',
      '{"usage":null}',
      '{"usage":[],"choices":{}}',
      '{"choices":[null,{"delta":7}]}',
    ),
    fc.constantFrom(
      '{"usage":{"prompt_tokens":"9"}}',
      '{"error":{}}',
      `{"choices":${'['.repeat(5000)}${']'.repeat(5000)}}`,
    ),
  )
  fc.assert(
    fc.property(fc.array(piece), fc.boolean(), fc.boolean(), (pieces, stream, stripUsage) => {
      const meter = openaiChat.meter({ headers: {}, stream, stripUsage })
      for (const data of pieces) meter.frame({ raw: Buffer.from(`data: ${data}\n\n`), event: '', data })
      expect(() => meter.reading()).not.toThrow()
    }),
  )
})

test('errors have the members that OpenAI clients read, and nothing of ours is lost', () => {
  const { status, next } = ERRORS.limit_reached
  const body: ErrorBody = {
    code: 'limit_reached',
    status,
    message: 'No tokens are left.',
    hint: next,
    field: 'model',
    details: { used: '10' },
    retryAfterSeconds: 5,
  }
  expect(openaiChat.error(body)).toEqual({
    error: {
      message: `No tokens are left. ${next}`,
      type: 'rate_limit_error',
      param: 'model',
      code: 'limit_reached',
      hint: next,
      details: { used: '10' },
      retryAfterSeconds: 5,
    },
  })
})
