import { setTimeout as delay } from 'node:timers/promises'
import { request } from 'undici'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { answerBytes, answering, headersOf, holding } from './answers.ts'
import type { EntryRow } from './control-plane.ts'
import type { Script } from './fake-provider.ts'
import { type Stage, stage } from './harness.ts'
import { call, CHAT, chatCall, MESSAGES, messagesCall, pool } from './wire.ts'

let on: Stage
let draining: Stage
beforeAll(async () => {
  on = await stage()
  draining = await stage({ TOKEN_TRACKR_DISCONNECT: 'drain' })
})
afterEach(() => {
  on.provider.forget()
  draining.provider.forget()
})
afterAll(async () => {
  await on.close()
  await draining.close()
})

/** The one entry of a user's only call, once nothing is held any more. */
async function settled(userId: string, at = on): Promise<EntryRow> {
  await at.server.control.idle(userId)
  const entries = await at.server.control.allEntries(userId)
  expect(entries).toHaveLength(1)
  return entries[0]!
}

/** Makes the call, and hangs up once the provider has come so far; the client has not seen one byte of a body. */
async function leavingUnanswered(at: Stage, key: string, path: string, body: object, cameSoFar: () => boolean) {
  const leave = new AbortController()
  const dispatcher = pool()
  let bytes = 0
  const answer = request(at.server.url + path, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
    signal: leave.signal,
    dispatcher,
  })
    .then(async (arrived) => {
      for await (const chunk of arrived.body) bytes += (chunk as Buffer).length
    })
    .catch(() => undefined)
  await at.provider.until(cameSoFar)
  leave.abort()
  await answer
  await dispatcher.destroy()
  expect(bytes).toBe(0)
}

describe('M13: a client that got no byte of a body pays for its input, and for output only if there was some', () => {
  const long = 'What is a token? '.repeat(100)
  const asked = { messages: [{ role: 'user', content: long }] }
  test.each([
    ['chat', CHAT, chatCall(asked)],
    ['a message', MESSAGES, messagesCall(asked)],
    ['a stream', CHAT, chatCall({ ...asked, stream: true })],
  ])('%s: it left before the provider said anything', async (_name, path, body) => {
    const { userId, key } = await on.server.control.newUser(100_000)
    on.provider.always(holding(answering()))
    await leavingUnanswered(on, key, path, body, () => on.provider.holding() === 1)
    const entry = await settled(userId)
    expect(entry).toMatchObject({ outcome: 'cancelled', evidence: 'estimated', outputTokens: 0 })
    // A word is about a token; 100 times "What is a token? " is 500 of them.
    expect(entry.inputTokens).toBeGreaterThan(400)
    expect(entry.inputTokens).toBeLessThan(800)
    expect((await on.server.control.user(userId)).tokenUsage).toBe(entry.inputTokens)
  })
  test('it left, and the provider, which is read to its end, had made output all the same', async () => {
    const { userId, key } = await draining.server.control.newUser(100_000)
    draining.provider.always(holding(answering()))
    await leavingUnanswered(draining, key, CHAT, chatCall(asked), () => draining.provider.holding() === 1)
    await delay(50)
    draining.provider.release()
    const entry = await settled(userId, draining)
    expect(entry).toMatchObject({ outcome: 'cancelled', evidence: 'reported', inputTokens: 19, outputTokens: 10 })
  })
  test('it stayed, and the provider broke off within the first frame of its answer', async () => {
    const { userId, key } = await on.server.control.newUser(100_000)
    const breaking: Script = async ({ received, response, socket }) => {
      response.writeHead(200, headersOf(received))
      const [first] = answerBytes(received)
      await new Promise((resolve) => response.write(first!.subarray(0, 20), resolve))
      socket.destroy()
    }
    on.provider.always(breaking)
    await call(on.server.url, MESSAGES, key, messagesCall({ ...asked, stream: true })).catch(() => undefined)
    const entry = await settled(userId)
    expect(entry).toMatchObject({ outcome: 'upstream_error', evidence: 'estimated' })
    expect(entry.inputTokens).toBeGreaterThan(400)
    expect(entry.outputTokens).toBeLessThan(10)
  })
})

