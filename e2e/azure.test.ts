import OpenAI, { AzureOpenAI } from 'openai'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { answering, chatFrames, HELLO_CHAT, saying } from './answers.ts'
import type { EntryRow } from './control-plane.ts'
import { type FakeProvider, type Received, type Script, startFakeProvider } from './fake-provider.ts'
import { type Stage, stage } from './harness.ts'
import { call, CHAT_MODEL, jsonOf, textOf } from './wire.ts'

const PROXY = `
model_list:
  - model_name: chat
    litellm_params: { model: azure/eu-mini, api_base: "PROVIDER", api_version: "2024-10-21" }
    model_info: { base_model: azure/${CHAT_MODEL} }
  - model_name: newer
    litellm_params: { model: azure/v1-mini, api_base: "PROVIDER/openai/v1/", base_model: ${CHAT_MODEL} }
  - model_name: vectors
    litellm_params: { model: azure/eu-vectors, api_base: "PROVIDER", base_model: text-embedding-3-small }
  - model_name: ${CHAT_MODEL}
    litellm_params: { model: openai/${CHAT_MODEL}, api_base: "PROVIDER/v1" }
  - model_name: elsewhere
    litellm_params: { model: openai/${CHAT_MODEL}, api_base: "PROVIDER/v1" }
`
const VERSION = '2025-01-01-preview'
const SECRET = 'az-canary-61c0fe'
/** gpt-4o-mini at Azure: $0.15 and $0.60 per million tokens in and out, $0.075 for cached input. */
const COST = 15 * 150 + 4 * 75 + 10 * 600

let on: Stage
let evil: FakeProvider
beforeAll(async () => {
  // Another base URL than a provider's own would serve any name.
  on = await stage(
    { AZURE_OPENAI_API_KEY: SECRET, OPENAI_BASE_URL: undefined, ANTHROPIC_BASE_URL: undefined },
    { 'proxy.yaml': PROXY },
  )
  evil = await startFakeProvider(answering())
})
afterEach(() => on.provider.forget())
afterAll(async () => {
  await evil.close()
  await on.close()
})

const azure = (apiKey: string, deployment = 'chat') =>
  new AzureOpenAI({ endpoint: on.server.url, apiKey, apiVersion: VERSION, deployment, maxRetries: 0 })
const asked = { model: '', messages: [{ role: 'user' as const, content: 'Say hello.' }], max_tokens: 50 }
const last = (): Received => on.provider.received.at(-1)!

async function entriesOf(userId: string): Promise<EntryRow[]> {
  await on.server.control.idle(userId)
  return (await on.server.control.allEntries(userId)).toReversed()
}

