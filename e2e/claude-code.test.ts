import { request } from 'undici'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { answerBytes } from './answers.ts'
import { type Stage, stage } from './harness.ts'
import { call, jsonOf, MESSAGES_MODEL, textOf } from './wire.ts'

/** What Claude Code sends, as version 2.1.330 was seen to send it; texts are shortened and invented. */
const SESSION = '46c058ce-e92e-48c8-afb6-a06d782c107b'
const HEADERS = {
  accept: 'application/json',
  'user-agent': 'claude-cli/2.1.330 (external, sdk-cli)',
  'x-app': 'cli',
  'x-claude-code-session-id': SESSION,
  'x-stainless-lang': 'js',
  'x-stainless-package-version': '0.128.0',
  'x-stainless-retry-count': '0',
  'x-stainless-timeout': '600',
  'anthropic-beta': 'interleaved-thinking-2025-05-14,context-management-2025-06-27,claude-code-20250219',
  'anthropic-dangerous-direct-browser-access': 'true',
  'anthropic-version': '2023-06-01',
  'accept-encoding': 'gzip, deflate, br, zstd',
}
const CACHED = { cache_control: { type: 'ephemeral' } }
const TOOLS = ['Agent', 'Bash', 'Edit', 'Read', 'Write', 'WebFetch'].map((name) => ({
  name,
  description: `${name}: ${'what it does, and when. '.repeat(100)}`,
  input_schema: { type: 'object', properties: { what: { type: 'string' } }, required: ['what'] },
}))
const BODY = {
  model: MESSAGES_MODEL,
  messages: [
    {
      role: 'user',
      content: [
        { type: 'text', text: '<system-reminder>\nWorking directory: /home/somebody\n</system-reminder>' },
        { type: 'text', text: 'hi', ...CACHED },
      ],
    },
  ],
  system: [
    { type: 'text', text: 'x-anthropic-billing-header: cc_version=2.1.330.d01; cc_entrypoint=sdk-cli;' },
    { type: 'text', text: 'You are an agent.', ...CACHED },
    { type: 'text', text: 'Work with the user towards the goals. '.repeat(800), ...CACHED },
  ],
  tools: TOOLS,
  metadata: { user_id: `{"device_id":"72e4","account_uuid":"somebody-else","session_id":"${SESSION}"}` },
  max_tokens: 32_000,
  thinking: { budget_tokens: 31_999, type: 'enabled', display: 'omitted' },
  context_management: { edits: [{ type: 'clear_thinking_20251015', keep: 'all' }] },
  stream: true,
}
const ASKED = '/v1/messages?beta=true'

let on: Stage
beforeAll(async () => {
  on = await stage()
})
afterEach(() => on.provider.forget())
afterAll(() => on.close())

test('Claude Code works by base URL and key alone: its call goes on as it is, and is booked with its session', async () => {
  const { userId, key } = await on.server.control.newUser(1_000_000)
  const answer = await call(on.server.url, ASKED, key, BODY, { headers: HEADERS })
  expect(answer.status).toBe(200)
  const received = on.provider.received.at(-1)!
  expect(textOf(answer)).toBe(Buffer.concat(answerBytes(received)).toString())
  expect(received.path).toBe(ASKED)
  expect(received.body.toString()).toBe(JSON.stringify(BODY))
  for (const name of ['anthropic-beta', 'anthropic-version', 'user-agent', 'x-stainless-retry-count'] as const)
    expect(received.headers[name]).toBe(HEADERS[name])
  // For gateways to group by, says its vendor: it need not go on, and what need not does not.
  expect(received.headers).not.toHaveProperty('x-claude-code-session-id')
  expect(received.headers).not.toHaveProperty('authorization')
  const [row] = await on.server.control.allEntries(userId)
  expect(row).toMatchObject({ userId, evidence: 'reported', inputTokens: 33, outputTokens: 12, stream: true })
  expect(await on.server.control.entry(row!.id)).toMatchObject({ audit: { sessionId: SESSION } })
})

test('its key comes as a bearer token or as an API key, and a session that we are told goes first', async () => {
  const { userId, key } = await on.server.control.newUser(null)
  const headers = { ...HEADERS, authorization: '', 'x-api-key': key, 'x-token-trackr-session': 'mine' }
  expect((await call(on.server.url, ASKED, '', BODY, { headers })).status).toBe(200)
  const [row] = await on.server.control.allEntries(userId)
  expect(await on.server.control.entry(row!.id)).toMatchObject({ audit: { sessionId: 'mine' } })
})

test('Q20: who pays is who the key belongs to, whatever its metadata says', async () => {
  const payer = await on.server.control.newUser(1_000_000)
  const other = await on.server.control.newUser(1_000_000)
  for (const user_id of [other.userId, `user_x_account_${other.userId}_session_y`, BODY.metadata.user_id])
    await call(on.server.url, ASKED, payer.key, { ...BODY, metadata: { user_id } }, { headers: HEADERS })
  expect(await on.server.control.allEntries(payer.userId)).toHaveLength(3)
  expect(await on.server.control.allEntries(other.userId)).toHaveLength(0)
})

test('what it asks beside its calls is answered and costs nothing', async () => {
  const { userId, key } = await on.server.control.newUser(1_000_000)
  const { model, messages, system, tools } = BODY
  const counted = { model, messages, system, tools }
  const count = await call(on.server.url, '/v1/messages/count_tokens?beta=true', key, counted, { headers: HEADERS })
  expect(jsonOf(count)).toEqual({ input_tokens: 20 })
  expect(on.provider.received.at(-1)).toMatchObject({ path: '/v1/messages/count_tokens?beta=true', json: counted })
  const ask = (method: 'GET' | 'HEAD', path: string) =>
    request(on.server.url + path, { method, headers: { ...HEADERS, authorization: `Bearer ${key}` } })
  const models = await ask('GET', '/v1/models?limit=1000')
  expect(models.statusCode).toBe(200)
  const { data } = (await models.body.json()) as { data: { id: string }[] }
  expect(data.map(({ id }) => id)).toContain('sim-large')
  const probe = await ask('HEAD', '/')
  expect(probe.statusCode).toBeLessThan(500)
  await probe.body.dump()
  expect(await on.server.control.allEntries(userId)).toHaveLength(0)
})

test('a limit that is reached and a key that is wrong are told in the words that it shows', async () => {
  const { key } = await on.server.control.newUser(0)
  const refused = await call(on.server.url, ASKED, key, BODY, { headers: HEADERS })
  expect(refused.status).toBe(429)
  expect(refused.headers['x-should-retry']).toBe('false')
  expect(jsonOf(refused)).toMatchObject({ type: 'error', error: { type: 'rate_limit_error' } })
  const unknown = await call(on.server.url, ASKED, 'tt_wrong', BODY, { headers: HEADERS })
  expect(jsonOf(unknown)).toMatchObject({ type: 'error', error: { type: 'authentication_error' } })
  expect(on.provider.received).toHaveLength(0)
})
