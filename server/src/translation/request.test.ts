import { describe, expect, test } from 'vitest'
import { PublicError } from '../core/errors.ts'
import { callOptionsOf } from './request.ts'

const USER = { role: 'user', content: 'Hi' }
const asked = (more: object) => callOptionsOf({ model: 'm', messages: [USER], ...more })

function fieldAtFault(run: () => unknown): string | undefined {
  try {
    run()
  } catch (error) {
    if (error instanceof PublicError && error.body.code === 'invalid_field') return error.body.field
    throw error
  }
  return undefined
}

test('a conversation with tools is said in the other words whole', () => {
  const call = { id: 'call_1', type: 'function', function: { name: 'weather', arguments: '{"city":"Oslo"}' } }
  const messages = [
    { role: 'system', content: 'Be brief.' },
    {
      role: 'user',
      content: [
        { type: 'text', text: 'Weather?' },
        { type: 'image_url', image_url: { url: 'data:image/png;base64,AAAA' } },
      ],
    },
    { role: 'assistant', content: null, tool_calls: [call] },
    { role: 'tool', tool_call_id: 'call_1', content: [{ type: 'text', text: 'sunny' }] },
  ]
  const tools = [{ type: 'function', function: { name: 'weather', parameters: { type: 'object', properties: {} } } }]
  expect(asked({ messages, tools, tool_choice: 'required', max_tokens: 5, stop: 'x', temperature: 0 })).toEqual({
    prompt: [
      { role: 'system', content: 'Be brief.' },
      {
        role: 'user',
        content: [
          { type: 'text', text: 'Weather?' },
          { type: 'file', mediaType: 'image/png', data: 'AAAA' },
        ],
      },
      {
        role: 'assistant',
        content: [{ type: 'tool-call', toolCallId: 'call_1', toolName: 'weather', input: { city: 'Oslo' } }],
      },
      {
        role: 'tool',
        content: [
          { type: 'tool-result', toolCallId: 'call_1', toolName: 'weather', output: { type: 'text', value: 'sunny' } },
        ],
      },
    ],
    tools: [{ type: 'function', name: 'weather', inputSchema: { type: 'object', properties: {} } }],
    toolChoice: { type: 'required' },
    maxOutputTokens: 5,
    stopSequences: ['x'],
    temperature: 0,
  })
})

describe('what has no counterpart is refused by its path, and never left out unseen', () => {
  const user = (content: unknown) => ({ messages: [{ role: 'user', content }] })
  test.each([
    [{ seed: 1 }, 'seed'],
    [{ n: 2 }, 'n'],
    [{ logprobs: true }, 'logprobs'],
    [{ frequency_penalty: 0.5 }, 'frequency_penalty'],
    [{ parallel_tool_calls: false }, 'parallel_tool_calls'],
    [{ something_new: {} }, 'something_new'],
    [{ tools: [{ type: 'web_search' }] }, 'tools[0].type'],
    [{ response_format: { type: 'grammar' } }, 'response_format.type'],
    [{ tool_choice: 'sometimes' }, 'tool_choice'],
    [{ messages: 'Hi' }, 'messages'],
    [{ messages: [{ role: 'robot', content: '' }] }, 'messages[0].role'],
    [{ messages: [{ role: 'tool', tool_call_id: 'none', content: '' }] }, 'messages[0].tool_call_id'],
    [user([{ type: 'input_audio', input_audio: {} }]), 'messages[0].content[0]'],
    [
      user([{ type: 'image_url', image_url: { url: 'https://elsewhere.example/a.png' } }]),
      'messages[0].content[0].image_url.url',
    ],
  ])('%j', (more, field) => {
    expect(fieldAtFault(() => asked(more))).toBe(field)
  })

  test('and what changes nothing may be there', () => {
    const usual = { n: 1, frequency_penalty: 0, presence_penalty: 0, user: 'u', stream_options: null, stop: null }
    expect(asked(usual)).toEqual(asked({}))
  })
})
