import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { bound } from '../../../core/bound.ts'
import { PublicError } from '../../../core/errors.ts'
import { parseRequestBody } from '../../../core/request-body.ts'
import { bedrockConverse } from './converse.ts'

const MODEL = 'us.anthropic.claude-haiku-4-5-20251001-v1:0'
const ADDRESS = { model: MODEL, stream: false, query: '' }
const ceilings = { contextTokens: 200_000, outputTokens: 64_000 }
const asked = (more: object = {}) => ({
  messages: [{ role: 'user', content: [{ text: 'Say hello.' }] }],
  inferenceConfig: { maxTokens: 50 },
  ...more,
})
const demandOf = (json: object, address: object = {}) =>
  bedrockConverse.demand(parseRequestBody(JSON.stringify(json)), { ...ADDRESS, ...address })
const edited = (json: object, edits: object) =>
  JSON.parse(bedrockConverse.edit(parseRequestBody(JSON.stringify(json)), edits).toString())
const fieldOf = (json: object, address: object = {}): string | undefined => {
  try {
    demandOf(json, address)
    return undefined
  } catch (error) {
    return error instanceof PublicError && error.body.status === 400 ? error.body.field : String(error)
  }
}

test('the model and the mode are what the path says, whatever the body says', () => {
  const demand = demandOf(asked({ modelId: 'other', stream: false }), { stream: true })
  expect(demand).toMatchObject({ model: MODEL, stream: true, maxOutputTokens: 50, choices: 1 })
})

describe('Q07: bad fields are refused with their path', () => {
  test.each(['100', 0, -1, 1.5, true, {}, [], 2 ** 53])('a ceiling of %j', (maxTokens) => {
    expect(fieldOf(asked({ inferenceConfig: { maxTokens } }))).toBe('inferenceConfig.maxTokens')
  })
  test.each([
    ['messages', { messages: 'hello' }],
    ['messages[0]', { messages: ['hello'] }],
    ['system', { system: 'be nice' }],
    ['inferenceConfig', { inferenceConfig: [] }],
    ['toolConfig', { toolConfig: 1 }],
    ['toolConfig.tools', { toolConfig: { tools: {} } }],
    ['additionalModelRequestFields', { additionalModelRequestFields: 'x' }],
    [
      'additionalModelRequestFields.thinking.budget_tokens',
      { additionalModelRequestFields: { thinking: { budget_tokens: '9' } } },
    ],
    ['serviceTier', { serviceTier: 'flex' }],
    ['serviceTier.type', { serviceTier: { type: 1 } }],
    ['performanceConfig.latency', { performanceConfig: { latency: [] } }],
  ])('%s', (field, more) => {
    expect(fieldOf(asked(more))).toBe(field)
  })
  test.each(['.', '..', '', ' x', 'a\u200Bb', 'x'.repeat(201)])('a model %j', (model) => {
    expect(fieldOf(asked(), { model })).toBe('model')
  })
  test('any JSON at all is bounded, unbounded or refused with a path, and never breaks', () => {
    const names = fc.constantFrom('messages', 'system', 'inferenceConfig', 'toolConfig', 'additionalModelRequestFields')
    fc.assert(
      fc.property(fc.dictionary(names, fc.jsonValue()), fc.array(fc.jsonValue()), (json, content) => {
        for (const body of [json, { ...json, messages: [{ role: 'user', content }] }]) {
          expect(fieldOf(body) ?? '').not.toMatch(/Error/)
          bedrockConverse.inputText(parseRequestBody(JSON.stringify(body)))
        }
      }),
    )
  })
})

