import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { chatBody, HELLO_CHAT } from './answers.ts'
import type { Script } from './fake-provider.ts'
import { type Stage, stage } from './harness.ts'
import { call, CHAT, chatCall, jsonOf, MESSAGES, messagesCall } from './wire.ts'

let on: Stage
beforeAll(async () => {
  on = await stage()
})
afterEach(() => on.provider.forget())
afterAll(() => on.close())

/** A plain chat answer that says at which tier it was served. */
const servedAt =
  (
    tier: string | undefined,
    usage: object = { prompt_tokens: 100, completion_tokens: 10, total_tokens: 110 },
  ): Script =>
  ({ received, response }) => {
    const answer = JSON.parse(chatBody({ ...HELLO_CHAT, usage: { ...usage } }, String(received.json?.model)).toString())
    response.writeHead(200, { 'content-type': 'application/json' })
    response.end(JSON.stringify({ ...answer, ...(tier !== undefined && { service_tier: tier }) }))
  }

async function entryOf(key: string, userId: string, path: string, body: object) {
  const answer = await call(on.server.url, path, key, body)
  expect(answer.status).toBe(200)
  await on.server.control.idle(userId)
  const [entry] = await on.server.control.entries({ userId, limit: '1' })
  return on.server.control.entry(entry!.id)
}

const limitOn = (scope: object, metric: string, amount: number) =>
  on.server.control.limit({ scope, metric, window: { kind: 'lifetime' }, amount })

test('M33: a call is priced by the tier that served it, whatever it asked for, and by none where that has no price', async () => {
  const { userId, key } = await on.server.control.newUser(null)
  const costAt = async (tier: string | undefined, asked?: string) => {
    on.provider.next(servedAt(tier))
    const more = { model: 'gpt-5', ...(asked !== undefined && { service_tier: asked }) }
    const { serviceTier, costNanoUsd } = await entryOf(key, userId, CHAT, chatCall(more))
    return [serviceTier, costNanoUsd]
  }
  // 100 in and 10 out of gpt-5: 1.25 and 10 dollars a million, twice that at priority, half of it at flex.
  expect(await costAt(undefined)).toEqual([null, 225_000])
  expect(await costAt('default', 'priority')).toEqual([null, 225_000])
  expect(await costAt('priority')).toEqual(['priority', 450_000])
  expect(await costAt('flex', 'flex')).toEqual(['flex', 112_500])
  expect(await costAt('scale')).toEqual(['scale', null])
})

test('Q11: a budget holds for the dearest tier that a call may be served at, and refuses one that has no price', async () => {
  const { userId, key } = await on.server.control.newUser(null)
  // Fifty tokens out of gpt-5 are 0.0005 dollars, and twice that at priority.
  await limitOn({ kind: 'user', id: userId }, 'costNanoUsd', 1_000_000)
  const ask = async (more: object) => {
    const answer = await call(on.server.url, CHAT, key, chatCall({ model: 'gpt-5', ...more }))
    return answer.status === 200 ? 'sent' : jsonOf(answer).error.code
  }
  expect(await ask({})).toBe('limit_reached')
  expect(await ask({ service_tier: 'priority' })).toBe('limit_reached')
  expect(await ask({ model: 'gpt-4o', service_tier: 'priority' })).toBe('unpriced_model')
  expect(on.provider.received).toEqual([])
  on.provider.next(servedAt('default'))
  expect(await ask({ service_tier: 'default' })).toBe('sent')
})

test('Q12: a limit by one name of a model binds under all of them, and is of no other version', async () => {
  const { key } = await on.server.control.newUser(null)
  const limit = await limitOn({ kind: 'model', id: 'gpt-4o-2024-08-06' }, 'requests', 1)
  expect(limit.scope).toEqual({ kind: 'model', id: 'gpt-4o' })
  const ask = async (model: string) => (await call(on.server.url, CHAT, key, chatCall({ model }))).status
  expect(await ask('gpt-4o-2024-11-20')).toBe(200)
  expect(on.provider.received.at(-1)?.json?.model).toBe('gpt-4o-2024-11-20')
  expect(await ask('gpt-4o')).toBe(429)
  expect(await ask('gpt-4o-2024-08-06')).toBe(429)
  expect(await ask('gpt-4o-2024-05-13')).toBe(200)
  await on.server.control.ask('DELETE', `/api/limits/${limit.limitId}`)
})

test('a name that people use and Anthropic does not take is sent with its date, and reported as they wrote it', async () => {
  const { userId, key } = await on.server.control.newUser(null)
  const entry = await entryOf(key, userId, MESSAGES, messagesCall({ model: 'claude-3-haiku' }))
  expect(on.provider.received.at(-1)?.json?.model).toBe('claude-3-haiku-20240307')
  expect(entry).toMatchObject({ model: 'claude-3-haiku', servedModel: 'claude-3-haiku-20240307' })
  expect(entry.costNanoUsd).toBeGreaterThan(0)
})

test('B30: a usage that cannot be is found among the quarantined, with the provider’s own words', async () => {
  const { userId, key } = await on.server.control.newUser(null)
  on.provider.next(servedAt(undefined, { prompt_tokens: 9, completion_tokens: 3, total_tokens: 99 }))
  const entry = await entryOf(key, userId, CHAT, chatCall())
  expect(entry).toMatchObject({ evidence: 'estimated', rawUsage: { total_tokens: 99 } })
  const found = await on.server.control.entries({ quarantined: 'true', userId })
  expect(found.map(({ id, quarantine }) => [id, quarantine])).toEqual([[entry.id, expect.stringContaining('99')]])
  await entryOf(key, userId, CHAT, chatCall())
  expect(await on.server.control.entries({ quarantined: 'true', userId })).toHaveLength(1)
})

test('Q21: a host that serves any name lets clients make 200 names a day, and the rest are reported as one', async () => {
  const { userId, key } = await on.server.control.newUser(null)
  await limitOn({ kind: 'model', id: 'the-limited-one' }, 'requests', 1)
  const ask = (model: string) => call(on.server.url, CHAT, key, chatCall({ model }))
  for (let first = 0; first < 210; first += 30)
    await Promise.all(Array.from({ length: 30 }, (_, at) => ask(`made-up-${first + at}`)))
  await ask('the-limited-one')
  await on.server.control.idle(userId)
  const names = (await on.server.control.allEntries(userId)).map(({ model }) => model)
  expect(new Set(names).size).toBe(202)
  expect(names.filter((name) => name === 'other')).toHaveLength(10)
  expect((await ask('the-limited-one')).status).toBe(429)
  expect(on.provider.received.at(-1)?.json?.model).toBe('the-limited-one')
})
