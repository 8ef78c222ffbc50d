import {
  AccessDeniedException,
  BedrockRuntimeClient,
  BedrockRuntimeServiceException,
  ConverseCommand,
  ConverseStreamCommand,
  CountTokensCommand,
  InvokeModelCommand,
  InvokeModelWithResponseStreamCommand,
  ModelStreamErrorException,
  ResourceNotFoundException,
  ThrottlingException,
  ValidationException,
} from '@aws-sdk/client-bedrock-runtime'
import { request } from 'undici'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { saying } from './answers.ts'
import { AWS_KEYS, bedrockAnswering, bedrockBytes, exception, holdingBedrockAfter, PIECES } from './bedrock-answers.ts'
import type { EntryRow } from './control-plane.ts'
import { type FakeProvider, startFakeProvider } from './fake-provider.ts'
import { type Stage, stage } from './harness.ts'
import { call, jsonOf, textOf } from './wire.ts'

const CLAUDE = 'us.anthropic.claude-haiku-4-5-20251001-v1:0'
const LLAMA = 'us.meta.llama4-scout-17b-instruct-v1:0'
const PROXY = `
model_list:
  - model_name: quick
    litellm_params: { model: bedrock/${CLAUDE}, aws_region_name: ${AWS_KEYS.AWS_REGION} }
  - model_name: hidden-llama
    litellm_params: { model: bedrock/${LLAMA} }
`
let on: Stage
let evil: FakeProvider
beforeAll(async () => {
  on = await stage({ ...AWS_KEYS, BEDROCK_BASE_URL: 'PROVIDER', LOG_LEVEL: 'debug' }, { 'proxy.yaml': PROXY })
  on.provider.always(bedrockAnswering())
  evil = await startFakeProvider(saying(200, {}, ''))
})
afterEach(() => {
  on.provider.forget()
  on.provider.always(bedrockAnswering())
})
afterAll(async () => {
  await evil.close()
  await on.close()
})

const HELLO = PIECES.join('')
/** Claude Haiku 4.5 in a region: $1.10 and $5.50 per million tokens in and out, $0.11 for cached input. */
const CONVERSE_ENTRY = {
  buckets: { inUncached: 12, inCacheRead: 500, outText: 9 },
  costNanoUsd: 12 * 1100 + 500 * 110 + 9 * 5500,
}
const CLAUDE_ENTRY = { buckets: { inUncached: 12, outText: 9 }, costNanoUsd: 12 * 1100 + 9 * 5500 }
/** Llama 4 Scout: $0.17 and $0.66. */
const LLAMA_ENTRY = { buckets: { inUncached: 12, outText: 9 }, costNanoUsd: 12 * 170 + 9 * 660 }

async function onlyEntry(userId: string): Promise<EntryRow> {
  const entries = await on.server.control.allEntries(userId)
  expect(entries).toHaveLength(1)
  return entries[0] as EntryRow
}
async function expectOnlyEntry(userId: string, expected: { buckets: object; costNanoUsd: number }) {
  const row = await onlyEntry(userId)
  expect(row).toMatchObject({ provider: 'bedrock', outcome: 'completed', evidence: 'reported', ending: 'settled' })
  const detail = await on.server.control.entry(row.id)
  expect(detail.buckets).toEqual(expected.buckets)
  expect(detail.costNanoUsd).toBe(expected.costNanoUsd)
}

/** The official client: endpoint and key, and HTTP/1.1, which it speaks with every other service of AWS too. */
const bedrock = (key: string, url = on.server.url) =>
  new BedrockRuntimeClient({
    region: 'us-east-1',
    endpoint: url,
    token: { token: key },
    authSchemePreference: ['httpBearerAuth'],
    maxAttempts: 1,
  })
