import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ERRORS, type ErrorBody, PublicError } from '../../../core/errors.ts'
import type { Edits } from '../../../core/ports/format.ts'
import { parseRequestBody } from '../../../core/request-body.ts'
import { geminiGenerate } from './generate.ts'

const MODEL = 'gemini-2.5-flash'
const USER = [{ role: 'user', parts: [{ text: 'Hi' }] }]
const parsed = (fields: object) => parseRequestBody(JSON.stringify({ contents: USER, ...fields }))
const demandOf = (fields: object, model = MODEL) =>
  geminiGenerate.demand(parsed(fields), { model, stream: true, query: '' })
const config = (generationConfig: unknown) => ({ generationConfig })

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
  test('the path names model and mode', () => {
    expect(demandOf({})).toMatchObject({ model: MODEL, stream: true, choices: 1, thinkingTokens: 0, references: [] })
    expect(demandOf({ model: MODEL }).model).toBe(MODEL)
    expect(demandOf({ model: `models/${MODEL}` }).model).toBe(MODEL)
    for (const model of ['gemini-2.5-pro', 7, {}, 'models/x'])
      expect(fieldAtFault(() => demandOf({ model }))).toBe('model')
    for (const model of ['', 'a'.repeat(201), 'a\u0000b', ' x', 'x\u200b'])
      expect(fieldAtFault(() => demandOf({}, model))).toBe('model')
  })

  test('Q07: an output ceiling is read in both spellings, and refused where it is no positive integer', () => {
    expect(demandOf({}).maxOutputTokens).toBeUndefined()
    expect(demandOf(config({ maxOutputTokens: null })).maxOutputTokens).toBeUndefined()
    expect(demandOf(config({ maxOutputTokens: 1e12 })).maxOutputTokens).toBe(1e12)
    expect(demandOf({ generation_config: { max_output_tokens: 7 } }).maxOutputTokens).toBe(7)
    expect(demandOf(config({ max_output_tokens: 7 })).maxOutputTokens).toBe(7)
    for (const value of [0, -1, 1.5, '100', true, [], {}, 2 ** 53]) {
      expect(fieldAtFault(() => demandOf(config({ maxOutputTokens: value })))).toBe('generationConfig.maxOutputTokens')
      expect(fieldAtFault(() => demandOf({ generation_config: { max_output_tokens: value } }))).toBe(
        'generation_config.max_output_tokens',
      )
    }
  })

  test('Q07: a field that stands there in both spellings is refused, since only one of them is read', () => {
    const both = { maxOutputTokens: 1, max_output_tokens: 1_000_000 }
    expect(fieldAtFault(() => demandOf(config(both)))).toBe('generationConfig.maxOutputTokens')
    expect(fieldAtFault(() => demandOf({ ...config({}), generation_config: {} }))).toBe('generationConfig')
    expect(fieldAtFault(() => demandOf({ systemInstruction: {}, system_instruction: {} }))).toBe('systemInstruction')
  })

  test('candidates multiply, and thinking is a part of the output that a clamp must leave room for', () => {
    expect(demandOf(config({ candidateCount: 8 })).choices).toBe(8)
    for (const value of [0, 9, '2', 1.5])
      expect(fieldAtFault(() => demandOf(config({ candidateCount: value })))).toBe('generationConfig.candidateCount')
    const thinking = (thinkingBudget: unknown) => demandOf(config({ thinkingConfig: { thinkingBudget } }))
    expect([-1, 0, 128, null].map((budget) => thinking(budget).thinkingTokens)).toEqual([0, 0, 128, 0])
    for (const value of [-2, '128', 1.5])
      expect(fieldAtFault(() => thinking(value))).toBe('generationConfig.thinkingConfig.thinkingBudget')
    expect(fieldAtFault(() => demandOf(config({ thinkingConfig: 128 })))).toBe('generationConfig.thinkingConfig')
  })

  test('what must be an object or a list of objects is refused where it is not', () => {
    expect(fieldAtFault(() => demandOf({ contents: 'Hi' }))).toBe('contents')
    expect(fieldAtFault(() => demandOf({ contents: ['Hi'] }))).toBe('contents[0]')
    expect(fieldAtFault(() => demandOf({ contents: [{ parts: 'Hi' }] }))).toBe('contents[0].parts')
    expect(fieldAtFault(() => demandOf({ contents: [{ parts: [{}, 'Hi'] }] }))).toBe('contents[0].parts[1]')
    expect(fieldAtFault(() => demandOf({ system_instruction: 'Be kind.' }))).toBe('system_instruction')
    expect(fieldAtFault(() => demandOf({ tools: 'googleSearch' }))).toBe('tools')
    expect(fieldAtFault(() => demandOf(config([])))).toBe('generationConfig')
    expect(demandOf({ contents: { parts: { text: 'Hi' } } }).references).toEqual([])
  })

  test('parts that are worth more than their bytes are named, data inside the body too', () => {
    const parts = [
      { text: 'What is this?' },
      { inlineData: { mimeType: 'image/png', data: 'AAAA' } },
      { inline_data: { mime_type: 'image/png', data: 'AAAA' } },
      { fileData: { fileUri: 'https://host.example/files/a' } },
      { functionResponse: { name: 'f', response: { a: 1 } } },
      { function_response: { name: 'f', parts: [{ inlineData: {} }] } },
      { text: 'A clip', videoMetadata: { fps: 24 } },
      { notYetKnown: {} },
      { text: 'Hmm', thought: true, thoughtSignature: 'CiQB', inlineData: null },
    ]
    const found = demandOf({ contents: [...USER, { parts }], cached_content: 'cachedContents/a' }).references
    expect(found).toEqual([
      ...[1, 2, 3].map((at) => `contents[1].parts[${at}]`),
      'contents[1].parts[5].function_response.parts',
      'contents[1].parts[6]',
      'contents[1].parts[7]',
      'cached_content',
    ])
    expect(demandOf({ systemInstruction: { parts: { fileData: {} } } }).references).toEqual(['systemInstruction.parts'])
  })

  test('tools that Google runs are bounded by nothing, functions by their text', () => {
    const tools = [{ functionDeclarations: [{ name: 'f' }], googleSearch: {} }, { code_execution: {} }, { x: null }]
    expect(demandOf({ tools }).unboundedParts).toEqual(['tools[0].googleSearch', 'tools[1].code_execution'])
    const functions = demandOf({ tools: { function_declarations: [{ name: 'f' }, { name: 'g' }] } })
    expect(functions.unboundedParts).toEqual([])
    expect(functions.hiddenInputTokens).toBeGreaterThan(demandOf({}).hiddenInputTokens)
  })

  test('a tier is one that was asked for; the usual one is none', () => {
    expect(demandOf({ serviceTier: 'FLEX' }).serviceTiers).toEqual({ asked: ['flex'], possible: [] })
    for (const service_tier of ['standard', 'unspecified', null])
      expect(demandOf({ service_tier }).serviceTiers).toEqual({ asked: [], possible: [] })
  })

  test('B01, B02: whatever stands in it, it is read or refused by a field', () => {
    const names = ['contents', 'tools', 'generationConfig', 'systemInstruction', 'cachedContent', 'serviceTier']
    fc.assert(
      fc.property(fc.dictionary(fc.constantFrom(...names), fc.jsonValue({ maxDepth: 4 })), (fields) => {
        fieldAtFault(() => demandOf(fields))
      }),
      { numRuns: 500 },
    )
  })
})

