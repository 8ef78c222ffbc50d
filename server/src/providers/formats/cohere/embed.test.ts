import { describe, expect, test } from 'vitest'
import { bound } from '../../../core/bound.ts'
import { parseRequestBody } from '../../../core/request-body.ts'
import { fieldAtFault, NO_POSITIVE_INTEGERS } from '../bad-fields.test.fixture.ts'
import { cohereEmbed } from './embed.ts'

const bodyOf = (fields: object) => parseRequestBody(JSON.stringify({ model: 'embed-v4.0', ...fields }))
const demandOf = (fields: object) => cohereEmbed.demand(bodyOf(fields), { query: '' })
const TEXT = { type: 'text', text: 'Bees' }
const PICTURE = { type: 'image_url', image_url: { url: 'data:image/png;base64,AAAA' } }

const faultIn = (fields: object) => fieldAtFault(() => demandOf(fields))

describe('Q07: fields that are not what they must be are refused with their path', () => {
  test.each([
    [{ model: '' }, 'model'],
    [{ texts: 'Hi' }, 'texts'],
    [{ texts: ['Hi', 7] }, 'texts[1]'],
    [{ images: [{}] }, 'images[0]'],
    [{ inputs: {} }, 'inputs'],
    [{ inputs: [{ content: [] }, { content: 'Hi' }] }, 'inputs[1].content'],
    [{ inputs: ['Hi'] }, 'inputs[0].content'],
    ...NO_POSITIVE_INTEGERS.map((max_tokens): [object, string] => [{ texts: ['Hi'], max_tokens }, 'max_tokens']),
  ])('%j', (fields, path) => expect(faultIn(fields)).toBe(path))
})

test('embeddings have no output, and their max_tokens is no ceiling of it', () => {
  const demand = demandOf({ texts: ['Hi', 'Ho'], max_tokens: 9 })
  expect(demand).toMatchObject({ stream: false, references: [], unboundedParts: [] })
  expect(bound(demand, {})).toMatchObject({ kind: 'bounded', outputTokens: 0, leastOutputTokens: 0 })
  expect(cohereEmbed.edit(bodyOf({ max_tokens: 9 }), { maxOutputTokens: 1 }).toString()).toContain('"max_tokens":9')
})

test('a picture may fill a context, and each input has one of its own', () => {
  expect(demandOf({ images: ['data:'] })).toMatchObject({ references: ['images[0]'], unboundedParts: [] })
  const mixed = [{ content: [TEXT, PICTURE] }]
  expect(demandOf({ inputs: mixed })).toMatchObject({ references: ['inputs[0].content[1]'], unboundedParts: [] })
  expect(demandOf({ texts: ['Hi'], inputs: mixed }).unboundedParts).toEqual(['inputs[0].content[1]'])
  expect(demandOf({ inputs: [{ content: [{ type: 'novel' }, 7] }] }).references).toHaveLength(2)
})

test('its texts are counted where no usage is reported', () => {
  expect(cohereEmbed.inputText(bodyOf({ texts: ['Hi'], inputs: [{ content: [TEXT, PICTURE] }] }))).toBe('Hi\nBees')
})