const asked = {
  modelId: CLAUDE,
  messages: [{ role: 'user' as const, content: [{ text: 'Say hello.' }] }],
  inferenceConfig: { maxTokens: 50 },
}
const claudeBody = {
  anthropic_version: 'bedrock-2023-05-31',
  max_tokens: 50,
  messages: [{ role: 'user', content: 'Say hello.' }],
}
const llamaBody = { prompt: 'Say hello.', max_gen_len: 50 }
const invoking = (modelId: string, body: object) => ({
  modelId,
  contentType: 'application/json',
  body: JSON.stringify(body),
})
const pathOf = (action: string, model = CLAUDE) => `/model/${encodeURIComponent(model)}/${action}`
const converseBody = { messages: asked.messages, inferenceConfig: asked.inferenceConfig }

describe('the official AWS client, with endpoint and key changed', () => {
  test('Converse', async () => {
    const { userId, key } = await on.server.control.newUser(10_000)
    const answer = await bedrock(key).send(new ConverseCommand(asked))
    expect(answer.output?.message?.content).toEqual([{ text: HELLO }])
    expect(answer.usage).toMatchObject({ inputTokens: 12, cacheReadInputTokens: 500, totalTokens: 521 })
    await expectOnlyEntry(userId, CONVERSE_ENTRY)
    expect(on.provider.received[0]?.path).toBe('/model/us.anthropic.claude-haiku-4-5-20251001-v1%3A0/converse')
  })
  test('ConverseStream', async () => {
    const { userId, key } = await on.server.control.newUser(10_000)
    let text = ''
    let total: number | undefined
    const { stream } = await bedrock(key).send(new ConverseStreamCommand(asked))
    for await (const event of stream ?? []) {
      text += event.contentBlockDelta?.delta?.text ?? ''
      total = event.metadata?.usage?.totalTokens ?? total
    }
    expect({ text, total }).toEqual({ text: HELLO, total: 521 })
    await expectOnlyEntry(userId, CONVERSE_ENTRY)
  })
  test.each([
    ['Claude', CLAUDE, claudeBody, CLAUDE_ENTRY],
    ['another maker', LLAMA, llamaBody, LLAMA_ENTRY],
  ])('InvokeModel, of %s', async (_name, model, body, entry) => {
    const { userId, key } = await on.server.control.newUser(10_000)
    const answer = await bedrock(key).send(new InvokeModelCommand(invoking(model, body)))
    expect(Buffer.from(answer.body).toString()).toContain(HELLO)
    await expectOnlyEntry(userId, entry)
    expect(on.provider.received[0]?.json).toEqual(body)
  })
  test.each([
    ['Claude', CLAUDE, claudeBody, CLAUDE_ENTRY],
    ['another maker', LLAMA, llamaBody, LLAMA_ENTRY],
  ])('InvokeModelWithResponseStream, of %s', async (_name, model, body, entry) => {
    const { userId, key } = await on.server.control.newUser(10_000)
    const answer = await bedrock(key).send(new InvokeModelWithResponseStreamCommand(invoking(model, body)))
    let text = ''
    for await (const { chunk } of answer.body ?? []) {
      const piece = JSON.parse(Buffer.from(chunk?.bytes ?? []).toString())
      text += piece.delta?.text ?? piece.generation ?? ''
    }
    expect(text).toBe(HELLO)
    await expectOnlyEntry(userId, entry)
  })
  test('a body that its SDK calls octets, as it does where nobody says what it is', async () => {
    const { userId, key } = await on.server.control.newUser(10_000)
    await bedrock(key).send(new InvokeModelCommand({ modelId: CLAUDE, body: JSON.stringify(claudeBody) }))
    await expectOnlyEntry(userId, CLAUDE_ENTRY)
    expect(on.provider.received[0]?.headers['content-type']).toBe('application/json')
  })
  test('CountTokens costs nothing', async () => {
    const { userId, key } = await on.server.control.newUser(10)
    const input = { converse: { messages: asked.messages } }
    const { inputTokens } = await bedrock(key).send(new CountTokensCommand({ modelId: CLAUDE, input }))
    expect(inputTokens).toBe(20)
    expect(await on.server.control.allEntries(userId)).toEqual([])
  })
  test('a name of ours, and an ARN as one segment', async () => {
    const { userId, key } = await on.server.control.newUser(10_000)
    await bedrock(key).send(new ConverseCommand({ ...asked, modelId: 'quick' }))
    expect((await onlyEntry(userId)).model).toBe('regional.anthropic.claude-haiku-4-5-20251001-v1:0')
    const arn = `arn:aws:bedrock:eu-central-1:123456789012:inference-profile/${CLAUDE}`
    await bedrock(key).send(new ConverseCommand({ ...asked, modelId: arn }))
    expect(on.provider.received.map(({ path }) => path)).toEqual([pathOf('converse', CLAUDE), pathOf('converse', arn)])
  })
})

