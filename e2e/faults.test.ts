import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { setTimeout as delay } from 'node:timers/promises'
import { request } from 'undici'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import {
  answerBytes,
  chatBody,
  chatFrames,
  dyingAfter,
  dyingBeforeHeaders,
  HELLO_CHAT,
  holdingAfter,
  saying,
} from './answers.ts'
import type { EntryRow } from './control-plane.ts'
import { type Stage, stage } from './harness.ts'
import { call, CHAT, CHAT_MODEL, chatCall, jsonOf, MESSAGES, messagesCall, textOf } from './wire.ts'

let on: Stage
beforeAll(async () => {
  on = await stage()
})
afterEach(() => on.provider.forget())
afterAll(() => on.close())

const SSE = { 'content-type': 'text/event-stream' }
const JSON_TYPE = { 'content-type': 'application/json' }

/** The one entry of a user's only call, once nothing is held any more. */
async function settled(userId: string, at = on): Promise<EntryRow> {
  await at.server.control.idle(userId)
  const entries = await at.server.control.allEntries(userId)
  expect(entries).toHaveLength(1)
  return entries[0] as EntryRow
}

test('F16: while the ledger cannot be written, nothing is sent to a provider, and the cause is named', async () => {
  const { key } = await on.server.control.newUser(10_000)
  const other = new DatabaseSync(join(on.installation.folder, 'ledger.db'))
  other.exec('BEGIN IMMEDIATE')
  try {
    const refused = await call(on.server.url, CHAT, key, chatCall())
    expect(refused.status).toBe(503)
    expect(textOf(refused)).toContain('ledger_unavailable')
    expect(Number(refused.headers['retry-after'])).toBeGreaterThan(0)
    expect(on.provider.received).toHaveLength(0)
  } finally {
    other.exec('ROLLBACK')
    other.close()
  }
  expect((await call(on.server.url, CHAT, key, chatCall())).status).toBe(200)
})

describe('F18: a provider that dies leaves an entry that says so, and the client what was sent', () => {
  test('before its headers', async () => {
    for (const [path, body] of [
      [CHAT, chatCall()],
      [MESSAGES, messagesCall({ stream: true })],
    ] as const) {
      on.provider.always(dyingBeforeHeaders)
      const { userId, key } = await on.server.control.newUser(10_000)
      const answer = await call(on.server.url, path, key, body)
      expect(answer.status).toBe(502)
      expect(jsonOf(answer).error).toMatchObject(
        path === CHAT ? { code: 'upstream_unreachable' } : { type: 'api_error' },
      )
      expect(['upstream_error', 'voided']).toContain((await settled(userId)).outcome)
    }
  })
  test.each([
    ['in the middle of a frame', chatCall({ stream: true }), 700],
    ['in the middle of a message', messagesCall({ stream: true }), 700],
  ])('in a stream, %s', async (_name, body, bytes) => {
    on.provider.always(dyingAfter(bytes))
    const { userId, key } = await on.server.control.newUser(10_000)
    const path = body.model === CHAT_MODEL ? CHAT : MESSAGES
    const answer = await call(on.server.url, path, key, body)
    // OpenAI's frames say nothing of usage where the client did not ask; what came through is a beginning of that.
    const [received] = on.provider.received
    const whole = path === CHAT ? chatFrames(HELLO_CHAT, CHAT_MODEL, false) : answerBytes(received as never)
    expect(answer.broken).toBe(true)
    // What came through is exactly a beginning of it; nothing of it was lost but the frame that was cut.
    expect(Buffer.concat(whole).toString().startsWith(textOf(answer))).toBe(true)
    expect(answer.bytes.length).toBeGreaterThan(bytes / 2)
    const entry = await settled(userId)
    expect(entry).toMatchObject({ outcome: 'upstream_error', evidence: 'estimated' })
    expect(entry.totalTokens).toBeGreaterThan(0)
  })
  test('in a stream, right after its headers: a client that saw nothing yet is told why', async () => {
    on.provider.always(dyingAfter(0))
    const { userId, key } = await on.server.control.newUser(10_000)
    const answer = await call(on.server.url, CHAT, key, chatCall({ stream: true }))
    expect(answer.broken || answer.status === 502).toBe(true)
    expect(await settled(userId)).toMatchObject({ outcome: 'upstream_error' })
  })
  test('in the middle of a JSON answer', async () => {
    on.provider.always(dyingAfter(60))
    const { userId, key } = await on.server.control.newUser(10_000)
    const answer = await call(on.server.url, CHAT, key, chatCall()).catch(() => undefined)
    expect(answer === undefined || answer.broken || answer.status === 502).toBe(true)
    expect(await settled(userId)).toMatchObject({ outcome: 'upstream_error' })
  })
  test('with an error inside a stream that had begun well', async () => {
    const error = { error: { message: 'overloaded', type: 'server_error', param: null, code: null } }
    const bytes = [...chatFrames(HELLO_CHAT, CHAT_MODEL, false).slice(0, 3), `data: ${JSON.stringify(error)}\n\n`]
    on.provider.always(saying(200, SSE, bytes))
    const { userId, key } = await on.server.control.newUser(10_000)
    expect(textOf(await call(on.server.url, CHAT, key, chatCall({ stream: true })))).toBe(bytes.join(''))
    expect(await settled(userId)).toMatchObject({ outcome: 'upstream_error', evidence: 'estimated' })
  })
})

