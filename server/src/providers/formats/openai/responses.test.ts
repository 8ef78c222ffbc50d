import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { bound, UNASKED_TIERS } from '../../../core/bound.ts'
import { parseRequestBody } from '../../../core/request-body.ts'
import { recorded, replay } from '../../conformance/replay.ts'
import { fieldAtFault, NO_POSITIVE_INTEGERS } from '../bad-fields.test.fixture.ts'
import { openaiResponses } from './responses.ts'

const parsed = (fields: object) => parseRequestBody(JSON.stringify({ model: 'gpt-4o', input: 'Hi', ...fields }))
const demandOf = (fields: object, compacts?: true) =>
  openaiResponses.demand(parsed(fields), { query: '', ...(compacts && { compacts }) })
const refusedFor = (fields: object) => fieldAtFault(() => demandOf(fields))

describe('what a request asks', () => {
  test('Q07: an output ceiling that is absent or null is none; one that is no positive integer is refused by name', () => {
    expect(demandOf({}).maxOutputTokens).toBeUndefined()
    expect(demandOf({ max_output_tokens: null }).maxOutputTokens).toBeUndefined()
    expect(demandOf({ max_output_tokens: 1e12 }).maxOutputTokens).toBe(1e12)
    for (const value of NO_POSITIVE_INTEGERS) expect(refusedFor({ max_output_tokens: value })).toBe('max_output_tokens')
  })

  test('fields that decide identity, limits or prices are refused where they are not what they must be', () => {
    for (const model of [undefined, null, '', 7, 'a\u0000b', ' gpt']) expect(refusedFor({ model })).toBe('model')
    for (const input of [7, true, {}]) expect(refusedFor({ input })).toBe('input')
    expect(refusedFor({ input: [{ role: 'user', content: 'Hi' }, 'Hi'] })).toBe('input[1]')
    expect(refusedFor({ stream: 'yes' })).toBe('stream')
    expect(refusedFor({ stream_options: [] })).toBe('stream_options')
    expect(refusedFor({ tools: {} })).toBe('tools')
    expect(refusedFor({ context_management: {} })).toBe('context_management')
    for (const service_tier of [7, {}, 'a'.repeat(65)]) expect(refusedFor({ service_tier })).toBe('service_tier')
    for (const nothing of [{}, { input: null }, { background: false }, { tools: null, stream: null }])
      expect(refusedFor(nothing)).toBe('none')
  })

  test('a response in the background is refused by name: what it uses would be known after the call', () => {
    expect(refusedFor({ background: true })).toBe('background')
    expect(refusedFor({ background: 'true' })).toBe('background')
  })

  test('what is stored at the provider, and what is no text, may fill the context', () => {
    expect(demandOf({ previous_response_id: 'resp_1' }).references).toEqual(['previous_response_id'])
    expect(demandOf({ conversation: { id: 'conv_1' } }).references).toEqual(['conversation'])
    const input = [
      {
        role: 'user',
        content: [
          { type: 'input_text', text: 'a' },
          { type: 'input_image', image_url: 'data:,' },
        ],
      },
      { type: 'function_call_output', call_id: 'c', output: 'plain' },
      { type: 'function_call_output', call_id: 'c', output: [{ type: 'input_file', file_id: 'file_1' }] },
      { type: 'item_reference', id: 'msg_1' },
      { id: 'msg_2' },
      { type: 'reasoning', id: 'rs_1', summary: [{ type: 'summary_text', text: 'b' }], encrypted_content: 'gAAA' },
      { type: 'compaction', encrypted_content: 'gAAA' },
      { type: 'computer_call_output', call_id: 'c', output: { type: 'computer_screenshot', image_url: 'data:,' } },
      { type: 'shell_call_output', call_id: 'c', output: [{ stdout: 'x', stderr: '', outcome: { type: 'exit' } }] },
      { role: 'assistant', content: { type: 'text' } },
      { type: 'not_yet_known' },
      { type: 'reasoning', id: 'rs_1', summary: [] },
      { type: 'reasoning', id: 'rs_1', summary: [], encrypted_content: null },
    ]
    expect(demandOf({ input }).references).toEqual([
      'input[0].content[1]',
      'input[2].output[0]',
      'input[3]',
      'input[4]',
      'input[6]',
      'input[7]',
      'input[9].content',
      'input[10]',
      'input[11]',
      'input[12]',
    ])
  })

  test('hosted tools, stored prompts and compactions inside a call are bounded by nothing', () => {
    const client = ['function', 'custom', 'local_shell', 'apply_patch', 'computer'].map((type) => ({ type }))
    const tools = [
      ...client,
      { type: 'shell', environment: { type: 'local' } },
      { type: 'namespace', name: 'crm', tools: [{ type: 'function', name: 'f' }] },
    ]
    expect(demandOf({ tools }).unboundedParts).toEqual([])
    const hosted = ['web_search', 'web_search_preview', 'file_search', 'code_interpreter', 'mcp', 'image_generation']
    for (const type of [...hosted, 'tool_search', 'programmatic_tool_calling', 'shell', 'not_yet_known', undefined])
      expect(demandOf({ tools: [{ type: 'function' }, { type }] }).unboundedParts).toEqual(['tools[1]'])
    const smuggled = { type: 'namespace', name: 'crm', tools: [{ type: 'web_search' }] }
    expect(demandOf({ tools: [smuggled] }).unboundedParts).toEqual(['tools[0]'])
    const input = [
      { type: 'additional_tools', role: 'developer', tools: [{ type: 'mcp' }] },
      { type: 'compaction_trigger' },
    ]
    expect(demandOf({ input }).unboundedParts).toEqual(['input[0].tools[0]', 'input[1]'])
    expect(demandOf({ prompt: { id: 'pmpt_1' } }).unboundedParts).toEqual(['prompt'])
    expect(demandOf({ context_management: [{ type: 'compaction' }] }).unboundedParts).toEqual(['context_management'])
    expect(demandOf({ model: 'openai/gpt-4o:online', models: ['x'] }).unboundedParts).toEqual(['models', 'model'])
  })

  test('tools that the provider describes itself have hidden tokens', () => {
    const hidden = (type: string) => demandOf({ tools: [{ type }] }).hiddenInputTokens
    expect(hidden('computer')).toBeGreaterThan(hidden('function') + 1000)
  })

  test('the tiers at which it may be served are those that it names, or those of the account', () => {
    const tiers = (service_tier?: unknown) => demandOf({ service_tier }).serviceTiers
    expect(tiers('constructor')).toEqual({ asked: ['constructor'], possible: [] })
    for (const open of [undefined, null, 'auto']) expect(tiers(open)).toEqual({ asked: [], possible: UNASKED_TIERS })
    for (const usual of ['default', 'on_demand']) expect(tiers(usual)).toEqual({ asked: [], possible: [] })
    expect(tiers('flex')).toEqual({ asked: ['flex'], possible: [] })
    for (const fast of ['fast', 'priority']) expect(tiers(fast)).toEqual({ asked: ['priority'], possible: [] })
  })

  test('a compaction takes no ceiling, so that its output is bounded by the model and never cut', () => {
    const compaction = bound(demandOf({ max_output_tokens: 5 }, true), { outputTokens: 100 })
    expect(compaction).toMatchObject({ outputTokens: 100, leastOutputTokens: 100 })
  })
})

