import { describe, expect, test } from 'vitest'
import { bound } from '../../../core/bound.ts'
import { parseRequestBody } from '../../../core/request-body.ts'
import { countTokens } from '../../tokenizer.ts'
import { fieldAtFault, NO_POSITIVE_INTEGERS } from '../bad-fields.test.fixture.ts'
import { openaiCompletions } from './completions.ts'
import { openaiEmbeddings } from './embeddings.ts'

const embedding = (fields: object) => parseRequestBody(JSON.stringify({ model: 'text-embedding-3-small', ...fields }))
const completion = (fields: object) => parseRequestBody(JSON.stringify({ model: 'gpt-3.5-turbo-instruct', ...fields }))
const embeddingOf = (fields: object) => openaiEmbeddings.demand(embedding(fields), { query: '' })
const completionOf = (fields: object) => openaiCompletions.demand(completion(fields), { query: '' })

describe.each([
  ['input', (value: unknown) => embeddingOf({ input: value })],
  ['prompt', (value: unknown) => completionOf({ prompt: value })],
])('%s', (name, demandOf) => {
  test('is a text or several, in words or in tokens; anything else is refused with its path', () => {
    for (const good of ['', 'Hi', ['a', 'b'], [1, 2], [[1, 2], [3]], ['a', [1]]])
      expect(fieldAtFault(() => demandOf(good))).toBe('none')
    for (const bad of [7, true, {}, []]) expect(fieldAtFault(() => demandOf(bad))).toBe(name)
    expect(fieldAtFault(() => demandOf(['a', 7]))).toBe(`${name}[1]`)
    expect(fieldAtFault(() => demandOf(['a', null]))).toBe(`${name}[1]`)
    for (const bad of [-1, 1.5, '2', null, 2 ** 53]) {
      expect(fieldAtFault(() => demandOf([1, bad]))).toBe(`${name}[1]`)
      expect(fieldAtFault(() => demandOf([[1, bad]]))).toBe(`${name}[0][1]`)
    }
  })

  test('that is no text is bounded by nothing', () => {
    expect(demandOf(['a', { type: 'image_url' }]).unboundedParts).toEqual([`${name}[1]`])
  })
})

describe('embeddings', () => {
  test('write nothing, whatever is asked, and are bounded by what they read', () => {
    const demand = embeddingOf({ input: ['Hello', 'Hi'], max_tokens: 5, n: 7, stream: true })
    expect(demand).toMatchObject({ maxOutputTokens: 0, choices: 1, stream: false, references: [] })
    expect(bound(demand, {})).toMatchObject({ kind: 'bounded', outputTokens: 0, leastOutputTokens: 0 })
    expect(fieldAtFault(() => embeddingOf({}))).toBe('input')
    expect(fieldAtFault(() => openaiEmbeddings.demand(embedding({ model: 7, input: 'a' }), { query: '' }))).toBe(
      'model',
    )
  })

  test('of many texts may use a context for each of them', () => {
    const meter = openaiEmbeddings.meter({ headers: {}, stream: false, stripUsage: false })
    const data = JSON.stringify({ data: [{}, {}, {}], usage: { prompt_tokens: 9, total_tokens: 9 } })
    meter.frame({ raw: Buffer.from(data), event: '', data })
    expect(meter.reading()).toMatchObject({ contexts: 3, usage: { buckets: { inUncached: 9, outText: 0 } } })
  })

  test('an edit sets the model, and nothing else', () => {
    const text = '{ "input":[1,2.0], "model" :"a"}'
    const edits = { model: 'b', maxOutputTokens: 5, includeUsage: true }
    expect(openaiEmbeddings.edit(parseRequestBody(text), edits).toString()).toBe(text.replace('"a"', '"b"'))
  })
})

describe('completions', () => {
  test('Q07: an output ceiling may be 0, which scores a prompt; what is no such number is refused by name', () => {
    expect(completionOf({ prompt: 'a' }).maxOutputTokens).toBeUndefined()
    expect(completionOf({ prompt: 'a', max_tokens: null }).maxOutputTokens).toBeUndefined()
    expect(completionOf({ prompt: 'a', max_tokens: 0, echo: true }).maxOutputTokens).toBe(0)
    expect(completionOf({ prompt: 'a', max_tokens: 1e12 }).maxOutputTokens).toBe(1e12)
    for (const max_tokens of NO_POSITIVE_INTEGERS.slice(1))
      expect(fieldAtFault(() => completionOf({ prompt: 'a', max_tokens }))).toBe('max_tokens')
  })

  test('every prompt is answered as often as the larger of n and best_of says', () => {
    expect(completionOf({}).choices).toBe(1)
    expect(completionOf({ prompt: [1, 2, 3] }).choices).toBe(1)
    expect(completionOf({ prompt: ['a', 'b', [1]], n: 2, best_of: 5 }).choices).toBe(15)
    expect(completionOf({ prompt: ['a', 'b'], n: 3, best_of: null }).choices).toBe(6)
    for (const name of ['n', 'best_of'])
      for (const value of [...NO_POSITIVE_INTEGERS, 129])
        expect(fieldAtFault(() => completionOf({ prompt: 'a', [name]: value }))).toBe(name)
    const prompt = Array.from({ length: 1025 }, () => 'a')
    expect(fieldAtFault(() => completionOf({ prompt, n: 2 }))).toBe('prompt')
  })

  test('fields that decide limits are refused where they are not what they must be', () => {
    expect(fieldAtFault(() => completionOf({ suffix: 7 }))).toBe('suffix')
    expect(fieldAtFault(() => completionOf({ echo: 'yes' }))).toBe('echo')
    expect(fieldAtFault(() => completionOf({ stream: 1 }))).toBe('stream')
    expect(fieldAtFault(() => completionOf({ stream_options: { include_usage: 1 } }))).toBe(
      'stream_options.include_usage',
    )
    expect(completionOf({ prompt: 'a', models: ['b'] }).unboundedParts).toEqual(['models'])
  })

  test('a suffix is read with every prompt', () => {
    const one = completionOf({ prompt: ['a'], suffix: 'é'.repeat(50) }).inputBytes
    expect(completionOf({ prompt: ['a', 'b'], suffix: 'é'.repeat(50) }).inputBytes).toBe(one + ',"b"'.length + 100)
  })

  test('M02: usage is asked for in the options that are there, and a ceiling by the one name that it has', () => {
    const edited = (text: string, edits: object) => openaiCompletions.edit(parseRequestBody(text), edits).toString()
    expect(edited('{"a":1}', { includeUsage: true })).toBe('{"stream_options":{"include_usage":true},"a":1}')
    expect(edited('{"stream_options":{}}', { includeUsage: true })).toBe('{"stream_options":{"include_usage":true}}')
    expect(edited('{"a":1}', { maxOutputTokens: 5, outputCapField: 'max_completion_tokens' })).toBe(
      '{"max_tokens":5,"a":1}',
    )
  })
})

test('a text that was sent as tokens is counted as so many', async () => {
  const tokens = Array.from({ length: 5_000 }, (_, index) => index)
  for (const text of [
    openaiCompletions.inputText(completion({ prompt: tokens })),
    openaiEmbeddings.inputText(embedding({ input: [tokens] })),
  ])
    expect(await countTokens(text)).toBe(5_000)
  const both = openaiCompletions.inputText(completion({ prompt: ['one', 'two'], suffix: 'three' }))
  expect(both).toBe('one\nthree\ntwo\nthree')
})
