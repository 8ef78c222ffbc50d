import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { ApiError, GoogleGenAI } from '@google/genai'
import { request } from 'undici'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { saying } from './answers.ts'
import type { EntryRow } from './control-plane.ts'
import { answeringGemini, geminiBytes, HELLO_GEMINI, holdingGeminiAfter } from './gemini-answers.ts'
import { type Stage, stage } from './harness.ts'
import { call, jsonOf, textOf } from './wire.ts'

const CANARY = 'AIzaCanary-gemini-7d21f0c94be8a3516'
const MODEL = 'gemini-2.5-flash'
const CONFIG = {
  'proxy.yaml': `model_list:
  - model_name: quick
    litellm_params: { model: gemini/${MODEL} }
  - model_name: vectors
    litellm_params: { model: gemini/gemini-embedding-001 }
`,
}

let on: Stage
beforeAll(async () => {
  on = await stage({ GOOGLE_API_KEY: CANARY, GOOGLE_GEMINI_BASE_URL: 'PROVIDER', LOG_LEVEL: 'debug' }, CONFIG)
  on.provider.always(answeringGemini())
})
afterEach(() => {
  on.provider.forget()
  on.provider.always(answeringGemini())
})
afterAll(() => on.close())

const HELLO = 'Hello, wörld 👋'
/** gemini-2.5-flash: $0.30 and $2.50 per million tokens in and out, $0.03 for cached input. */
const ENTRY = {
  buckets: { inUncached: 15, inCacheRead: 4, outText: 7, outReasoning: 3 },
  costNanoUsd: 15 * 300 + 4 * 30 + 10 * 2500,
}
const gemini = (apiKey: string, baseUrl = on.server.url, apiVersion = 'v1beta') =>
  new GoogleGenAI({ apiKey, httpOptions: { baseUrl, apiVersion } })
const asked = { model: MODEL, contents: 'Say hello.', config: { maxOutputTokens: 50 } }
const body = {
  contents: [{ role: 'user', parts: [{ text: 'Say hello.' }] }],
  generationConfig: { maxOutputTokens: 50 },
}
const pathOf = (verb: string, version = 'v1beta') => `/${version}/models/${MODEL}:${verb}`

async function onlyEntry(userId: string): Promise<EntryRow> {
  const entries = await on.server.control.allEntries(userId)
  expect(entries).toHaveLength(1)
  return entries[0] as EntryRow
}
async function expectOnlyEntry(userId: string, expected: { buckets: object; costNanoUsd: number } = ENTRY) {
  const row = await onlyEntry(userId)
  expect(row).toMatchObject({ provider: 'gemini', outcome: 'completed', evidence: 'reported', ending: 'settled' })
  const detail = await on.server.control.entry(row.id)
  expect(detail.buckets).toEqual(expected.buckets)
  expect(detail.costNanoUsd).toBe(expected.costNanoUsd)
}

