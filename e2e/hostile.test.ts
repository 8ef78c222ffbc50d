import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { brotliCompressSync, gzipSync } from 'node:zlib'
import { request } from 'undici'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { answering, chatBody, chatFrames, HELLO_CHAT, saying } from './answers.ts'
import { type FakeProvider, startFakeProvider } from './fake-provider.ts'
import { CANARIES, type Stage, stage } from './harness.ts'
import { call, CHAT, CHAT_MODEL, chatCall, MESSAGES, messagesCall, pool, rawExchange, textOf } from './wire.ts'

let on: Stage
let evil: FakeProvider
beforeAll(async () => {
  on = await stage({ LOG_LEVEL: 'debug' })
  evil = await startFakeProvider(answering())
})
afterEach(() => on.provider.forget())
afterAll(async () => {
  await on.close()
  await evil.close()
})

const SSE = { 'content-type': 'text/event-stream' }
const MiB = 1024 * 1024

describe('B10: an encoded body counts by what it decodes to', () => {
  test('a body in gzip is read', async () => {
    const { key } = await on.server.control.newUser(10_000)
    const headers = { 'content-encoding': 'gzip' }
    const answer = await call(on.server.url, CHAT, key, gzipSync(JSON.stringify(chatCall())), { headers })
    expect(answer.status).toBe(200)
  })
  test.each([
    ['br', brotliCompressSync(Buffer.alloc(300 * MiB, 32))],
    ['gzip', gzipSync(Buffer.alloc(300 * MiB, 32))],
  ])('a small body in %s that decodes to 300 MiB is refused', async (encoding, bomb) => {
    const { key } = await on.server.control.newUser(10_000)
    const headers = { 'content-encoding': encoding }
    const answer = await call(on.server.url, CHAT, key, bomb, { headers })
    expect(answer.status).toBe(413)
    expect(on.provider.received).toHaveLength(0)
  })
  test('an encoding that nobody knows, and one that is not what it says', async () => {
    const { key } = await on.server.control.newUser(10_000)
    const answers = [
      await call(on.server.url, CHAT, key, chatCall(), { headers: { 'content-encoding': 'rot13' } }),
      await call(on.server.url, CHAT, key, chatCall(), { headers: { 'content-encoding': 'gzip' } }),
    ]
    expect(answers.map(({ status }) => status)).toEqual([415, 400])
  })
})

test('B20: 64 MiB without a newline go through, memory stays flat, and the entry says what is known', async () => {
  const { userId, key } = await on.server.control.newUser(10_000)
  const garbage = Buffer.alloc(MiB, 'x')
  const frames = chatFrames(HELLO_CHAT, CHAT_MODEL, true)
  on.provider.always(saying(200, SSE, ['data: ', ...Array.from({ length: 64 }, () => garbage), '\n\n', ...frames]))
  await call(on.server.url, MESSAGES, key, messagesCall())
  const before = peakMemoryBytes()
  const { body } = await request(on.server.url + CHAT, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    body: JSON.stringify(chatCall({ stream: true, stream_options: { include_usage: true } })),
  })
  let bytes = 0
  for await (const chunk of body) bytes += (chunk as Buffer).length
  expect(bytes).toBe(6 + 64 * MiB + 2 + Buffer.concat(frames).length)
  expect(peakMemoryBytes() - before).toBeLessThan(48 * MiB)
  await on.server.control.idle(userId)
  const entry = (await on.server.control.allEntries(userId)).find(({ model }) => model === CHAT_MODEL)
  expect(entry).toMatchObject({ outcome: 'completed' })
  expect(['reported', 'estimated']).toContain(entry?.evidence)
})

test('B20: a plain answer that is too large to be read is complete, and takes what was held for it', async () => {
  const { userId, key } = await on.server.control.newUser(10_000)
  const choice = { index: 0, message: { role: 'assistant', content: 'x'.repeat(9 * MiB) }, finish_reason: 'stop' }
  const body = JSON.stringify({ model: CHAT_MODEL, choices: [choice], usage: HELLO_CHAT.usage })
  on.provider.always(saying(200, { 'content-type': 'application/json' }, [body]))
  expect(textOf(await call(on.server.url, CHAT, key, chatCall({ max_tokens: 50 })))).toBe(body)
  await on.server.control.idle(userId)
  const [entry] = await on.server.control.allEntries(userId)
  expect(entry).toMatchObject({ outcome: 'completed', evidence: 'estimated', outputTokens: 50 })
})