describe('the official Azure client, with only endpoint and key changed', () => {
  test('a plain call: the deployment by its name at Azure, our credential, the version of the client', async () => {
    const { userId, key } = await on.server.control.newUser(10_000)
    const answer = await azure(key).chat.completions.create(asked)
    expect(answer.usage?.total_tokens).toBe(29)
    expect(last().path).toBe(`/openai/deployments/eu-mini/chat/completions?api-version=${VERSION}`)
    expect(last().headers['api-key']).toBe(SECRET)
    expect(last().headers).not.toHaveProperty('authorization')
    const [row] = await entriesOf(userId)
    expect(row).toMatchObject({ provider: 'azure_openai', model: CHAT_MODEL, evidence: 'reported', costNanoUsd: COST })
  })

  test('a stream, with the findings of its filter, without the usage that only we asked for', async () => {
    const { userId, key } = await on.server.control.newUser(10_000)
    const findings = { choices: [], created: 0, id: '', model: '', object: '', prompt_filter_results: [] }
    on.provider.next(({ received, response }) => {
      const frames = chatFrames(HELLO_CHAT, CHAT_MODEL, received.json?.stream_options !== undefined)
      response.writeHead(200, { 'content-type': 'text/event-stream' })
      response.end(`data: ${JSON.stringify({ ...findings, usage: null })}\n\n${Buffer.concat(frames).toString()}`)
    })
    let text = ''
    for await (const chunk of await azure(key).chat.completions.create({ ...asked, stream: true })) {
      expect(chunk).not.toHaveProperty('usage')
      text += chunk.choices[0]?.delta.content ?? ''
    }
    expect(text).toBe('Hello, wörld 👋')
    expect(last().json?.stream_options).toEqual({ include_usage: true })
    expect(await entriesOf(userId)).toMatchObject([{ evidence: 'reported', totalTokens: 29, costNanoUsd: COST }])
  })

  test('embeddings', async () => {
    const { userId, key } = await on.server.control.newUser(10_000)
    const vector = { object: 'embedding', index: 0, embedding: [0.5, -0.5] }
    const answer = { object: 'list', data: [vector], model: 'm', usage: { prompt_tokens: 8, total_tokens: 8 } }
    on.provider.next(saying(200, { 'content-type': 'application/json' }, JSON.stringify(answer)))
    const input = { model: '', input: 'Say hello.', encoding_format: 'float' as const }
    const made = await azure(key, 'vectors').embeddings.create(input)
    expect(made.data[0]?.embedding).toEqual([0.5, -0.5])
    expect(last().path).toBe(`/openai/deployments/eu-vectors/embeddings?api-version=${VERSION}`)
    expect(await entriesOf(userId)).toMatchObject([
      { model: 'text-embedding-3-small', inputTokens: 8, costNanoUsd: 8 * 20 },
    ])
  })

  test('Responses, which have no deployment in their path', async () => {
    const { userId, key } = await on.server.control.newUser(10_000)
    const usage = { input_tokens: 19, output_tokens: 10, total_tokens: 29 }
    const body = { id: 'resp_1', object: 'response', status: 'completed', model: CHAT_MODEL, output: [], usage }
    on.provider.next(saying(200, { 'content-type': 'application/json' }, JSON.stringify(body)))
    await azure(key).responses.create({ model: 'chat', input: 'Say hello.', max_output_tokens: 50 })
    expect(last()).toMatchObject({ path: `/openai/responses?api-version=${VERSION}`, json: { model: 'eu-mini' } })
    expect(await entriesOf(userId)).toMatchObject([{ model: CHAT_MODEL, totalTokens: 29, evidence: 'reported' }])
  })

  test('a refusal of the filter is the client’s own exception, and costs nothing', async () => {
    const { userId, key } = await on.server.control.newUser(10_000)
    const error = { message: 'Filtered.', type: null, param: 'prompt', code: 'content_filter', status: 400 }
    on.provider.next(saying(400, { 'content-type': 'application/json' }, JSON.stringify({ error })))
    const refused = await azure(key)
      .chat.completions.create(asked)
      .catch((thrown: unknown) => thrown)
    expect(refused).toBeInstanceOf(OpenAI.BadRequestError)
    expect(refused).toMatchObject({ code: 'content_filter' })
    expect(await entriesOf(userId)).toMatchObject([{ outcome: 'voided', totalTokens: 0 }])
  })

  test('a wrong key, an unknown deployment, a limit that is reached: refused before anything is sent', async () => {
    const { key } = await on.server.control.newUser(0)
    const create = (apiKey: string, deployment?: string) => azure(apiKey, deployment).chat.completions.create(asked)
    await expect(create('tt_wrong')).rejects.toBeInstanceOf(OpenAI.AuthenticationError)
    const unknown = await create(key, 'nobody').catch((thrown: unknown) => thrown)
    expect(unknown).toBeInstanceOf(OpenAI.NotFoundError)
    expect((unknown as Error).message).toContain('vectors')
    await expect(create(key)).rejects.toBeInstanceOf(OpenAI.RateLimitError)
    expect(on.provider.received).toHaveLength(0)
  })

  test('a deployment may be of any provider: the name decides', async () => {
    const { key } = await on.server.control.newUser(null)
    await azure(key, 'elsewhere').chat.completions.create(asked)
    expect(last()).toMatchObject({ path: '/v1/chat/completions', json: { ...asked, model: CHAT_MODEL } })
    // Where the host reads the body, the body says what the path says, whatever a client wrote there.
    const path = `/openai/deployments/${CHAT_MODEL}/chat/completions`
    for (const body of [{ messages: asked.messages }, { messages: asked.messages, model: 'gpt-5-pro' }]) {
      expect((await call(on.server.url, path, key, body)).status).toBe(200)
      expect(last().json).toEqual({ messages: asked.messages, model: CHAT_MODEL })
    }
    const names: string[] = []
    for await (const { id } of azure(key).models.list()) names.push(id)
    expect(names).toEqual(expect.arrayContaining(['chat', 'vectors', 'sim-small']))
  })
})

test('the v1 API, by the usual client: the deployment stands in the body, and there is no version', async () => {
  const { userId, key } = await on.server.control.newUser(10_000)
  const client = new OpenAI({ apiKey: key, baseURL: `${on.server.url}/openai/v1`, maxRetries: 0 })
  await client.chat.completions.create({ ...asked, model: 'newer' })
  expect(last()).toMatchObject({ path: '/openai/v1/chat/completions', json: { model: 'v1-mini' } })
  expect(await entriesOf(userId)).toMatchObject([{ provider: 'azure_openai', model: CHAT_MODEL }])
})

