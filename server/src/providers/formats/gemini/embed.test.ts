import { expect, test } from 'vitest'
import { bound } from '../../../core/bound.ts'
import { PublicError } from '../../../core/errors.ts'
import { parseRequestBody } from '../../../core/request-body.ts'
import { geminiEmbed } from './embed.ts'

const TEXT = { parts: [{ text: 'Hi' }] }
const PICTURE = { parts: [{ inlineData: { mimeType: 'image/png', data: 'AAAA' } }] }
const demandOf = (fields: object) =>
  geminiEmbed.demand(parseRequestBody(JSON.stringify(fields)), { model: 'e', query: '' })

function fieldAtFault(fields: object): string | undefined {
  try {
    demandOf(fields)
  } catch (error) {
    if (error instanceof PublicError && error.body.code === 'invalid_field') return error.body.field
    throw error
  }
  return 'none'
}

test('embeddings have no output: the bound is the input alone', () => {
  const demand = demandOf({ content: TEXT })
  expect(demand).toMatchObject({ model: 'e', stream: false, references: [], unboundedParts: [] })
  expect(bound(demand, {})).toMatchObject({ kind: 'bounded', outputTokens: 0, leastOutputTokens: 0 })
})

test('each picture may fill a context, and a batch has as many contexts as requests', () => {
  expect(demandOf({ content: PICTURE })).toMatchObject({ references: ['content.parts[0]'], unboundedParts: [] })
  const batch = demandOf({ requests: [{ content: TEXT }, { content: PICTURE }] })
  expect(batch.unboundedParts).toEqual(['requests[1].content.parts[0]'])
  expect(demandOf({ requests: [{ content: TEXT }, { content: TEXT }] }).unboundedParts).toEqual([])
})

test('fields that are not what they must be are refused with their path', () => {
  expect(fieldAtFault({ content: 'Hi' })).toBe('content')
  expect(fieldAtFault({ content: { parts: ['Hi'] } })).toBe('content.parts[0]')
  expect(fieldAtFault({ requests: 'Hi' })).toBe('requests')
  expect(fieldAtFault({ requests: [1] })).toBe('requests[0]')
  expect(fieldAtFault({ requests: [{ content: TEXT }, { content: [] }] })).toBe('requests[1].content')
})

test('Q12: no request of a batch names another model than the path, which limits and prices go by', () => {
  expect(fieldAtFault({ requests: [{ model: 'models/e', content: TEXT }, { model: 'e' }] })).toBe('none')
  expect(fieldAtFault({ requests: [{ model: 'models/e' }, { model: 'models/dear' }] })).toBe('requests[1].model')
  expect(fieldAtFault({ model: 'models/dear', content: TEXT })).toBe('model')
})

test('a model that is called otherwise at the provider is renamed in every request, and nothing else', () => {
  const text = `{"requests" :[ {"model":"models/e","content":{"parts":[{"text":"]}\\\\\\",{\\"model\\":"}]}},[{"model":"e"}],
    {"title":"x"}, { "content" : {"model":"e"} ,"model" : "e"}]}`
  const edited = geminiEmbed.edit(parseRequestBody(text), { model: 'big"e' }).toString()
  expect(edited).toBe(
    text
      .replace('"model":"models/e"', '"model":"models/big\\"e"')
      .replace('"model" : "e"', '"model" : "models/big\\"e"'),
  )
})

test('its texts are counted where no usage is reported', () => {
  const body = parseRequestBody(
    JSON.stringify({ requests: [{ content: TEXT }, { content: PICTURE }, { content: TEXT }] }),
  )
  expect(geminiEmbed.inputText(body)).toBe('Hi\nHi')
})
