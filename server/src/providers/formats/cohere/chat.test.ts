import { describe, expect, test } from 'vitest'
import { bound } from '../../../core/bound.ts'
import { parseRequestBody } from '../../../core/request-body.ts'
import { fieldAtFault, NO_POSITIVE_INTEGERS } from '../bad-fields.test.fixture.ts'
import { cohereChat } from './chat.ts'

const messages = [{ role: 'user', content: 'Hi' }]
const bodyOf = (fields: object) => parseRequestBody(JSON.stringify({ model: 'command-a', messages, ...fields }))
const demandOf = (fields: object) => cohereChat.demand(bodyOf(fields), { query: '' })

const faultIn = (fields: object) => fieldAtFault(() => demandOf(fields))

describe('Q07: fields that are not what they must be are refused with their path', () => {
  test.each([
    [{ model: undefined }, 'model'],
    [{ model: 7 }, 'model'],
    [{ messages: undefined }, 'messages'],
    [{ messages: 'Hi' }, 'messages'],
    [{ messages: [null] }, 'messages[0]'],
    [{ stream: 'yes' }, 'stream'],
    [{ tools: {} }, 'tools'],
    [{ thinking: 'enabled' }, 'thinking'],
    ...NO_POSITIVE_INTEGERS.flatMap((number): [object, string][] => [
      [{ max_tokens: number }, 'max_tokens'],
      [{ thinking: { type: 'enabled', token_budget: number } }, 'thinking.token_budget'],
    ]),
  ])('%j', (fields, path) => expect(faultIn(fields)).toBe(path))

  test('null is absent, and the largest count is a count', () => {
    expect(faultIn({ max_tokens: null, stream: null, tools: null, thinking: null })).toBe('none')
    expect(demandOf({ max_tokens: 1e12 }).maxOutputTokens).toBe(1e12)
  })
})

describe('the bound is honest', () => {
  test('a picture and whatever is not known may fill the context', () => {
    const parts = [{ type: 'text', text: 'a' }, 'b', { type: 'image_url', image_url: { url: 'x' } }, { type: 'novel' }]
    expect(demandOf({ messages: [...messages, { role: 'user', content: parts }] }).references).toEqual([
      'messages[1].content[2]',
      'messages[1].content[3]',
    ])
    expect(demandOf({ messages: [{ role: 'user', content: { type: 'image_url' } }] }).references).toHaveLength(1)
    const plain = [
      { type: 'thinking', thinking: 'a' },
      { type: 'document', document: { data: {} } },
    ]
    expect(demandOf({ messages: [{ role: 'tool', content: plain }] }).references).toEqual([])
  })

  test('a tool that is no function is bounded by nothing', () => {
    expect(demandOf({ tools: [{ type: 'function' }, { type: 'web_search' }, 1] }).unboundedParts).toEqual([
      'tools[1]',
      'tools[2]',
    ])
  })

  test('an output ceiling stays above the budget for thinking', () => {
    const demand = demandOf({ max_tokens: 50, thinking: { type: 'enabled', token_budget: 400 } })
    expect(bound(demand, {})).toMatchObject({ outputTokens: 400, leastOutputTokens: 400 })
  })
})

test('edits touch the model and the ceiling, and no other byte', () => {
  const text = `{ "messages":[{"role":"user","content":"\\u00e9 ü"}],\n "max_tokens" : 9e2, "model" :"mine" }`
  const edited = cohereChat.edit(parseRequestBody(text), { model: 'command-a', maxOutputTokens: 20 }).toString()
  expect(edited).toBe(text.replace('9e2', '20').replace('mine', 'command-a'))
  expect(cohereChat.edit(parseRequestBody(text), {}).toString()).toBe(text)
})

test('everything that the model reads is counted where no usage is reported', () => {
  const said = [
    { role: 'system', content: 'one' },
    { role: 'assistant', tool_plan: 'two', tool_calls: [{ function: { name: 'three' } }] },
    { role: 'tool', content: [{ type: 'document', document: { data: { x: 'four' } } }] },
    { role: 'user', content: [{ type: 'text', text: 'five' }, { type: 'image_url' }] },
  ]
  const text = cohereChat.inputText(bodyOf({ messages: said, documents: ['six'], tools: [{ type: 'seven' }] }))
  for (const word of ['one', 'two', 'three', 'four', 'five', 'six', 'seven']) expect(text).toContain(word)
})