describe('S28: no header of a provider acts on a browser at our origin', () => {
  const HARMFUL = {
    ...{ 'set-cookie': 'tt_session=stolen; Path=/', 'set-cookie2': 'a=b', 'clear-site-data': '"*"' },
    ...{ 'alt-svc': 'h3=":443"', location: 'https://evil.example', refresh: '0; url=https://evil.example' },
    ...{ 'access-control-allow-origin': '*', 'access-control-allow-credentials': 'true' },
    ...{ 'access-control-expose-headers': '*', 'strict-transport-security': 'max-age=31536000' },
    ...{ 'content-security-policy': 'default-src *', 'content-security-policy-report-only': 'default-src *' },
    ...{ 'report-to': '{}', 'reporting-endpoints': 'a="https://evil.example"', nel: '{}', 'public-key-pins': 'x' },
    ...{ 'www-authenticate': 'Basic realm="x"', 'proxy-authenticate': 'Basic', 'service-worker-allowed': '/' },
    ...{ link: '<https://evil.example>; rel=preload', sourcemap: '/x.map', 'x-token-trackr-remaining-tokens': '9' },
    ...{ 'speculation-rules': '"/x"', 'permissions-policy': 'camera=*', 'accept-ch': 'dpr', 'critical-ch': 'dpr' },
    ...{ 'x-frame-options': 'ALLOWALL', 'origin-agent-cluster': '?1', 'cross-origin-opener-policy': 'unsafe-none' },
  }
  const HARMLESS = { 'x-request-id': 'req_fake', 'x-ratelimit-remaining-requests': '7', 'openai-version': '2020-10-01' }
  test.each([
    ['an answer', chatCall(), 200],
    ['a stream', chatCall({ stream: true }), 200],
    ['an error', chatCall(), 400],
    ['an error that is tried again', chatCall(), 503],
    ['a count', {}, 200],
  ])('of %s', async (name, body, status) => {
    on.provider.always(({ received, response }) => {
      response.writeHead(status, { ...headersOf(received), ...HARMFUL, ...HARMLESS })
      response.end(status === 200 ? Buffer.concat(answerBytes(received)) : '{"error":{"message":"no"}}')
    })
    const { key } = await on.server.control.newUser(null)
    const answer =
      name === 'a count'
        ? await call(on.server.url, '/v1/messages/count_tokens', key, messagesCall())
        : await call(on.server.url, CHAT, key, body)
    expect(answer.status).toBe(status)
    expect(answer.headers).toMatchObject(HARMLESS)
    expect(Object.keys(answer.headers).filter((header) => header in HARMFUL)).toEqual([])
  })
})

test('S25: a name that leads to an address of this machine is not connected to, unless it is allowed', async () => {
  const named = { OPENAI_BASE_URL: on.provider.url.replace('127.0.0.1', 'LocalHost') + '/v1' }
  for (const [environment, status] of [
    [{ ...named, TOKEN_TRACKR_PRIVATE_HOSTS: 'elsewhere.example' }, 502],
    [{ ...named, TOKEN_TRACKR_PRIVATE_HOSTS: 'elsewhere.example, localhost' }, 200],
  ] as const) {
    const guarded = await stage(environment)
    try {
      const before = on.provider.connections()
      const { userId, key } = await guarded.server.control.newUser(100_000)
      const answer = await call(guarded.server.url, CHAT, key, chatCall())
      expect(answer.status).toBe(status)
      expect(on.provider.connections() > before).toBe(status === 200)
      if (status === 200) continue
      expect(answer.bytes.toString()).not.toMatch(/127\.0\.0\.1|localhost/i)
      expect(await settled(userId, guarded)).toMatchObject({ outcome: 'voided', totalTokens: 0 })
    } finally {
      await guarded.close()
    }
  }
})
