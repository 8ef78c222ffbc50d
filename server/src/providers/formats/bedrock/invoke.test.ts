import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { bound } from '../../../core/bound.ts'
import { PublicError } from '../../../core/errors.ts'
import { parseRequestBody } from '../../../core/request-body.ts'
import { bedrockInvoke } from './invoke.ts'

const ceilings = { contextTokens: 200_000, outputTokens: 4_000 }
const demandOf = (model: string, json: object, stream = false) =>
  bedrockInvoke.demand(parseRequestBody(JSON.stringify(json)), { model, stream, query: '' })
const edited = (json: object, edits: object) =>
  JSON.parse(bedrockInvoke.edit(parseRequestBody(JSON.stringify(json)), edits).toString())
const faultOf = (made: () => unknown): string | undefined => {
  try {
    made()
    return undefined
  } catch (error) {
    return error instanceof PublicError && error.body.status === 400 ? error.body.field : String(error)
  }
}

const CLAUDE = 'us.anthropic.claude-haiku-4-5-20251001-v1:0'
const chat = { messages: [{ role: 'user', content: 'Say hello.' }] }
/** A model of each maker, a body without a ceiling, and where that maker has the ceiling. */
const MAKERS: readonly (readonly [model: string, body: object, ceiling: string, also?: string])[] = [
  [CLAUDE, { anthropic_version: 'bedrock-2023-05-31', ...chat }, 'max_tokens'],
  ['anthropic.claude-v2', { prompt: 'x' }, 'max_tokens_to_sample'],
  ['us.amazon.nova-lite-v1:0', chat, 'inferenceConfig.maxTokens', 'inferenceConfig.max_new_tokens'],
  ['amazon.titan-text-express-v1', { inputText: 'x' }, 'textGenerationConfig.maxTokenCount'],
  ['us.meta.llama4-scout-17b-instruct-v1:0', { prompt: 'x' }, 'max_gen_len'],
  ['mistral.mistral-large-2402-v1:0', { prompt: 'x' }, 'max_tokens'],
  ['eu.mistral.pixtral-large-2502-v1:0', chat, 'max_tokens'],
  ['cohere.command-r-plus-v1:0', { message: 'x' }, 'max_tokens'],
  ['ai21.jamba-1-5-mini-v1:0', chat, 'max_tokens'],
  ['ai21.j2-ultra-v1', { prompt: 'x' }, 'maxTokens'],
  ['openai.gpt-oss-120b-1:0', chat, 'max_completion_tokens', 'max_tokens'],
  ['us.deepseek.r1-v1:0', { prompt: 'x' }, 'max_tokens'],
  ['qwen.qwen3-32b-v1:0', chat, 'max_tokens', 'max_completion_tokens'],
]
/** The body with a figure at a path. */
const withAt = (body: object, path: string, value: unknown): object => {
  const [outer, inner] = path.split('.') as [string, string?]
  if (inner === undefined) return { ...body, [outer]: value }
  const parent = (body as Record<string, object | undefined>)[outer]
  return { ...body, [outer]: { ...parent, [inner]: value } }
}

describe.each(MAKERS.map(([model, ...maker]) => ({ model, maker })))(
  '$model',
  ({ model, maker: [body, ceiling, also] }) => {
    test('Q07: its ceiling bounds the answer, is read as a number alone, and the larger of two counts', () => {
      expect(demandOf(model, withAt(body, ceiling, 70)).maxOutputTokens).toBe(70)
      expect(bound(demandOf(model, withAt(body, ceiling, 70)), {})).toMatchObject({ kind: 'bounded', outputTokens: 70 })
      for (const wrong of ['100', 0, -1, 1.5, {}, true])
        expect(faultOf(() => demandOf(model, withAt(body, ceiling, wrong)))).toBe(ceiling)
      if (also !== undefined) {
        expect(demandOf(model, withAt(withAt(body, ceiling, 70), also, 90)).maxOutputTokens).toBe(90)
        expect(faultOf(() => demandOf(model, withAt(body, also, '5')))).toBe(also)
      }
    })
    test("without one the model's own bounds it, and where that is not known either, nothing does", () => {
      expect(bound(demandOf(model, body), ceilings)).toMatchObject({ kind: 'bounded', outputTokens: 4_000 })
      expect(bound(demandOf(model, body), {}).kind).toBe('unbounded')
    })
    test('a clamp is put where this maker reads it, in place of what was asked', () => {
      const edits = { upstreamModel: model, maxOutputTokens: 7 }
      const first = ceiling === 'max_tokens_to_sample' ? 'max_tokens' : ceiling
      expect(edited(body, edits)).toEqual(withAt(body, first, 7))
      expect(edited(withAt(body, ceiling, 70), edits)).toEqual(withAt(body, ceiling, 7))
      if (also !== undefined)
        expect(edited(withAt(withAt(body, ceiling, 70), also, 90), edits)).toEqual(
          withAt(withAt(body, ceiling, 7), also, 7),
        )
    })
  },
)