test('its input for a tokenizer is every text, and nothing that is no text', () => {
  const text = geminiGenerate.inputText(
    parsed({
      systemInstruction: { parts: [{ text: 'Be kind.' }] },
      contents: [
        { parts: [{ text: 'Hi' }, { inlineData: { data: 'AAAA' } }, { text: 'Hmm', thoughtSignature: 'CiQB' }] },
        { parts: { functionCall: { name: 'f', args: { a: 1 } } } },
      ],
      tools: [{ functionDeclarations: [{ name: 'f' }] }],
    }),
  )
  expect(text).toBe('Be kind.\nHi\nHmm\n{"name":"f","args":{"a":1}}\n[{"functionDeclarations":[{"name":"f"}]}]')
})

const edited = (text: string, edits: Edits) => geminiGenerate.edit(parseRequestBody(text), edits).toString()

describe('edits', () => {
  test('touch nothing but what they are for', () => {
    const text = ' {"contents":[ ],\n "generationConfig" : {"x":2.50, "maxOutputTokens":\t100 } } '
    expect(edited(text, {})).toBe(text)
    expect(edited(text, { model: 'b' })).toBe(text)
    expect(edited(text, { maxOutputTokens: 7 })).toBe(text.replace('100', '7'))
  })

  test('set the ceiling where the client has it, or make a place for it', () => {
    const cut = (text: string) => edited(text, { maxOutputTokens: 5 })
    expect(cut('{"a":1}')).toBe('{"generationConfig":{"maxOutputTokens":5},"a":1}')
    expect(cut('{"generationConfig":null}')).toBe('{"generationConfig":{"maxOutputTokens":5}}')
    expect(cut('{"generationConfig":{}}')).toBe('{"generationConfig":{"maxOutputTokens":5}}')
    expect(cut('{"generation_config":{"max_output_tokens":9}}')).toBe('{"generation_config":{"max_output_tokens":5}}')
    expect(cut('{"generation_config":{"a":1}}')).toBe('{"generation_config":{"maxOutputTokens":5,"a":1}}')
  })

  test('a model that the body repeats changes with the path’s', () => {
    const text = '{"model":"models/a", "generateContentRequest":{"model":"a","contents":[{"model":"a"}]}}'
    expect(edited(text, { model: 'b' })).toBe(
      '{"model":"models/b", "generateContentRequest":{"model":"models/b","contents":[{"model":"a"}]}}',
    )
  })

  test('are what setting the members would be, for any other members', () => {
    const others = fc.dictionary(fc.string({ unit: 'grapheme' }), fc.jsonValue())
    fc.assert(
      fc.property(others, others, fc.constantFrom(undefined, 2), (fields, more, space) => {
        const request = { ...fields, generationConfig: { ...more, maxOutputTokens: 9 } }
        const result = edited(JSON.stringify(request, null, space), { maxOutputTokens: 5 })
        const expected = { ...request, generationConfig: { ...more, maxOutputTokens: 5 } }
        expect(JSON.parse(result)).toEqual(JSON.parse(JSON.stringify(expected)))
      }),
    )
  })
})