test('edits touch nothing but what they are for, and usage is never asked for', () => {
  const text = ' {"model" : "a" ,\n "input":"\\u00e9", "max_output_tokens":\t100 } '
  const edited = (edits: object) => openaiResponses.edit(parseRequestBody(text), edits).toString()
  expect(edited({})).toBe(text)
  expect(edited({ includeUsage: true, outputCapField: 'max_tokens' })).toBe(text)
  expect(edited({ model: 'b', maxOutputTokens: 7 })).toBe(text.replace('"a"', '"b"').replace('100', '7'))
  const none = openaiResponses.edit(parsed({}), { maxOutputTokens: 7 }).toString()
  expect(JSON.parse(none)).toEqual({ model: 'gpt-4o', input: 'Hi', max_output_tokens: 7 })
  expect(openaiResponses.reportsUsageUnasked(parsed({ stream: true }))).toBe(true)
})

test('the input text has everything that a model reads', () => {
  const text = openaiResponses.inputText(
    parsed({
      instructions: 'one',
      input: [
        { role: 'system', content: 'two' },
        { role: 'user', content: [{ type: 'input_text', text: 'three' }] },
        { type: 'function_call', name: 'four', arguments: '{"five":1}' },
        { type: 'function_call_output', call_id: 'six', output: 'seven' },
      ],
      tools: [{ type: 'function', name: 'eight', parameters: { description: 'nine' } }],
      text: { format: { type: 'json_schema', name: 'ten' } },
    }),
  )
  for (const word of ['one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine', 'ten', 'system'])
    expect(text).toContain(word)
  expect(openaiResponses.inputText(parsed({ input: 'alone' }))).toBe('alone')
})