test('an answer that is compressed although nobody asked for that passes, and is not booked as nothing', async () => {
  const { userId, key } = await on.server.control.newUser(10_000)
  const body = gzipSync(chatBody(HELLO_CHAT, CHAT_MODEL))
  on.provider.always(saying(200, { 'content-type': 'application/json', 'content-encoding': 'gzip' }, [body]))
  expect((await call(on.server.url, CHAT, key, chatCall())).bytes).toEqual(body)
  await on.server.control.idle(userId)
  const [entry] = await on.server.control.allEntries(userId)
  expect(entry).toMatchObject({ outcome: 'completed', evidence: 'estimated', outputTokens: 50 })
})

/** The most memory that the server ever had, as Linux counts it. */
function peakMemoryBytes(): number {
  const [, kibibytes] = /VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${on.server.pid}/status`, 'utf8')) ?? []
  return Number(kibibytes) * 1024
}

test('S20: nothing in a request decides where it is sent', async () => {
  const { key } = await on.server.control.newUser(null)
  const places = [
    'api_base',
    'base_url',
    'baseUrl',
    'azure_endpoint',
    'proxy',
    'endpoint',
    'custom_llm_provider',
    'region',
  ]
  const body = chatCall(Object.fromEntries(places.map((name) => [name, evil.url])))
  const names = [
    'x-custom-host',
    'x-portkey-custom-host',
    'x-api-base',
    'x-forwarded-host',
    'x-original-url',
    'forwarded',
  ]
  const headers = Object.fromEntries(names.map((name) => [name, evil.url]))
  await call(on.server.url, CHAT, key, body, { headers })
  await call(on.server.url, `${CHAT}?api_base=${encodeURIComponent(evil.url)}`, key, chatCall())
  await call(on.server.url, MESSAGES, key, { ...messagesCall(), model: `${evil.url}/x` })
  expect(evil.connections()).toBe(0)
})

test.each([301, 302, 303, 307, 308])('S24: a %i of the provider is not followed', async (status) => {
  const { userId, key } = await on.server.control.newUser(10_000)
  on.provider.always(saying(status, { location: `${evil.url}/steal` }, ''))
  const answer = await call(on.server.url, CHAT, key, chatCall())
  expect(answer.status).toBe(502)
  expect(answer.headers.location).toBeUndefined()
  expect(evil.connections()).toBe(0)
  expect(await on.server.control.idle(userId)).toMatchObject({ tokenUsage: 0 })
})

describe('S26: a request that two readers could read differently is refused, and its connection closed', () => {
  const body = JSON.stringify(chatCall())
  const chunked = `${body.length.toString(16)}\r\n${body}\r\n0\r\n\r\n`
  test.each([
    ['length and chunks', ['content-length: 4', 'transfer-encoding: chunked'], chunked],
    ['chunks and length', ['transfer-encoding: chunked', `content-length: ${body.length}`], chunked],
    ['two lengths', ['content-length: 4', `content-length: ${body.length}`], body],
    ['a coding that is none', ['transfer-encoding: xchunked'], chunked],
    ['a space before the colon', [`content-length : ${body.length}`], body],
    ['a line that is folded', ['x-folded: a', ' b: c', `content-length: ${body.length}`], body],
  ])('%s', async (_name, headers, payload) => {
    const { key } = await on.server.control.newUser(10_000)
    const head = [`POST ${CHAT} HTTP/1.1`, 'host: x', `authorization: Bearer ${key}`, 'content-type: application/json']
    const smuggled = `POST ${CHAT} HTTP/1.1\r\nhost: x\r\ncontent-length: 0\r\n\r\n`
    const answer = await rawExchange(
      on.server.url,
      `${[...head, ...headers].join('\r\n')}\r\n\r\n${payload}${smuggled}`,
    )
    expect(answer).toMatch(/^HTTP\/1\.1 400 /)
    expect(answer.match(/HTTP\/1\.1 /g)).toHaveLength(1)
    expect(on.provider.received).toHaveLength(0)
  })
})

test('S40: no secret and no prompt is found in any log line, file or answer', async () => {
  const prompt = 'canary-prompt-2b7e151628aed2a6'
  const messages = [{ role: 'user', content: prompt }]
  const { userId, key } = await on.server.control.newUser(10_000)
  const echo = JSON.stringify({ error: { message: `Incorrect API key: ${CANARIES.OPENAI_API_KEY}`, type: 'x' } })
  for (const script of [
    answering(),
    saying(401, {}, echo),
    saying(500, {}, prompt),
    saying(302, { location: '/x' }, ''),
  ]) {
    on.provider.next(script)
    await call(on.server.url, CHAT, key, chatCall({ messages }))
  }
  await call(on.server.url, CHAT, key, `{"broken": "${prompt}`)
  await call(on.server.url, CHAT, `${key}x`, chatCall({ messages }))
  await call(on.server.url, `${CHAT}?key=${key}&api_key=${encodeURIComponent(key)}`, 'tt_wrong', chatCall({ messages }))
  const kept = 'sk-canary-kept-cohere-52c9e8'
  const put = [
    await on.server.control.ask('POST', '/api/credentials', { name: 'COHERE_API_KEY', value: kept }),
    await on.server.control.ask('POST', '/api/credentials', { name: kept.replace('-', ' '), value: kept }),
    await on.server.control.ask('POST', '/api/credentials', { name: 'COHERE_API_KEY', value: `${kept} ` }),
    await on.server.control.ask('POST', '/api/credentials', { name: 'COHERE_API_KEY', value: [kept] }),
  ]
  expect(put.map(({ status }) => status)).toEqual([200, 400, 400, 400])
  on.provider.next(saying(401, {}, `Incorrect API key: ${kept}`))
  await call(on.server.url, CHAT, key, chatCall())
  await on.server.control.idle(userId)
  const backup = join(on.installation.folder, 'backup.db')
  expect(await on.installation.tt('backup', backup)).toMatchObject({ code: 0 })
  const answers = await Promise.all(
    [
      ...['/api/entries', '/api/users', '/api/keys', '/api/credentials', '/api/limits', '/api/summary'],
      ...['/api/openapi.json', '/api/ready'],
    ].map(async (path) => JSON.stringify((await on.server.control.ask('GET', path)).body)),
  )
  answers.push(...put.map(({ body }) => JSON.stringify(body)))
  const [entry] = await on.server.control.allEntries(userId)
  answers.push(JSON.stringify(await on.server.control.entry(entry?.id ?? '')))
  const verify = await on.installation.tt('verify', '--json')
  const seen = [...answers, verify.output, on.server.output().replace(/^\{"event":"ready".*$/m, '')]
  const secrets = { ...CANARIES, kept, prompt, key, adminSecret: on.installation.adminSecret }
  for (const [name, secret] of Object.entries(secrets)) {
    expect(secret.length).toBeGreaterThan(12)
    for (const text of seen) expect(text.includes(secret), name).toBe(false)
    for (const file of readdirSync(on.installation.folder, { recursive: true, encoding: 'utf8' })) {
      // The one file that is for the command line tool, readable by its owner alone.
      if (file === 'credentials' || file === 'config') continue
      expect(readFileSync(join(on.installation.folder, file)).includes(secret), `${name} in ${file}`).toBe(false)
    }
  }
})

test('a hostile key gets the same answer as any unknown one, everywhere (S01)', async () => {
  const keys = ["' OR 1=1--", "tt_x' UNION SELECT * FROM keys--", 'tt_'.padEnd(8_000, 'x'), 'tt_%00', '${7*7}', 'null']
  const bodies = new Set<string>()
  for (const key of keys)
    for (const header of ['authorization', 'x-api-key']) {
      const value = header === 'authorization' ? `Bearer ${key}` : key
      const { statusCode, body } = await request(on.server.url + CHAT, {
        method: 'POST',
        headers: { [header]: value, 'content-type': 'application/json' },
        body: JSON.stringify(chatCall()),
      })
      expect(statusCode).toBe(401)
      bodies.add((await body.text()).replaceAll(/call_[\w-]+|[0-9a-f-]{36}/g, ''))
    }
  expect(bodies.size).toBe(1)
  expect(on.provider.received).toHaveLength(0)
  expect(textOf(await call(on.server.url, CHAT, 'x', chatCall()))).not.toContain('SELECT')
})

test('S09: an address that presents wrong keys without end is told to wait, in either API; its good calls are not kept', async () => {
  const own = await stage()
  try {
    const { key } = await own.server.control.newUser(null)
    const dispatcher = pool()
    const wrong = (path: string, body: object) => call(own.server.url, path, 'tt_wrong', body, { dispatcher })
    const statuses = (await Promise.all(Array.from({ length: 300 }, () => wrong(CHAT, chatCall())))).map(
      ({ status }) => status,
    )
    expect(statuses.filter((status) => status === 401).length).toBeGreaterThanOrEqual(100)
    expect(statuses.filter((status) => status === 429).length).toBeGreaterThan(0)
    expect(new Set(statuses)).toEqual(new Set([401, 429]))
    const answers = await Promise.all(Array.from({ length: 50 }, () => wrong(MESSAGES, messagesCall())))
    const kept = answers.find(({ status }) => status === 429)!
    expect(JSON.parse(textOf(kept))).toMatchObject({ type: 'error', error: { type: 'rate_limit_error' } })
    expect(Number(kept.headers['retry-after'])).toBeGreaterThan(0)
    expect((await call(own.server.url, CHAT, key, chatCall(), { dispatcher })).status).toBe(200)
    await dispatcher.close()
  } finally {
    await own.close()
  }
})