describe('whose words a body is in', () => {
  test('a name that says nothing of the maker leaves it to the body', () => {
    for (const name of ['my-model', 'arn:aws:bedrock:us-east-1:123456789012:application-inference-profile/a1b2'])
      for (const [, body, ceiling] of MAKERS.filter(([model]) => model !== 'anthropic.claude-v2'))
        expect(demandOf(name, withAt(body, ceiling, 70)).maxOutputTokens).toBe(70)
  })
  test('an ARN of an inference profile or a foundation model says it', () => {
    const arn = 'arn:aws:bedrock:us-east-1:123456789012:inference-profile/us.meta.llama4-scout-17b-instruct-v1:0'
    expect(demandOf(arn, { prompt: 'x', max_gen_len: 9, max_tokens: 5 }).maxOutputTokens).toBe(9)
    const own = 'arn:aws:bedrock:us-east-1::foundation-model/amazon.titan-text-express-v1'
    expect(demandOf(own, { inputText: 'x', textGenerationConfig: { maxTokenCount: 8 } }).maxOutputTokens).toBe(8)
  })
  test.each([
    ['stability.stable-image-ultra-v1:1', { prompt: 'x' }],
    ['amazon.nova-canvas-v1:0', { taskType: 'TEXT_IMAGE', textToImageParams: { text: 'x' } }],
    ['cohere.rerank-v3-5:0', { query: 'x', documents: ['y'] }],
    ['my-model', { prompt: 'x' }],
    ['my-model', { instruction: 'x', limit: 5 }],
  ])('%s asked as %j is bounded by nothing, and says so', (model, body) => {
    const result = bound(demandOf(model, body), ceilings)
    expect(result.kind === 'unbounded' && result.reason).toContain('maker that are not known here')
  })
  test('Q07: words of several makers are nobody’s, where only the body could tell whose model it is', () => {
    const arn = 'arn:aws:bedrock:us-east-1:123456789012:application-inference-profile/a1b2'
    for (const body of [
      { prompt: 'x', max_gen_len: 1, max_tokens: 100_000 },
      { inputText: 'x', textGenerationConfig: { maxTokenCount: 1 }, max_tokens: 100_000 },
      { prompt: 'x', max_gen_len: 1, n: 64 },
      { anthropic_version: 'bedrock-2023-05-31', ...chat, max_tokens: 1, max_completion_tokens: 100_000 },
      { prompt: 'x', dimensions: 256 },
      { ...chat, input_type: 'search_query', texts: ['x'] },
    ]) {
      const result = bound(demandOf(arn, body), ceilings)
      expect(result.kind === 'unbounded' && result.reason).toContain('maker that are not known here')
    }
  })
  test('where a name of ours hid the maker, a ceiling that this maker does not read is refused', () => {
    const refused = (upstreamModel: string, body: object) => faultOf(() => edited(body, { upstreamModel }))
    expect(refused('us.meta.llama4-scout-17b-instruct-v1:0', { prompt: 'x', max_tokens: 1 })).toBe('max_tokens')
    expect(refused('mistral.mistral-large-2402-v1:0', { prompt: 'x', max_gen_len: 1 })).toBe('max_gen_len')
    expect(refused('mistral.mistral-large-2402-v1:0', { anthropic_version: 'x', max_tokens: 1, n: 9 })).toBe('n')
    expect(refused('amazon.titan-text-express-v1', { inputText: 'x', dimensions: 256 })).toBe(
      'textGenerationConfig.maxTokenCount',
    )
    for (const [model, body, ceiling] of MAKERS) expect(refused(model, withAt(body, ceiling, 5))).toBeUndefined()
  })
})