test('a count is asked for what the call would read, and nothing else', () => {
  const body = parsed({
    instructions: 'one',
    previous_response_id: 'resp_1',
    stream: true,
    max_output_tokens: 5,
    metadata: {},
  })
  expect(openaiResponses.counting!.request(body, 'upstream')).toEqual({
    model: 'upstream',
    input: 'Hi',
    instructions: 'one',
    previous_response_id: 'resp_1',
  })
  expect(openaiResponses.counting!.inputTokens({ object: 'response.input_tokens', input_tokens: 7 })).toBe(7)
  expect(openaiResponses.counting!.inputTokens(null)).toBeUndefined()
})

test('a tool that ran before the stream broke off is not forgotten, and its tokens are not 0', () => {
  const recording = recorded('openai-responses/stream-web-search')
  const events = recording.response.body!.split('\n\n')
  const { reading } = replay(recording, [Buffer.from(`${events.slice(0, -2).join('\n\n')}\n\n`)])
  expect(reading).toMatchObject({ finished: false, usage: { buckets: {}, toolCalls: { web_search: 1 } } })
})

test('an error event is kept back and not the end, since the failed response after it may tell what was used', () => {
  const meter = openaiResponses.meter({ headers: {}, stream: true, stripUsage: false })
  const verdictOf = (data: string) => meter.frame({ raw: Buffer.from(data), event: '', data })
  expect(verdictOf('{"type":"error","error":{"code":"rate_limit_exceeded"}}')).toBe('keep')
  const usage = { input_tokens: 9, output_tokens: 0, total_tokens: 9 }
  expect(verdictOf(JSON.stringify({ type: 'response.failed', response: { status: 'failed', usage } }))).toBe('hold')
  expect(meter.reading()).toMatchObject({ finished: true, failed: true, usage: { buckets: { inUncached: 9 } } })
})

test('no event, however wrong, makes a meter throw or a stream stop', () => {
  const piece = fc.oneof(
    fc.json(),
    fc.constantFrom('[DONE]', '', '{', '[]', '{"type":7}', '{"response":7}', '{"type":"response.completed"}'),
    fc.constantFrom(
      '{"response":{"usage":[],"output":{}}}',
      '{"response":{"usage":{"input_tokens":"9"},"output":[null,{"type":"web_search_call","action":7}],"tools":7}}',
      '{"response":{"tool_usage":{"image_gen":{"total_tokens":9},"web_search":7}}}',
      '{"type":"x.delta","delta":{}}',
    ),
  )
  fc.assert(
    fc.property(fc.array(piece), fc.boolean(), (pieces, stream) => {
      const meter = openaiResponses.meter({ headers: {}, stream, stripUsage: false })
      for (const data of pieces) meter.frame({ raw: Buffer.from(`data: ${data}\n\n`), event: '', data })
      expect(() => meter.reading()).not.toThrow()
    }),
  )
})