test('calls of our own address go to Azure as well, at the configured version', async () => {
  const { key } = await on.server.control.newUser(10_000)
  await call(on.server.url, '/v1/chat/completions', key, { ...asked, model: 'chat' })
  expect(last()).toMatchObject({ path: '/openai/deployments/eu-mini/chat/completions?api-version=2024-10-21' })
})

describe('a version that refuses to be asked for usage in a stream', () => {
  const words = { error: { message: 'Unrecognized request argument supplied: stream_options', code: null } }
  const refusing: Script = (exchange) =>
    exchange.received.json?.stream_options === undefined
      ? answering()(exchange)
      : saying(400, { 'content-type': 'application/json' }, JSON.stringify(words))(exchange)
  const path = (version: string) => `/openai/deployments/chat/chat/completions?api-version=${version}`
  const streamed = { ...asked, stream: true }
  const wasAsked = () => on.provider.received.map(({ json }) => json?.stream_options !== undefined)

  test('is asked again without, and not asked so any more; the attempt that counts is estimated', async () => {
    on.provider.always(refusing)
    const { userId, key } = await on.server.control.newUser(10_000)
    const first = await call(on.server.url, path('2023-05-15'), key, streamed)
    expect(first.status).toBe(200)
    expect(textOf(first)).toBe(
      Buffer.concat(chatFrames(HELLO_CHAT, CHAT_MODEL, false))
        .toString()
        .replaceAll(CHAT_MODEL, String(last().json?.model)),
    )
    const [refused, answered] = await entriesOf(userId)
    expect(refused).toMatchObject({ attempt: 1, outcome: 'voided', httpStatus: 400, totalTokens: 0 })
    expect(answered).toMatchObject({ attempt: 2, outcome: 'completed', evidence: 'estimated', callId: refused!.callId })
    expect(answered!.outputTokens).toBeGreaterThan(0)
    await call(on.server.url, path('2023-05-15'), key, streamed)
    expect(wasAsked()).toEqual([true, false, false])
    // Another version of the same deployment may take it.
    await call(on.server.url, path('2023-06-01-preview'), key, streamed)
    expect(wasAsked()).toEqual([true, false, false, true, false])
  })

  test('is told on where the client asked for usage itself, or where it refuses the call without as well', async () => {
    on.provider.always(refusing)
    const { userId, key } = await on.server.control.newUser(10_000)
    const asking = { ...streamed, stream_options: { include_usage: true } }
    const told = await call(on.server.url, path('2023-07-01-preview'), key, asking)
    expect([told.status, jsonOf(told)]).toEqual([400, words])
    on.provider.always(saying(400, { 'content-type': 'application/json' }, JSON.stringify(words)))
    expect((await call(on.server.url, path('2023-07-01-preview'), key, streamed)).status).toBe(400)
    on.provider.always(answering())
    await call(on.server.url, path('2023-07-01-preview'), key, streamed)
    expect(wasAsked()).toEqual([true, true, false, true])
    expect((await entriesOf(userId)).map(({ outcome }) => outcome)).toEqual([...Array(3).fill('voided'), 'completed'])
  })
})

test('S20: nothing that a client sends chooses the host, and a key that it brings for Azure stays here', async () => {
  const { key } = await on.server.control.newUser(10_000)
  const headers = {
    ...{ 'x-azure-endpoint': evil.url, 'azure-endpoint': evil.url, 'api-base': evil.url, 'x-ms-host': evil.url },
    ...{ 'x-azure-custom-host': evil.url, 'openai-base-url': evil.url, 'x-forwarded-host': evil.url },
  }
  const fields = { azure_endpoint: evil.url, api_base: evil.url, base_url: evil.url, endpoint: evil.url }
  const query = `api-version=${VERSION}&azure_endpoint=${evil.url}&api_base=${evil.url}&api-key=az-client`
  const path = `/openai/deployments/chat/chat/completions?${query}`
  const answer = await call(on.server.url, path, key, { ...asked, ...fields }, { headers })
  expect(answer.status).toBe(200)
  expect(last().path).toBe(`/openai/deployments/eu-mini/chat/completions?api-version=${VERSION}`)
  for (const name of Object.keys(headers)) expect(last().headers).not.toHaveProperty(name)
  expect(evil.connections()).toBe(0)
  const dots = await call(on.server.url, `/openai/deployments/..%2F..%2Fchat/chat/completions`, key, asked)
  expect(dots.status).toBe(404)
})