test.each([429, 529, 500, 400])('F19: a %i of the provider goes through, and costs nothing', async (status) => {
  const body = JSON.stringify({ type: 'error', error: { type: 'overloaded_error', message: 'Overloaded' } })
  on.provider.always(saying(status, { ...JSON_TYPE, 'retry-after': '17' }, body))
  const { userId, key } = await on.server.control.newUser(10_000)
  const answer = await call(on.server.url, MESSAGES, key, messagesCall())
  expect(answer.status).toBe(status)
  expect(answer.headers['retry-after']).toBe('17')
  expect(textOf(answer)).toBe(body)
  expect(await settled(userId)).toMatchObject({
    ending: 'voided',
    outcome: 'voided',
    totalTokens: 0,
    httpStatus: status,
  })
  expect(await on.server.control.user(userId)).toMatchObject({ tokenUsage: 0, tokensHeld: 0 })
})

describe('M07: what the provider does not report is estimated, and says so', () => {
  const { usage: _usage, ...withoutUsage } = JSON.parse(chatBody(HELLO_CHAT, CHAT_MODEL).toString())
  const frames = chatFrames(HELLO_CHAT, CHAT_MODEL, false)
  test.each([
    ['an answer without usage', chatCall(), JSON_TYPE, [JSON.stringify(withoutUsage)]],
    ['an answer that is no JSON', chatCall(), JSON_TYPE, ['{"choices":[{"message":{"content":"Hello']],
    ['a stream without usage', chatCall({ stream: true }), SSE, frames],
    ['a stream without [DONE]', chatCall({ stream: true }), SSE, frames.slice(0, -1)],
    ['a stream with broken frames', chatCall({ stream: true }), SSE, ['data: {"choi\n\n', ...frames]],
  ])('%s', async (_name, body, headers, bytes) => {
    on.provider.always(saying(200, headers, bytes))
    const { userId, key } = await on.server.control.newUser(10_000)
    const answer = await call(on.server.url, CHAT, key, body)
    expect(answer).toMatchObject({ status: 200, broken: false })
    expect(textOf(answer)).toBe(bytes.join(''))
    const entry = await settled(userId)
    expect(entry.evidence).toBe('estimated')
    expect(entry.inputTokens).toBeGreaterThan(0)
    expect(entry.totalTokens).toBeLessThan(60)
  })
})

describe('M10: a client that hangs up is answered by hanging up on the provider, and pays for what was made', () => {
  test.each([0, 1, 3, 5])('after %i frames', async (frames) => {
    on.provider.always(holdingAfter(frames))
    const { userId, key } = await on.server.control.newUser(10_000)
    await hangUpAfter(on, key, frames)
    await on.provider.until(() => on.provider.received[0]?.hungUp === true)
    const entry = await settled(userId)
    expect(entry).toMatchObject({ outcome: 'cancelled', evidence: 'estimated' })
    expect(entry.inputTokens).toBeGreaterThan(0)
  })
  test('a client that closes after the terminal frame has completed', async () => {
    const { userId, key } = await on.server.control.newUser(10_000)
    await hangUpAfter(on, key, Number.POSITIVE_INFINITY)
    expect(await settled(userId)).toMatchObject({ outcome: 'completed', evidence: 'reported', totalTokens: 29 })
  })
})