test('its input is counted with everything that a call has, by the name at the provider', () => {
  const counting = geminiGenerate.counting!
  expect(counting.request(parsed({ tools: [] }), 'b')).toEqual({
    generateContentRequest: { contents: USER, tools: [], model: 'models/b' },
  })
  expect([{ totalTokens: 7 }, {}, null].map((answer) => counting.inputTokens(answer))).toEqual([
    7,
    undefined,
    undefined,
  ])
})

test('errors have Google’s shape: code, status, and details by type', () => {
  const statuses = new Set<unknown>()
  for (const [code, { status }] of Object.entries(ERRORS)) {
    const body = { code, status, message: 'No.', hint: 'Do.' } as ErrorBody
    const { error } = geminiGenerate.error(body) as { error: Record<string, unknown> }
    expect(error).toMatchObject({ code: status, message: 'No. Do.' })
    statuses.add(error['status'])
  }
  expect(statuses).toEqual(
    new Set(
      ['INVALID_ARGUMENT', 'UNAUTHENTICATED', 'PERMISSION_DENIED', 'NOT_FOUND', 'ABORTED', 'RESOURCE_EXHAUSTED'].concat(
        ['INTERNAL', 'UNAVAILABLE', 'DEADLINE_EXCEEDED'],
      ),
    ),
  )
  const full = {
    code: 'rate_limited',
    status: 429,
    message: 'No.',
    hint: 'Do.',
    field: 'a',
    retryAfterSeconds: 3,
  } as const
  expect(geminiGenerate.error({ ...full, details: { limit: 5, resetsAt: null } })).toMatchObject({
    error: {
      details: [
        { '@type': 'type.googleapis.com/google.rpc.ErrorInfo', reason: 'RATE_LIMITED', metadata: { limit: '5' } },
        { '@type': 'type.googleapis.com/google.rpc.BadRequest', fieldViolations: [{ field: 'a', description: 'No.' }] },
        { '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay: '3s' },
      ],
    },
  })
})