describe('the official Gen AI client, with only base URL and key changed', () => {
  test('a plain call', async () => {
    const { userId, key } = await on.server.control.newUser(10_000)
    const answer = await gemini(key).models.generateContent(asked)
    expect(answer.text).toBe(HELLO)
    expect(answer.usageMetadata?.totalTokenCount).toBe(29)
    await expectOnlyEntry(userId)
    const { path, headers } = on.provider.received.at(-1)!
    expect(path).toBe(pathOf('generateContent'))
    expect(headers['x-goog-api-key']).toBe(CANARY)
  })

  test('a stream', async () => {
    const { userId, key } = await on.server.control.newUser(10_000)
    let text = ''
    for await (const chunk of await gemini(key).models.generateContentStream(asked)) text += chunk.text ?? ''
    expect(text).toBe(HELLO)
    await expectOnlyEntry(userId)
    expect(on.provider.received.at(-1)?.path).toBe(`${pathOf('streamGenerateContent')}?alt=sse`)
  })

  test('a function call, plain and in a stream', async () => {
    const toolCall = { name: 'weather', args: { city: 'Köln' } }
    const config = { tools: [{ functionDeclarations: [{ name: 'weather' }] }], maxOutputTokens: 50 }
    for (const stream of [false, true]) {
      on.provider.next(answeringGemini({ ...HELLO_GEMINI, toolCall }))
      const { userId, key } = await on.server.control.newUser(10_000)
      const { models } = gemini(key)
      const calls: unknown[] = []
      if (stream) {
        for await (const chunk of await models.generateContentStream({ ...asked, config }))
          calls.push(...(chunk.functionCalls ?? []))
      } else calls.push(...((await models.generateContent({ ...asked, config })).functionCalls ?? []))
      expect(calls).toMatchObject([toolCall])
      await expectOnlyEntry(userId)
    }
  })

  test('a count is free', async () => {
    const { userId, key } = await on.server.control.newUser(0)
    expect((await gemini(key).models.countTokens({ model: MODEL, contents: 'Hi' })).totalTokens).toBe(20)
    expect(await on.server.control.allEntries(userId)).toHaveLength(0)
  })

  test('embeddings, by a name that is only known here', async () => {
    const { userId, key } = await on.server.control.newUser(10_000)
    const answer = await gemini(key).models.embedContent({ model: 'vectors', contents: ['Hi', 'Ho'] })
    expect(answer.embeddings).toHaveLength(2)
    await expectOnlyEntry(userId, { buckets: { inUncached: 8 }, costNanoUsd: 8 * 150 })
    const { path, json } = on.provider.received.at(-1)!
    expect(path).toBe('/v1beta/models/gemini-embedding-001:batchEmbedContents')
    expect(((json?.['requests'] ?? []) as { model: string }[]).map(({ model }) => model)).toEqual(
      Array.from({ length: 2 }, () => 'models/gemini-embedding-001'),
    )
  })

  test('the models that have a name here, in Google’s shape, below both versions', async () => {
    const { key } = await on.server.control.newUser(null)
    for (const apiVersion of ['v1beta', 'v1']) {
      const { models } = gemini(key, on.server.url, apiVersion)
      const listed = await Array.fromAsync(await models.list())
      expect(listed.map(({ name }) => name)).toEqual(['models/quick', 'models/vectors'])
      expect(listed[1]).toMatchObject({ supportedActions: ['embedContent', 'batchEmbedContents'] })
      expect(await models.get({ model: 'quick' })).toMatchObject({ name: 'models/quick', inputTokenLimit: 1_048_576 })
      await expect(models.get({ model: 'no such model' })).rejects.toMatchObject({ status: 404 })
      await expect(models.get({ model: 'tunedModels/x' })).rejects.toMatchObject({ status: 404 })
    }
    const answer = await request(`${on.server.url}/v1/models/quick?key=${key}`)
    expect(await answer.body.json()).toMatchObject({ id: 'quick', object: 'model', owned_by: 'gemini', type: 'model' })
  })
})

describe('errors arrive as the client’s own exception, in Google’s shape', () => {
  const caught = (promise: Promise<unknown>) => promise.then(() => undefined).catch((error: unknown) => error)
  const told = (error: unknown) => JSON.parse((error as ApiError).message).error

  test('a wrong key', async () => {
    const error = await caught(gemini('tt_wrong').models.generateContent(asked))
    expect(error).toBeInstanceOf(ApiError)
    expect(told(error)).toMatchObject({ code: 401, status: 'UNAUTHENTICATED' })
  })

  test('a limit that is reached: which and how much, and nothing is sent', async () => {
    const { key } = await on.server.control.newUser(0)
    for (const error of [
      await caught(gemini(key).models.generateContent(asked)),
      await caught(gemini(key).models.generateContentStream(asked)),
      await caught(gemini(key).models.embedContent({ model: 'vectors', contents: 'Hi' })),
    ]) {
      expect(error).toMatchObject({ status: 429 })
      const { status, details } = told(error)
      expect(status).toBe('RESOURCE_EXHAUSTED')
      expect(details[0]).toMatchObject({ reason: 'LIMIT_REACHED', metadata: { limit: '0', used: '0' } })
    }
    expect(on.provider.received.filter(({ path }) => !path.includes(':countTokens'))).toHaveLength(0)
  })

  test('a field that is wrong, by its path', async () => {
    const { key } = await on.server.control.newUser(null)
    const error = await caught(gemini(key).models.generateContent({ ...asked, config: { maxOutputTokens: -1 } }))
    expect(error).toMatchObject({ status: 400 })
    const violations = told(error).details.flatMap(
      (detail: { fieldViolations?: object[] }) => detail.fieldViolations ?? [],
    )
    expect(violations).toMatchObject([{ field: 'generationConfig.maxOutputTokens' }])
  })

  test('what Google has and nobody meters here', async () => {
    const { key } = await on.server.control.newUser(null)
    const error = await caught(gemini(key).models.generateContent({ ...asked, model: 'tunedModels/mine' }))
    expect(error).toMatchObject({ status: 404 })
    expect(told(error).message).toContain('/v1beta/tunedModels/mine:generateContent')
    expect(on.provider.received).toHaveLength(0)
  })

  test('the provider’s own refusal comes through as it is, and costs nothing', async () => {
    const { key, userId } = await on.server.control.newUser(10_000)
    const overloaded = { error: { code: 503, message: 'The model is overloaded.', status: 'UNAVAILABLE' } }
    on.provider.always(saying(503, { 'content-type': 'application/json' }, JSON.stringify(overloaded)))
    const error = await caught(gemini(key).models.generateContentStream(asked))
    expect([(error as ApiError).status, told(error)]).toEqual([503, overloaded.error])
    expect((await on.server.control.idle(userId)).tokenUsage).toBe(0)
  })

  test('an error inside a stream', async () => {
    const { key, userId } = await on.server.control.newUser(10_000)
    const overloaded = JSON.stringify({
      error: { code: 503, message: 'The model is overloaded.', status: 'UNAVAILABLE' },
    })
    on.provider.next(async (exchange) => {
      const [first] = geminiBytes(exchange.received)
      exchange.response.writeHead(200, { 'content-type': 'text/event-stream' })
      await exchange.write(first!)
      await exchange.held()
      await exchange.write(overloaded)
      exchange.response.end()
    })
    let text = ''
    const streaming = async () => {
      for await (const chunk of await gemini(key).models.generateContentStream(asked)) {
        text += chunk.text ?? ''
        on.provider.release()
      }
    }
    expect(await caught(streaming())).toBeInstanceOf(ApiError)
    expect(text).toBe('Hel')
    await on.server.control.idle(userId)
    expect(await onlyEntry(userId)).toMatchObject({ outcome: 'upstream_error', evidence: 'estimated', inputTokens: 19 })
  })
})