describe("errors arrive as the client's own exceptions", () => {
  const sending = (key: string, more: object = {}) => bedrock(key).send(new ConverseCommand({ ...asked, ...more }))

  test('a wrong key, a model that nobody has, a bad field', async () => {
    await expect(sending('tt_wrong')).rejects.toBeInstanceOf(AccessDeniedException)
    const { key } = await on.server.control.newUser(10_000)
    await expect(sending(key, { modelId: 'no.such-model' })).rejects.toBeInstanceOf(ResourceNotFoundException)
    const refused = sending(key, { inferenceConfig: { maxTokens: 0 } })
    await expect(refused).rejects.toBeInstanceOf(ValidationException)
    await expect(refused).rejects.toThrow('inferenceConfig.maxTokens must be an integer')
    expect(on.provider.received).toEqual([])
  })
  test('a limit that is reached, plain and streaming, with nothing sent', async () => {
    const { key } = await on.server.control.newUser(10)
    await expect(sending(key)).rejects.toBeInstanceOf(ThrottlingException)
    const streaming = bedrock(key).send(new ConverseStreamCommand(asked))
    await expect(streaming).rejects.toBeInstanceOf(ThrottlingException)
    const invoked = bedrock(key).send(new InvokeModelCommand(invoking(CLAUDE, claudeBody)))
    await expect(invoked).rejects.toBeInstanceOf(ThrottlingException)
    expect(on.provider.received.filter(({ path }) => !path.endsWith('/count-tokens'))).toEqual([])
    const answer = await call(on.server.url, pathOf('converse'), key, converseBody)
    expect(answer).toMatchObject({ status: 429, headers: { 'x-should-retry': 'false' } })
    expect(jsonOf(answer)).toMatchObject({ code: 'limit_reached', message: expect.stringContaining('10') })
  })
  test('what nothing bounds is refused by name below a hard limit', async () => {
    const { key } = await on.server.control.newUser(100_000)
    const canvas = call(on.server.url, pathOf('invoke', 'quick'), key, { taskType: 'TEXT_IMAGE' })
    expect(jsonOf(await canvas)).toMatchObject({ code: 'unbounded_request', message: expect.stringContaining('maker') })
  })
  test('a ceiling in words of another maker, behind a name of ours, is refused and held for nobody', async () => {
    const { userId, key } = await on.server.control.newUser(100_000)
    const body = { prompt: 'Say hello.', max_tokens: 5 }
    const answer = await call(on.server.url, pathOf('invoke', 'hidden-llama'), key, body)
    expect(jsonOf(answer)).toMatchObject({ code: 'invalid_field', field: 'max_tokens' })
    expect(await on.server.control.idle(userId)).toMatchObject({ tokenUsage: 0, tokensHeld: 0 })
    expect(on.provider.received).toEqual([])
  })
  test("the provider's own exception, before its first byte", async () => {
    const { userId, key } = await on.server.control.newUser(10_000)
    const headers = { 'content-type': 'application/json', 'x-amzn-errortype': 'ValidationException:http://x/' }
    on.provider.next(saying(400, headers, '{"message":"The provided model identifier is invalid."}'))
    const refused = sending(key)
    await expect(refused).rejects.toBeInstanceOf(ValidationException)
    await expect(refused).rejects.toThrow('The provided model identifier is invalid.')
    expect(await on.server.control.idle(userId)).toMatchObject({ tokenUsage: 0 })
    on.provider.next(saying(400, headers, JSON.stringify({ message: `You sent ${AWS_KEYS.AWS_SESSION_TOKEN}.` })))
    await expect(sending(key)).rejects.toThrow('You sent [redacted].')
  })
  test('an exception in the middle of a stream', async () => {
    const { userId, key } = await on.server.control.newUser(10_000)
    on.provider.next(bedrockAnswering(exception('modelStreamErrorException', 'The model had an error.')))
    const { stream } = await bedrock(key).send(new ConverseStreamCommand(asked))
    let text = ''
    const reading = (async () => {
      for await (const event of stream ?? []) text += event.contentBlockDelta?.delta?.text ?? ''
    })()
    await expect(reading).rejects.toBeInstanceOf(ModelStreamErrorException)
    expect(text).toBe('Hello, ')
    await on.server.control.idle(userId)
    expect(await onlyEntry(userId)).toMatchObject({ outcome: 'upstream_error', evidence: 'estimated' })
  })
  test("a request that is signed with AWS's credentials is told what to set", async () => {
    const credentials = { accessKeyId: 'AKIDCLIENT', secretAccessKey: 'secret' }
    const client = new BedrockRuntimeClient({
      region: 'us-east-1',
      endpoint: on.server.url,
      credentials,
      authSchemePreference: ['sigv4'],
      maxAttempts: 1,
    })
    const refused = client.send(new ConverseCommand(asked))
    await expect(refused).rejects.toBeInstanceOf(AccessDeniedException)
    await expect(refused).rejects.toThrow('AWS_BEARER_TOKEN_BEDROCK')
  })
  test('our credentials, where AWS refuses them, are no fault of the client, and are not shown', async () => {
    const { key } = await on.server.control.newUser(10_000)
    const told = JSON.stringify({ message: `signed ${AWS_KEYS.AWS_SESSION_TOKEN}` })
    for (const action of ['converse', 'count-tokens']) {
      on.provider.next(saying(403, { 'x-amzn-errortype': 'InvalidSignatureException' }, told))
      const body = action === 'converse' ? converseBody : { input: { converse: converseBody } }
      const answer = await call(on.server.url, pathOf(action), key, body)
      expect(answer.status).toBe(503)
      expect(textOf(answer)).toContain('AWS_SECRET_ACCESS_KEY')
      expect(textOf(answer)).not.toContain(AWS_KEYS.AWS_SESSION_TOKEN)
    }
  })
})