test('M14: clients that hang up are nobody’s error: in no metric, in no health, in no line of the log', async () => {
  const own = await stage()
  try {
    const { control, url, output } = own.server
    const attempts = async (outcome: string) => {
      const text = await (await request(`${url}/metrics`)).body.text()
      const lines = text.split('\n').filter((line) => line.startsWith('token_trackr_attempts_total'))
      const counts = lines
        .filter((line) => line.includes(`outcome="${outcome}"`))
        .map((line) => Number(line.split(' ')[1]))
      return counts.reduce((sum, count) => sum + count, 0)
    }
    const { userId, key } = await control.newUser(null)
    await call(url, CHAT, key, chatCall())
    // More than failures in a row that would send a deployment to cool down.
    for (const frames of [0, 1, 3, 5, 3]) {
      own.provider.next(holdingAfter(frames))
      await hangUpAfter(own, key, frames)
    }
    await control.idle(userId)
    expect((await control.allEntries(userId)).filter(({ outcome }) => outcome === 'cancelled')).toHaveLength(5)
    expect(await Promise.all(['cancelled', 'upstream_error', 'cut', 'voided'].map(attempts))).toEqual([5, 0, 0, 0])
    const { deployments } = (await control.ask('GET', '/api/providers')).body
    expect(deployments).toMatchObject([{ attempts: 1, failures: 0, state: 'ok', lastFailure: null }])
    const alarms = output()
      .split('\n')
      .filter((line) => /"level":"(?:warn|error|fatal)"/.test(line))
    // A machine that is busy with other tests may stand still for a moment, and say so.
    expect(alarms.filter((line) => !line.includes('the event loop was blocked'))).toEqual([])
  } finally {
    await own.close()
  }
})

test('M11: with the policy of draining, the provider answers to its end and its own figure is booked', async () => {
  const draining = await stage({ TOKEN_TRACKR_DISCONNECT: 'drain' })
  try {
    draining.provider.always(holdingAfter(3))
    const { userId, key } = await draining.server.control.newUser(10_000)
    await hangUpAfter(draining, key, 3)
    await delay(100)
    draining.provider.release()
    await draining.provider.until(() => draining.provider.received[0]?.endedAtMs !== undefined)
    expect(draining.provider.received[0]?.hungUp).toBe(false)
    const entry = await settled(userId, draining)
    expect(entry).toMatchObject({ outcome: 'cancelled', evidence: 'reported', totalTokens: 29 })
  } finally {
    await draining.close()
  }
})

test('M20: whatever happens to a call, nothing stays held', async () => {
  const { userId, key } = await on.server.control.newUser(100_000)
  const scripts = [
    dyingBeforeHeaders,
    dyingAfter(0),
    dyingAfter(300),
    saying(500, JSON_TYPE, '{}'),
    saying(204, {}, ''),
  ]
  for (const script of scripts)
    for (const stream of [false, true]) {
      on.provider.next(script)
      await call(on.server.url, CHAT, key, chatCall({ stream })).catch(() => undefined)
    }
  expect(await on.server.control.idle(userId)).toMatchObject({ tokensHeld: 0 })
  expect(await on.server.control.allEntries(userId)).toHaveLength(2 * scripts.length)
  expect(await on.installation.tt('verify')).toMatchObject({ code: 0 })
})

/** Reads a streaming chat until so many of the provider's frames were there, and closes the connection. */
async function hangUpAfter({ server, provider }: Stage, key: string, frames: number): Promise<void> {
  const leave = new AbortController()
  const answering = request(server.url + CHAT, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    body: JSON.stringify(chatCall({ stream: true })),
    signal: leave.signal,
  })
  if (frames === 0) {
    await provider.until(() => provider.holding() === 1)
    leave.abort()
    await answering.catch(() => undefined)
    return
  }
  const { body } = await answering
  let seen = ''
  try {
    for await (const chunk of body) {
      seen += String(chunk)
      const count = seen.split('\n\n').length - 1
      if (count >= frames || seen.includes('[DONE]')) break
    }
  } finally {
    leave.abort()
    body.on('error', () => undefined).destroy()
  }
}