describe('the bound is honest', () => {
  test('several answers have the whole ceiling each', () => {
    expect(demandOf('ai21.jamba-1-5-mini-v1:0', { ...chat, max_tokens: 5, n: 3 }).choices).toBe(3)
    expect(demandOf('cohere.command-text-v14', { prompt: 'x', max_tokens: 5, num_generations: 4 }).choices).toBe(4)
    expect(faultOf(() => demandOf('ai21.jamba-1-5-mini-v1:0', { ...chat, n: '3' }))).toBe('n')
  })
  test('embeddings write nothing', () => {
    for (const [model, body] of [
      ['amazon.titan-embed-text-v2:0', { inputText: 'x' }],
      ['cohere.embed-v4:0', { texts: ['x'], input_type: 'search_query' }],
      ['my-model', { inputText: 'x', dimensions: 256 }],
    ] as const)
      expect(bound(demandOf(model, body), {})).toMatchObject({ kind: 'bounded', outputTokens: 0 })
  })
  test.each([
    ['images[0]', 'us.meta.llama3-2-90b-instruct-v1:0', { prompt: 'x', images: ['AAAA'] }, 'images'],
    [
      'Nova',
      'us.amazon.nova-lite-v1:0',
      { messages: [{ role: 'user', content: [{ image: { source: {} } }] }] },
      'messages[0].content[0].image',
    ],
    [
      'Pixtral',
      'eu.mistral.pixtral-large-2502-v1:0',
      { messages: [{ role: 'user', content: [{ type: 'image_url', image_url: { url: 'data:' } }] }] },
      'messages[0].content[0].image_url',
    ],
    ['Titan', 'amazon.titan-embed-image-v1', { inputImage: 'AAAA' }, 'inputImage'],
    [
      'Claude',
      CLAUDE,
      { messages: [{ role: 'user', content: [{ type: 'image', source: {} }] }], max_tokens: 5 },
      'messages[0].content[0]',
    ],
  ])('an image of %s may fill the context', (_name, model, body, reference) => {
    expect(demandOf(model, body).references).toEqual([reference])
  })
  test('tools and connectors of others are bounded by nothing, those of the client are', () => {
    const parts = (model: string, more: object) => demandOf(model, { ...chat, max_tokens: 5, ...more }).unboundedParts
    expect(parts('us.amazon.nova-premier-v1:0', { toolConfig: { tools: [{ systemTool: {} }] } })).toEqual(['tools[0]'])
    expect(parts('openai.gpt-oss-20b-1:0', { tools: [{ type: 'function' }, { type: 'web_search' }] })).toEqual([
      'tools[1]',
    ])
    expect(parts('cohere.command-r-v1:0', { connectors: [{ id: 'web-search' }] })).toEqual(['connectors'])
    expect(parts(CLAUDE, { tools: [{ type: 'web_search_20250305' }] })).toEqual(['tools[0]'])
    expect(parts(CLAUDE, { tools: [{ name: 'own', input_schema: {} }] })).toEqual([])
  })
  test('Claude keeps the room of its thinking; tiers are asked for in headers, so that it may be served at any', () => {
    const demand = demandOf(CLAUDE, { ...chat, max_tokens: 5_000, thinking: { budget_tokens: 4_000 } }, true)
    expect(demand).toMatchObject({ model: CLAUDE, stream: true, thinkingTokens: 4_000 })
    expect(demand).not.toHaveProperty('serviceTiers')
  })
  test('any JSON at all is bounded, unbounded or refused with a path, and never breaks', () => {
    const names = fc.constantFrom('messages', 'prompt', 'inferenceConfig', 'max_tokens', 'tools', 'toolConfig', 'texts')
    fc.assert(
      fc.property(fc.dictionary(names, fc.jsonValue()), fc.constantFrom(...MAKERS), (json, [model]) => {
        const body = parseRequestBody(JSON.stringify(json))
        for (const name of [model, 'my-model']) expect(faultOf(() => demandOf(name, json)) ?? '').not.toMatch(/Error/)
        expect(faultOf(() => edited(json, { upstreamModel: model, maxOutputTokens: 7 })) ?? '').not.toMatch(/Error/)
        bedrockInvoke.inputText(body)
      }),
    )
  })
})

test('a count asks with the whole body, as AWS wants it', () => {
  const text = '{"anthropic_version":"bedrock-2023-05-31","max_tokens":5,"messages":[]}'
  expect(bedrockInvoke.counting?.request(parseRequestBody(text), CLAUDE)).toEqual({
    input: { invokeModel: { body: Buffer.from(text).toString('base64') } },
  })
})