describe('the bound is honest', () => {
  test('text is bounded by its bytes, and by more for what no field holds', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.integer({ min: 1, max: 1e12 }), (text, maxTokens) => {
        const json = asked({ messages: [{ role: 'user', content: [{ text }] }], inferenceConfig: { maxTokens } })
        const result = bound(demandOf(json), {})
        expect(result).toMatchObject({ kind: 'bounded', outputTokens: Math.min(maxTokens, 1e9) })
        expect(result.kind === 'bounded' && result.inputTokens).toBeGreaterThan(Buffer.byteLength(text) + 128)
      }),
    )
  })
  test.each([
    ['an image', { image: { format: 'png', source: { bytes: 'AAAA' } } }, '.image'],
    ['a document', { document: { name: 'd', source: { text: 'x' } } }, '.document'],
    ['a video', { video: { format: 'mp4', source: { s3Location: { uri: 's3://b/v' } } } }, '.video'],
    ['a sound', { audio: { format: 'mp3', source: { bytes: 'AAAA' } } }, '.audio'],
    ['an image to guard', { guardContent: { image: { format: 'png' } } }, '.guardContent'],
    [
      'an image in a result',
      { toolResult: { toolUseId: 't', content: [{ text: 'x' }, { image: {} }] } },
      '.toolResult.content[1].image',
    ],
    ['what nobody knows yet', { hologram: {} }, '.hologram'],
  ])('%s may fill the context', (_name, block, at) => {
    const demand = demandOf(asked({ messages: [{ role: 'user', content: [{ text: 'x' }, block] }] }))
    expect(demand.references).toEqual([`messages[0].content[1]${at}`])
    expect(bound(demand, ceilings)).toMatchObject({ kind: 'bounded', inputTokens: 200_000 })
    expect(bound(demand, {}).kind).toBe('unbounded')
  })
  test('texts, calls, results, thoughts and marks of caches are what they say', () => {
    const content = [
      { text: 'x' },
      { cachePoint: { type: 'default', ttl: '1h' } },
      { toolUse: { toolUseId: 't', name: 'n', input: {} } },
      { toolResult: { toolUseId: 't', content: [{ json: {} }, { text: 'x' }] } },
      { reasoningContent: { reasoningText: { text: 'x', signature: 'y' } } },
      { guardContent: { text: { text: 'x' } } },
    ]
    expect(demandOf(asked({ messages: [{ role: 'user', content }], system: [{ text: 'x' }] })).references).toEqual([])
  })
  test.each([
    ['toolConfig.tools[1]', { toolConfig: { tools: [{ toolSpec: {} }, { systemTool: { name: 'nova_grounding' } }] } }],
    ['additionalModelRequestFields.max_tokens', { additionalModelRequestFields: { max_tokens: 9_000 } }],
    [
      'additionalModelRequestFields.inferenceConfig.maxTokens',
      { additionalModelRequestFields: { inferenceConfig: { maxTokens: 9_000 } } },
    ],
    ['additionalModelRequestFields.n', { additionalModelRequestFields: { n: 5 } }],
    ['additionalModelRequestFields.mcp_servers', { additionalModelRequestFields: { mcp_servers: [{}] } }],
    [
      'additionalModelRequestFields.tools[0]',
      { additionalModelRequestFields: { tools: [{ type: 'web_search_20250305', name: 'web_search' }] } },
    ],
    ['a stored prompt', { promptVariables: { name: { text: 'x' } } }],
  ])('%s is bounded by nothing', (part, more) => {
    expect(bound(demandOf(asked(more)), ceilings)).toEqual({
      kind: 'unbounded',
      reason: `${part} can use any number of tokens`,
    })
  })
  test('a prompt that AWS keeps is bounded by nothing', () => {
    const model = 'arn:aws:bedrock:us-east-1:123456789012:prompt/ABCDEFGHIJ:1'
    expect(bound(demandOf({}, { model }), ceilings).kind).toBe('unbounded')
  })
  test('thinking keeps its room, and tools that Anthropic defines cost what no field holds', () => {
    const thinking = { additionalModelRequestFields: { thinking: { type: 'enabled', budget_tokens: 4_000 } } }
    expect(demandOf(asked(thinking)).thinkingTokens).toBe(4_000)
    const bash = { additionalModelRequestFields: { tools: [{ type: 'bash_20250124', name: 'bash' }] } }
    const grown = demandOf(asked(bash)).hiddenInputTokens - demandOf(asked()).hiddenInputTokens
    expect(grown).toBeGreaterThanOrEqual(735)
    expect(demandOf(asked(bash)).unboundedParts).toEqual([])
  })
  test('only a tier that is asked for may serve', () => {
    expect(demandOf(asked()).serviceTiers).toEqual({ asked: [], possible: [] })
    const fast = { serviceTier: { type: 'priority' }, performanceConfig: { latency: 'optimized' } }
    expect(demandOf(asked(fast)).serviceTiers?.asked).toEqual(['priority', 'optimized'])
  })
})

describe('an edit', () => {
  test('sets the ceiling where it stands, or makes a place for it, and touches nothing else', () => {
    const splice = (text: string) => bedrockConverse.edit(parseRequestBody(text), { maxOutputTokens: 7 }).toString()
    expect(splice('{ "inferenceConfig" : { "topP": 0.10, "maxTokens" :50 } , "x":1e2}')).toBe(
      '{ "inferenceConfig" : { "topP": 0.10, "maxTokens" :7 } , "x":1e2}',
    )
    expect(splice('{"inferenceConfig":{"topP":1}}')).toBe('{"inferenceConfig":{"maxTokens":7,"topP":1}}')
    expect(splice('{"inferenceConfig":null,"x":1}')).toBe('{"inferenceConfig":{"maxTokens":7},"x":1}')
    expect(splice('{"x":1}')).toBe('{"inferenceConfig":{"maxTokens":7},"x":1}')
    expect(edited({}, { maxOutputTokens: 7 })).toEqual({ inferenceConfig: { maxTokens: 7 } })
  })
  test('leaves the body as it is where only the model has another name', () => {
    const text = '{ "messages": [ ] }'
    expect(bedrockConverse.edit(parseRequestBody(text), { model: 'x', upstreamModel: 'x' }).toString()).toBe(text)
  })
})

test('a count asks for what is input, and nothing else', () => {
  const body = parseRequestBody(JSON.stringify(asked({ system: [{ text: 'x' }], serviceTier: { type: 'flex' } })))
  expect(bedrockConverse.counting?.request(body, MODEL)).toEqual({
    input: { converse: { messages: asked().messages, system: [{ text: 'x' }] } },
  })
  expect(bedrockConverse.counting?.inputTokens({ inputTokens: 12 })).toBe(12)
})

test("errors have the names that AWS's SDKs raise", () => {
  const named = (code: ConstructorParameters<typeof PublicError>[0]) =>
    bedrockConverse.errorHeaders?.(new PublicError(code, 'x').body)['x-amzn-errortype']
  expect(named('limit_reached')).toBe('ThrottlingException')
  expect(named('rate_limited')).toBe('ThrottlingException')
  expect(named('invalid_field')).toBe('ValidationException')
  expect(named('body_too_large')).toBe('ValidationException')
  expect(named('unauthenticated')).toBe('AccessDeniedException')
  expect(named('model_not_found')).toBe('ResourceNotFoundException')
  expect(named('internal')).toBe('InternalServerException')
  expect(named('ledger_unavailable')).toBe('ServiceUnavailableException')
  expect(named('upstream_timeout')).toBe('ModelTimeoutException')
})
