import { afterAll, beforeAll, expect, test } from 'vitest'
import { bound } from '../../core/bound.ts'
import { parseRequestBody } from '../../core/request-body.ts'
import { totalTokens } from '../../core/usage.ts'
import { openaiResponses } from '../formats/openai/responses.ts'
import { framingOf } from '../framing/all.ts'
import { exactInputTokens } from '../tokenizer.ts'
import { type Simulator, startSimulator } from './simulator.ts'

let simulator: Simulator
beforeAll(async () => {
  simulator = await startSimulator({ latencyFactor: 0 })
})
afterAll(() => simulator.close())

async function ask(request: object) {
  const response = await fetch(`${simulator.baseUrl}/responses`, { method: 'POST', body: JSON.stringify(request) })
  const bytes = Buffer.from(await response.arrayBuffer())
  const { framing, stream } = framingOf(response.headers.get('content-type') ?? '', false)
  const meter = openaiResponses.meter({ headers: {}, stream, stripUsage: false })
  for (const piece of [...framing.push(bytes), ...framing.end()]) if (piece.kind === 'frame') meter.frame(piece.frame)
  return { status: response.status, stream, text: bytes.toString(), reading: meter.reading() }
}

const WEATHER = { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] }
const tools = [{ type: 'function', name: 'get_weather', parameters: WEATHER }]

test.each(['sim-small', 'sim-thinking'])('%s answers alike, plain and streamed, with the same usage', async (model) => {
  const request = { model, instructions: 'Be kind.', input: 'Hello 🙂', max_output_tokens: 400 }
  const plain = await ask(request)
  const streamed = await ask({ ...request, stream: true })
  expect(plain.reading).toMatchObject({ finished: true, failed: false, servedModel: model })
  expect(plain.reading.outputText).toContain('simulated')
  expect(streamed.stream).toBe(true)
  expect(streamed.reading.outputText).toBe(plain.reading.outputText)
  expect(totalTokens(streamed.reading.usage!)).toBe(totalTokens(plain.reading.usage!))
  expect(totalTokens(plain.reading.usage!)).toBe(plain.reading.reportedTotal)
  expect(plain.reading.usage!.buckets.outReasoning! > 0).toBe(model === 'sim-thinking')
})

test('it never uses more than the bound, by bytes or exact, keeps to the ceiling, and says where that cut it', async () => {
  for (const input of ['Hi', 'Please get weather', [{ role: 'user', content: '漢字かな🙂'.repeat(30) }]])
    for (const max_output_tokens of [1, 20, 400]) {
      const request = { model: 'sim-thinking', max_output_tokens, tools, input }
      const body = parseRequestBody(JSON.stringify(request))
      const exact = await exactInputTokens(openaiResponses, body, { upstreamModel: 'sim-thinking' })
      const most = bound(openaiResponses.demand(body, { query: '' }), {}, exact)
      const { text, reading } = await ask(request)
      const { outText = 0, outReasoning = 0 } = reading.usage!.buckets
      expect(most.kind === 'bounded' && most.inputTokens + most.outputTokens).toBeGreaterThanOrEqual(
        totalTokens(reading.usage!)!,
      )
      expect(outText + outReasoning).toBeLessThanOrEqual(max_output_tokens)
      if (max_output_tokens === 1) expect(text).toContain('"reason":"max_output_tokens"')
    }
})

test('it calls the tool that is named, with arguments that fit its schema, and answers what the tool said', async () => {
  const input = [{ role: 'user', content: [{ type: 'input_text', text: 'Use get_weather for Rome' }] }]
  for (const stream of [false, true])
    expect((await ask({ model: 'sim-large', input, tools, stream })).reading.outputText).toBe(
      'get_weather{"city":"example city"}',
    )
  const after = [...input, { type: 'function_call_output', call_id: 'call_1', output: 'Sunny.' }]
  expect((await ask({ model: 'sim-large', input: after, tools })).reading.outputText).toContain('simulated')
})

test('it refuses what it cannot do in the shape of OpenAI', async () => {
  const stored = await ask({ model: 'sim-small', input: 'Hi', previous_response_id: 'resp_1' })
  expect(stored.status).toBe(400)
  expect(JSON.parse(stored.text).error).toMatchObject({ param: 'previous_response_id', code: 'invalid_field' })
  expect((await ask({ model: 'gpt-4o', input: 'Hi' })).status).toBe(404)
})
