import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { bound } from '../../core/bound.ts'
import { parseRequestBody } from '../../core/request-body.ts'
import { totalTokens } from '../../core/usage.ts'
import { FORMATS } from '../formats/all.ts'
import { jsonBodyFraming } from '../framing/json-body.ts'
import { sseFraming } from '../framing/sse.ts'
import { exactInputTokens } from '../tokenizer.ts'
import { type Simulator, startSimulator } from './simulator.ts'

let simulator: Simulator
beforeAll(async () => {
  simulator = await startSimulator({ latencyFactor: 0 })
})
afterAll(() => simulator.close())

const PATHS = { 'openai-chat': '/chat/completions', 'anthropic-messages': '/messages' } as const
type Name = keyof typeof PATHS

async function ask(name: Name, request: object) {
  const response = await fetch(simulator.baseUrl + PATHS[name], { method: 'POST', body: JSON.stringify(request) })
  const bytes = Buffer.from(await response.arrayBuffer())
  const stream = response.headers.get('content-type')?.startsWith('text/event-stream') ?? false
  const framing = stream ? sseFraming() : jsonBodyFraming()
  const meter = FORMATS[name].meter({ headers: {}, stream, stripUsage: false })
  for (const piece of [...framing.push(bytes), ...framing.end()]) if (piece.kind === 'frame') meter.frame(piece.frame)
  return { status: response.status, stream, text: bytes.toString(), reading: meter.reading() }
}

const WEATHER = {
  type: 'object',
  properties: { city: { type: 'string' }, days: { type: 'integer' } },
  required: ['city'],
}
const user = (content: string) => [{ role: 'user', content }]

describe.each(Object.keys(PATHS) as Name[])('%s', (name) => {
  const ceiling = { max_tokens: 400 }

  test('answers alike, plain and streamed, with the same usage, and says that it is simulated', async () => {
    const request = { model: 'sim-small', ...ceiling, messages: user('Hello 🙂') }
    const plain = await ask(name, request)
    const streamed = await ask(name, { ...request, stream: true, stream_options: { include_usage: true } })
    expect(plain.reading).toMatchObject({ finished: true, failed: false, servedModel: 'sim-small' })
    expect(plain.reading.outputText).toContain('simulated')
    expect(streamed.stream).toBe(true)
    expect(streamed.reading.outputText).toBe(plain.reading.outputText)
    expect(totalTokens(streamed.reading.usage!)).toBe(totalTokens(plain.reading.usage!))
  })

  test('never uses more than the bound, by bytes or exact, and keeps to the ceiling', async () => {
    const tools =
      name === 'openai-chat'
        ? [{ type: 'function', function: { name: 'get_weather', parameters: WEATHER } }]
        : [{ name: 'get_weather', input_schema: WEATHER }]
    const contents = ['Hi', 'Please get weather', 'Ein längerer Text, “quoted”. '.repeat(40), '漢字かな🙂'.repeat(30)]
    for (const content of contents)
      for (const max_tokens of [1, 20, 400]) {
        const request = { model: 'sim-thinking', max_tokens, tools, messages: user(content) }
        const body = parseRequestBody(JSON.stringify(request))
        const exact = await exactInputTokens(FORMATS[name], body, { upstreamModel: 'sim-thinking' })
        const most = bound(FORMATS[name].demand(body, { query: '' }), {}, exact)
        const { reading } = await ask(name, request)
        expect(totalTokens(reading.usage!)).toBeLessThanOrEqual(
          most.kind === 'bounded' ? most.inputTokens + most.outputTokens : 0,
        )
        expect((reading.usage!.buckets.outText ?? 0) + (reading.usage!.buckets.outReasoning ?? 0)).toBeLessThanOrEqual(
          max_tokens,
        )
      }
  })

  test('calls the tool that the last message names, with arguments that fit its schema', async () => {
    const tools =
      name === 'openai-chat'
        ? [{ type: 'function', function: { name: 'get_weather', parameters: WEATHER } }]
        : [{ name: 'get_weather', input_schema: WEATHER }]
    const request = { model: 'sim-large', ...ceiling, tools, messages: user('Use get_weather for Rome') }
    for (const stream of [false, true]) {
      const { text } = await ask(name, { ...request, stream })
      expect(text).toMatch(name === 'openai-chat' ? /"finish_reason":"tool_calls"/ : /"stop_reason":"tool_use"/)
      expect(text).toContain('example')
    }
    const { text } = await ask(name, { ...request, messages: user('Hello') })
    expect(text).not.toContain('example city')
  })

  test('refuses bad input in the shape of the provider', async () => {
    const wrong = await ask(name, { model: 'sim-small', max_tokens: -1, messages: [] })
    expect(wrong.status).toBe(400)
    expect(JSON.parse(wrong.text)).toMatchObject({ error: { type: 'invalid_request_error', code: 'invalid_field' } })
    const unknown = await ask(name, { model: 'gpt-4o', ...ceiling, messages: [] })
    expect(unknown.status).toBe(404)
    const long = await ask(name, { model: 'sim-small', ...ceiling, messages: user('word '.repeat(20_000)) })
    expect(long.status).toBe(400)
  })
})

test('usage is in an OpenAI stream only where it was asked for', async () => {
  const request = { model: 'sim-small', stream: true, messages: user('Hi') }
  expect((await ask('openai-chat', request)).text).not.toContain('"usage"')
  const asked = await ask('openai-chat', { ...request, stream_options: { include_usage: true } })
  expect(asked.text.match(/"usage":null/g)?.length).toBe(asked.text.match(/^data: \{/gm)!.length - 1)
})

test('thinking is counted as reasoning, and shown where Anthropic shows it', async () => {
  const chat = await ask('openai-chat', { model: 'sim-thinking', messages: user('Why?') })
  expect(chat.reading.usage!.buckets.outReasoning).toBeGreaterThan(0)
  const thinking = { type: 'enabled', budget_tokens: 12 }
  const request = { model: 'sim-thinking', max_tokens: 300, thinking, stream: true, messages: user('Why?') }
  const messages = await ask('anthropic-messages', request)
  expect(messages.reading.usage!.buckets.outReasoning).toBe(12)
  expect(messages.text).toContain('thinking_delta')
})

test('a beginning that repeats is cached, and the whole stays the whole', async () => {
  const system = { role: 'system', content: `Rules ${Math.PI}: be kind, and count well. `.repeat(20) }
  const one = await ask('openai-chat', { model: 'sim-small', messages: [system, ...user('First?')] })
  const two = await ask('openai-chat', { model: 'sim-small', messages: [system, ...user('Again!')] })
  expect(one.reading.usage!.buckets.inCacheRead).toBe(0)
  expect(two.reading.usage!.buckets.inCacheRead).toBeGreaterThanOrEqual(64)
  expect(totalTokens(two.reading.usage!)).toBe(two.reading.reportedTotal)
})

test('a client that leaves ends its answer, and close() ends everything', async () => {
  const slow = await startSimulator({ latencyFactor: 100 })
  const leaving = new AbortController()
  const body = JSON.stringify({ model: 'sim-small', stream: true, messages: user('Hi') })
  const left = fetch(`${slow.baseUrl}/chat/completions`, { method: 'POST', body, signal: leaving.signal })
  leaving.abort()
  await expect(left).rejects.toThrow()
  const cut = fetch(`${slow.baseUrl}/chat/completions`, { method: 'POST', body })
  cut.catch(() => {})
  await slow.close()
  await expect(cut).rejects.toThrow()
})
