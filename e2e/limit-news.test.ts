import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { answering, holding } from './answers.ts'
import type { Json } from './control-plane.ts'
import { type Server, type Stage, stage } from './harness.ts'
import { call, CHAT, chatCall, MESSAGES, messagesCall, pool } from './wire.ts'

const PROXY = `
model_list:
  - model_name: mystery
    litellm_params: { model: openai/mystery-1, api_key: '\${OPENAI_API_KEY}', api_base: PROVIDER/v1 }
`
let on: Stage
/** A second process on the same file. */
let beside: Server
beforeAll(async () => {
  on = await stage({}, { 'proxy.yaml': PROXY })
  beside = await on.installation.start()
})
afterEach(() => on.provider.forget())
afterAll(() => on.close())

const control = () => on.server.control
const read = async (path: string): Promise<Json> => (await control().ask('GET', path)).body
const day = { kind: 'calendar', unit: 'day', zone: 'UTC' }
const lifetime = { kind: 'lifetime' }

/** Calls by both processes at once; each uses 29 tokens. Answers the statuses. */
async function crowd(key: string, count: number): Promise<number[]> {
  const dispatcher = pool()
  const calls = Array.from({ length: count }, (_, index) =>
    call((index % 2 ? on.server : beside).url, CHAT, key, chatCall(), { dispatcher }),
  )
  const answers = await Promise.all(calls)
  await dispatcher.close()
  return answers.map(({ status }) => status)
}

test('A01: each threshold is written once in each window, by two processes under 200 calls at once, and never again', async () => {
  const { userId, key } = await control().newUser(null)
  const scope = { kind: 'user', id: userId }
  const thresholds = [50, 80, 95, 100]
  const tokens = { scope, metric: 'tokens', amount: 200 * 29, mode: 'soft', thresholds }
  const put = [
    await control().limit({ ...tokens, window: day }),
    await control().limit({ ...tokens, window: lifetime }),
    await control().limit({ ...tokens, metric: 'requests', amount: 250, window: lifetime, mode: 'hard' }),
  ]
  const crossed = async () => {
    const { crossings } = await read('/api/crossings?limit=200')
    return put.map(({ limitId }) =>
      crossings
        .filter((crossing: Json) => crossing.limitId === limitId)
        .map(({ threshold }: Json) => threshold)
        .toSorted((a: number, b: number) => a - b),
    )
  }
  expect(new Set(await crowd(key, 200))).toEqual(new Set([200]))
  await control().idle(userId)
  await expect.poll(crossed).toEqual([thresholds, thresholds, [50, 80]])
  expect((await crowd(key, 100)).filter((status) => status === 200)).toHaveLength(50)
  await expect.poll(crossed).toEqual([thresholds, thresholds, thresholds])
  for (const { settled, amount, threshold } of (await read('/api/crossings?limit=200')).crossings)
    expect(settled).toBeGreaterThanOrEqual((amount * threshold) / 100)
})

test('A01: what is only held crosses no threshold, since it may be given back', async () => {
  const { userId, key } = await control().newUser(null)
  const scope = { kind: 'user', id: userId }
  const rule = { scope, metric: 'tokens', window: lifetime, mode: 'soft', thresholds: [50, 100] }
  const { limitId } = await control().limit({ ...rule, amount: 40 })
  const crossed = async () =>
    (await read('/api/crossings?limit=200')).crossings
      .filter((crossing: Json) => crossing.limitId === limitId)
      .map(({ threshold, settled }: Json) => [threshold, settled])
  on.provider.next(holding(answering()))
  const open = call(on.server.url, CHAT, key, chatCall())
  await on.provider.until(() => on.provider.holding() === 1)
  await call(on.server.url, CHAT, key, chatCall())
  await expect.poll(crossed).toEqual([[50, 29]])
  on.provider.release()
  expect((await open).status).toBe(200)
  await expect.poll(crossed).toContainEqual([100, 58])
})

test('as many refusals are counted as clients saw, by their codes, and their samples reproduce the decision', async () => {
  const { userId, key } = await control().newUser(1_000)
  const scope = { kind: 'user', id: userId }
  const { limitId } = await control().limit({ scope, metric: 'requests', window: { kind: 'minute' }, amount: 5 })
  const summed = async () => (await read(`/api/summary?userId=${encodeURIComponent(userId)}`)).refusals
  const seen: Record<string, number> = {}
  const tell = (code: string) => (seen[code] = (seen[code] ?? 0) + 1)
  const dispatcher = pool()
  const asked = [
    ...Array.from({ length: 60 }, () => chatCall()),
    ...Array.from({ length: 5 }, () => chatCall({ max_tokens: 0 })),
    ...Array.from({ length: 5 }, () => chatCall({ model: 'no such model' })),
    ...Array.from({ length: 5 }, () => chatCall({ model: 'mystery', max_tokens: undefined })),
  ]
  const answers = await Promise.all(
    asked.map((body, index) => call((index % 2 ? on.server : beside).url, CHAT, key, body, { dispatcher })),
  )
  const huge = await call(on.server.url, MESSAGES, key, messagesCall({ messages: 'x'.repeat(10_000) }), { dispatcher })
  await dispatcher.close()
  for (const { status, bytes } of answers) if (status !== 200) tell(JSON.parse(bytes.toString()).error.code)
  expect(huge.status).toBe(400)
  tell('invalid_field')
  expect(Object.keys(seen).length).toBeGreaterThan(3)

  const total = Object.values(seen).reduce((sum, count) => sum + count, 0)
  await expect.poll(summed).toEqual({ total, byCode: seen, shadow: 0 })
  await delay(600)
  expect(await summed()).toEqual({ total, byCode: seen, shadow: 0 })

  const { refusals, sampled } = await read(`/api/refusals?userId=${encodeURIComponent(userId)}&limit=200`)
  expect(sampled).toBe(true)
  const limited = refusals.filter(({ code }: Json) => code === 'rate_limited' || code === 'limit_reached')
  expect(limited.length).toBeGreaterThan(0)
  for (const { details } of limited)
    expect(BigInt(details.used) + BigInt(details.held) + BigInt(details.asked)).toBeGreaterThan(BigInt(details.limit))
  expect(limited.some((refusal: Json) => refusal.limitId === limitId)).toBe(true)
})