describe('the wire', () => {
  test.each([
    ['converse', CLAUDE, converseBody],
    ['converse-stream', CLAUDE, converseBody],
    ['invoke', CLAUDE, claudeBody],
    ['invoke-with-response-stream', CLAUDE, claudeBody],
    ['invoke-with-response-stream', LLAMA, llamaBody],
  ])(
    '%s: what the client gets are the bytes of the provider, and what it sent are those that the provider got',
    async (action, model, body) => {
      const { key } = await on.server.control.newUser(10_000)
      const sent = JSON.stringify(body, null, 1)
      const headers = { 'x-amzn-bedrock-trace': 'ENABLED', cookie: 'a=b', 'x-amz-security-token': 'of-the-client' }
      const answer = await call(on.server.url, pathOf(action, model), key, sent, { headers })
      const [received] = on.provider.received
      expect(received?.body.toString()).toBe(sent)
      expect(received?.headers).toMatchObject({ 'x-amzn-bedrock-trace': 'ENABLED' })
      expect(received?.headers['x-amz-security-token']).toBe(AWS_KEYS.AWS_SESSION_TOKEN)
      expect(received?.headers).not.toHaveProperty('cookie')
      expect(JSON.stringify(received?.headers)).not.toContain(key)
      expect(answer.status).toBe(200)
      expect(answer.bytes.equals(bedrockBytes(received!))).toBe(true)
    },
  )
  test('M11: a client that hangs up is booked by what the provider goes on to report, since AWS bills that', async () => {
    const { userId, key } = await on.server.control.newUser(10_000)
    on.provider.next(holdingBedrockAfter(2))
    const leaving = new AbortController()
    const answer = call(on.server.url, pathOf('converse-stream'), key, converseBody, { signal: leaving.signal })
    await on.provider.until(() => on.provider.holding() === 1)
    leaving.abort()
    await answer.catch(() => undefined)
    const metrics = async () => (await (await request(`${on.server.url}/metrics`)).body.text()).split('\n')
    await expect.poll(metrics).toContain('token_trackr_drains 1')
    on.provider.release()
    await on.server.control.idle(userId)
    expect(await onlyEntry(userId)).toMatchObject({ outcome: 'cancelled', evidence: 'reported', totalTokens: 521 })
  })
  test('where little is left the ceiling is clamped, signed anew and taken', async () => {
    const { userId, key } = await on.server.control.newUser(1_000)
    const long = { ...converseBody, inferenceConfig: { maxTokens: 5_000 } }
    const answer = await call(on.server.url, pathOf('converse'), key, long)
    expect(answer.status).toBe(200)
    const clamped = Number(answer.headers['x-token-trackr-clamped-max-tokens'])
    const taken = on.provider.received.find(({ path }) => path.endsWith('/converse'))
    expect(taken?.json).toEqual({ ...long, inferenceConfig: { maxTokens: clamped } })
    expect(await on.server.control.idle(userId)).toMatchObject({ tokenUsage: 521, tokensHeld: 0 })
  })
  test('S20: nothing in a request decides where it is sent', async () => {
    const { key } = await on.server.control.newUser(null)
    const places = ['api_base', 'base_url', 'endpoint', 'region', 'aws_region_name', 'aws_bedrock_runtime_endpoint']
    const body = { ...converseBody, ...Object.fromEntries(places.map((name) => [name, evil.url])) }
    const headers = Object.fromEntries(
      ['x-amz-target', 'x-forwarded-host', 'x-amzn-host'].map((name) => [name, evil.url]),
    )
    await call(on.server.url, pathOf('converse'), key, body, { headers })
    expect(on.provider.received).toHaveLength(1)
    for (const model of ['..', '.', `${evil.url}/x`, '../../latest/meta-data'])
      expect([400, 404]).toContain((await call(on.server.url, pathOf('converse', model), key, converseBody)).status)
    expect(on.provider.received).toHaveLength(1)
    expect(evil.connections()).toBe(0)
  })
  test.each([302, 307, 308])('S24: a %i of the provider is not followed', async (status) => {
    const { userId, key } = await on.server.control.newUser(10_000)
    on.provider.next(saying(status, { location: `${evil.url}/steal` }, ''))
    const refused = bedrock(key).send(new ConverseCommand(asked))
    await expect(refused).rejects.toBeInstanceOf(BedrockRuntimeServiceException)
    expect(evil.connections()).toBe(0)
    expect(await on.server.control.idle(userId)).toMatchObject({ tokenUsage: 0 })
  })
  test('Q02: what Bedrock has beside these is refused by name', async () => {
    const { key } = await on.server.control.newUser(null)
    for (const action of ['invoke-with-bidirectional-stream', 'async-invoke', 'converse/x']) {
      const answer = await call(on.server.url, pathOf(action), key, {})
      expect(answer).toMatchObject({ status: 404, headers: { 'x-amzn-errortype': 'ResourceNotFoundException' } })
      expect(jsonOf(answer).message).toContain('POST /model/{model}/converse')
    }
  })
  test('S40: no credential is in the log', () => {
    for (const secret of [AWS_KEYS.AWS_SECRET_ACCESS_KEY, AWS_KEYS.AWS_SESSION_TOKEN])
      expect(on.server.output()).not.toContain(secret)
  })
})