describe('M02: the bytes that a client sees are those that the provider sent', () => {
  test.each([
    ['a plain call', 'generateContent', ''],
    ['events', 'streamGenerateContent', '?alt=sse'],
    ['a JSON array in pieces', 'streamGenerateContent', ''],
  ])('%s, under both versions of the path', async (_name, verb, query) => {
    for (const version of ['v1beta', 'v1']) {
      const { key, userId } = await on.server.control.newUser(10_000)
      const answer = await call(on.server.url, pathOf(verb, version) + query, key, body)
      const received = on.provider.received.at(-1)!
      expect(answer.status).toBe(200)
      expect(textOf(answer)).toBe(Buffer.concat(geminiBytes(received)).toString())
      expect(received.path).toBe(pathOf(verb, version) + query)
      await expectOnlyEntry(userId)
    }
  })

  test('what the client sends reaches the provider byte for byte, where nothing has to be clamped', async () => {
    const { key } = await on.server.control.newUser(null)
    const text = `{ "contents":[{"parts":{"text":"a\\u00e9 ü"}}],\n "generation_config" : {"max_output_tokens":5,"x":1.0e2} }`
    await call(on.server.url, pathOf('generateContent'), key, text)
    expect(on.provider.received.at(-1)?.body.toString()).toBe(text)
  })

  test('elements of an array come one by one, without waiting for its end', async () => {
    const { key, userId } = await on.server.control.newUser(10_000)
    on.provider.next(holdingGeminiAfter(2))
    const answer = await fetch(on.server.url + pathOf('streamGenerateContent'), {
      method: 'POST',
      headers: { 'x-goog-api-key': key, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    })
    let text = ''
    const decoder = new TextDecoder()
    for await (const chunk of answer.body!) {
      text += decoder.decode(chunk, { stream: true })
      if (text.includes('lo, ')) on.provider.release()
    }
    const parts = (JSON.parse(text) as { candidates: { content: { parts: { text: string }[] } }[] }[]).map(
      ({ candidates }) => candidates[0]!.content.parts[0]!.text,
    )
    expect(parts.join('')).toBe(HELLO)
    await expectOnlyEntry(userId)
  })
})

test('a ceiling that no longer fits is cut in the request, nested where the client has it', async () => {
  const { key } = await on.server.control.newUser(400)
  const answer = await call(on.server.url, pathOf('generateContent'), key, { contents: body.contents })
  expect(answer.status).toBe(200)
  const { json } = on.provider.received.at(-1)!
  const clamped = Number(answer.headers['x-token-trackr-clamped-max-tokens'])
  expect(clamped).toBeLessThan(400)
  expect(json?.['generationConfig']).toEqual({ maxOutputTokens: clamped })
})

/** Waits until the server knows that so many clients have left. */
async function drainsAre(count: number): Promise<void> {
  const told = async () => (await (await request(`${on.server.url}/metrics`)).body.text()).split('\n')
  while (!(await told()).includes(`token_trackr_drains ${count}`))
    await new Promise((resolve) => setTimeout(resolve, 10))
}

test('a client that hangs up stops no bill: the rest is read, and booked as Google reports it', async () => {
  const { key, userId } = await on.server.control.newUser(10_000)
  on.provider.next(holdingGeminiAfter(2))
  const leaving = new AbortController()
  const stream = await gemini(key).models.generateContentStream({
    ...asked,
    config: { ...asked.config, abortSignal: leaving.signal },
  })
  await stream.next()
  leaving.abort()
  await expect(Array.fromAsync(stream)).rejects.toThrow()
  await drainsAre(1)
  on.provider.release()
  await on.server.control.idle(userId)
  const row = await onlyEntry(userId)
  expect(row).toMatchObject({ outcome: 'cancelled', evidence: 'reported', totalTokens: 29 })
  expect((await on.server.control.entry(row.id)).buckets).toEqual(ENTRY.buckets)
  expect(on.provider.received.at(-1)?.hungUp).toBe(false)
})

describe('S41: a key in the query', () => {
  const ask = (path: string) =>
    request(on.server.url + path, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    })

  test('identifies, and goes nowhere else: not upstream, not into logs, answers or the ledger', async () => {
    const { key, userId } = await on.server.control.newUser(10_000)
    const wrong = `tt_wrong${'x'.repeat(40)}`
    const plain = await ask(`${pathOf('streamGenerateContent')}?alt=sse&key=${key}`)
    expect(plain.statusCode).toBe(200)
    await plain.body.dump()
    await expectOnlyEntry(userId)
    const answers = [
      await ask(`${pathOf('generateContent')}?key=${wrong}`),
      await ask(`/v1beta/tunedModels/x:generateContent?key=${key}`),
      await ask(`${pathOf('generateContent')}?k%65y=${key}`),
      await ask(`/v1/chat/completions?key=${key}`),
    ]
    expect(answers.map(({ statusCode }) => statusCode)).toEqual([401, 404, 200, 401])
    on.provider.next(saying(400, { 'content-type': 'application/json' }, '{"error":{"code":400}}'))
    answers.push(await ask(`${pathOf('generateContent')}?key=${key}`))
    for (const answer of answers) expect(await answer.body.text()).not.toMatch(/tt_/)
    for (const { path, headers, body: sent } of on.provider.received) {
      expect(path).not.toMatch(/key|tt_/)
      expect(JSON.stringify(headers) + sent.toString()).not.toContain(key)
    }
    const { folder } = on.installation
    const files = readdirSync(folder, { withFileTypes: true }).filter(
      (file) => file.isFile() && file.name !== 'credentials',
    )
    const kept = files.map(({ name }) => readFileSync(join(folder, name)).toString('latin1')).join('')
    for (const secret of [key, wrong, CANARY]) {
      expect(on.server.output().includes(secret)).toBe(false)
      expect(kept.includes(secret)).toBe(false)
    }
  })

  test('a provider that repeats our credential does not tell it to the client', async () => {
    const { key } = await on.server.control.newUser(null)
    on.provider.next(
      saying(400, { 'content-type': 'application/json' }, JSON.stringify({ error: { message: CANARY } })),
    )
    const answer = await call(on.server.url, pathOf('generateContent'), key, body)
    expect([answer.status, jsonOf(answer).error.message]).toEqual([400, '[redacted]'])
  })
})

test('B20: an element of an array that never ends goes through, and the entry says what is known', async () => {
  const { key, userId } = await on.server.control.newUser(10_000)
  const garbage = Buffer.alloc(4 * 1024 * 1024, 'x')
  const pieces = ['[{"candidates":[{"content":{"parts":[{"text":"', ...Array.from({ length: 8 }, () => garbage)]
  on.provider.next(saying(200, { 'content-type': 'application/json' }, pieces))
  const answer = await call(on.server.url, pathOf('streamGenerateContent'), key, body)
  expect(answer.bytes).toHaveLength(46 + 8 * garbage.length)
  await on.server.control.idle(userId)
  expect(await onlyEntry(userId)).toMatchObject({ outcome: 'upstream_error', evidence: 'estimated' })
})
