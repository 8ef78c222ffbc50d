import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { PRINTED } from '../server/src/config/printed-proxy.test.fixture.ts'
import { answering, holding, isCount, saying } from './answers.ts'
import type { Json } from './control-plane.ts'
import type { Script } from './fake-provider.ts'
import { type Stage, stage } from './harness.ts'
import {
  call,
  CHAT,
  CHAT_MODEL,
  chatCall,
  MESSAGES,
  MESSAGES_MODEL,
  messagesCall,
  pool,
  type WireAnswer,
} from './wire.ts'

let on: Stage
beforeAll(async () => {
  on = await stage()
})
// It counts no tokens, so that a call is held at the same, near a limit and far from it.
beforeEach(() => on.provider.always(uncounted))
afterEach(() => on.provider.forget())
afterAll(() => on.close())

const uncounted: Script = (exchange) =>
  isCount(exchange.received.path) ? saying(404, {}, '')(exchange) : answering()(exchange)

const control = () => on.server.control
const limits = async (): Promise<Json[]> => (await control().ask('GET', '/api/limits')).body.limits
const limitOf = async (limitId: string) => (await limits()).find((limit) => limit.limitId === limitId)
const lift = (limitId: string) => control().ask('DELETE', `/api/limits/${limitId}`)
const LABEL = { headers: { 'x-token-trackr-label-team': 'search' } }

/** It cannot be clamped, so that what it is held at is the same each time. */
const steadyCall = messagesCall({ max_tokens: 5_010, thinking: { type: 'enabled', budget_tokens: 5_000 } })
const steady = (key: string, options = {}) => call(on.server.url, MESSAGES, key, steadyCall, options)
/** What it uses, and what it was held at. */
const USED: Record<string, number> = { tokens: 45, requests: 1, costNanoUsd: 87_950 }
let held: Record<string, number> = {}
beforeAll(async () => {
  const { userId, key } = await control().newUser(null)
  await steady(key)
  const [entry] = await control().allEntries(userId)
  held = (await control().entry(entry!.id)).held
})

const minute = { kind: 'minute' }
const lifetime = { kind: 'lifetime' }
const each = (unit: string, zone: string) => ({ kind: 'calendar', unit, zone })
const WINDOWS: Json[] = [
  minute,
  each('hour', 'Asia/Kathmandu'),
  each('day', 'Europe/Amsterdam'),
  each('week', 'America/St_Johns'),
  each('month', 'Australia/Lord_Howe'),
  lifetime,
]
const METRICS = ['tokens', 'requests', 'costNanoUsd']
const KINDS = ['tenant', 'user', 'key', 'provider', 'model', 'label']
/** When a window like this begins anew, by the clocks and calendars of its zone; weeks begin on Mondays. */
function nextStart({ kind, unit, zone }: Json): string | null {
  if (kind !== 'calendar') return null
  const now = Temporal.Now.zonedDateTimeISO(zone)
  const midnight = now.startOfDay()
  const next: Record<string, () => Temporal.ZonedDateTime> = {
    hour: () => now.round({ smallestUnit: 'hour', roundingMode: 'floor' }).add({ hours: 1 }),
    day: () => midnight.add({ days: 1 }),
    week: () => midnight.add({ days: 8 - now.dayOfWeek }),
    month: () => midnight.with({ day: 1 }).add({ months: 1 }),
  }
  return new Date(next[unit]!().epochMilliseconds).toISOString()
}
/** Every metric of every scope, and every window of every scope in one of them. */
const CASES = KINDS.flatMap((kind, row) =>
  METRICS.map((metric, column) => [kind, metric, WINDOWS[(row + 2 * column) % WINDOWS.length]] as const),
)
const named = CASES.map(([kind, metric, window]) => [kind, metric, window.unit ?? window.kind, window] as const)

/** Somebody new, what a limit of the kind is put on, and a call that the limit has nothing to do with. */
async function somebody(kind: string) {
  const { userId, key, keyId } = await control().newUser(null)
  const others = await control().newUser(null)
  const elsewhere: Record<string, () => Promise<WireAnswer>> = {
    tenant: () => steady(others.key),
    user: () => steady(others.key),
    key: async () => steady((await control().ask('POST', '/api/keys', { userId })).body.key),
    provider: () => call(on.server.url, CHAT, key, chatCall()),
    model: () => call(on.server.url, MESSAGES, key, { ...steadyCall, model: 'claude-sonnet-4-6' }),
    label: () => steady(key, { headers: { 'x-token-trackr-label-team': 'other' } }),
  }
  const id = { tenant: 'default', user: userId, key: keyId, provider: 'anthropic', model: MESSAGES_MODEL }[kind]
  return { userId, key, scope: { kind, id: id ?? 'team=search' }, elsewhere: elsewhere[kind]! }
}

test.each(named)(
  'a hard limit of a %s on %s in a %s refuses what does not fit, and nothing else',
  async (kind, metric, _unit, window) => {
    const { key, scope, elsewhere } = await somebody(kind)
    const put = async (amount: number) => control().limit({ scope, metric, window, amount })
    const { settled: before } = await put(1e15)
    // One fits, and another one beside what the first has used; a third does not.
    const { limitId } = await put(before + held[metric]! + USED[metric]!)
    try {
      const answers = [await steady(key, LABEL), await steady(key, LABEL), await steady(key, LABEL)]
      expect(answers.map(({ status }) => status)).toEqual([200, 200, 429])
      const limit = await limitOf(limitId)
      expect(limit).toMatchObject({ settled: before + 2 * USED[metric]!, held: 0, mode: 'hard' })
      const { headers } = answers[2]!
      expect(headers).toMatchObject({
        'x-token-trackr-limit': String(limit.amount),
        'x-token-trackr-used': String(limit.settled),
        'x-token-trackr-asked': String(held[metric]),
      })
      if (window === minute) expect(Number(headers['retry-after'])).toBeGreaterThan(0)
      else {
        expect(limit.resetsAt).toBe(nextStart(window))
        expect(headers['x-token-trackr-reset']).toBe(limit.resetsAt ?? undefined)
      }
      expect((await elsewhere()).status).toBe(kind === 'tenant' ? 429 : 200)
      await put(limit.amount + 2 * held[metric]!)
      expect((await steady(key, LABEL)).status).toBe(200)
    } finally {
      await lift(limitId)
    }
    expect((await steady(key, LABEL)).status).toBe(200)
  },
)

describe('a limit that is put while calls are open', () => {
  test.each(WINDOWS.map((window) => [window.unit ?? window.kind, window] as const))(
    'in a %s finds what was used and what is held, and binds at once',
    async (_unit, window) => {
      const { userId, key, keyId } = await control().newUser(null)
      await steady(key)
      on.provider.always(holding(uncounted))
      const dispatcher = pool()
      const open = [1, 2].map(() => steady(key, { dispatcher }))
      await on.provider.until(() => on.provider.holding() === 2)
      const found = []
      for (const metric of METRICS) {
        const amount = USED[metric]! + 2 * held[metric]!
        const limit = await control().limit({ scope: { kind: 'key', id: keyId }, metric, window, amount })
        expect(limit).toMatchObject({ settled: USED[metric], held: 2 * held[metric]! })
        found.push(limit)
      }
      expect((await steady(key)).status).toBe(429)
      expect(on.provider.received.filter(({ path }) => path === MESSAGES)).toHaveLength(3)
      on.provider.release()
      expect((await Promise.all(open)).map(({ status }) => status)).toEqual([200, 200])
      await dispatcher.close()
      await control().idle(userId)
      for (const { limitId, metric } of found)
        expect(await limitOf(limitId)).toMatchObject({ settled: 3 * USED[metric]!, held: 0 })
    },
  )
})

describe('a limit that does not refuse', () => {
  const summed = async (userId: string) => (await control().ask('GET', `/api/summary?userId=${userId}`)).body.refusals
  test.each(METRICS)('soft, on %s: calls pass, and each threshold that they cross is written once', async (metric) => {
    const { userId, key } = await control().newUser(null)
    const rule = { scope: { kind: 'user', id: userId }, metric, window: each('day', 'UTC'), mode: 'soft' }
    const { limitId } = await control().limit({ ...rule, amount: 2 * USED[metric]!, thresholds: [50, 100, 150, 300] })
    for (let turn = 0; turn < 4; turn += 1) expect((await steady(key)).status).toBe(200)
    expect(await limitOf(limitId)).toMatchObject({ settled: 4 * USED[metric]!, mode: 'soft' })
    expect((await crossingsOf(limitId, 3)).map(({ threshold, settled }) => [threshold, settled])).toEqual([
      [50, USED[metric]],
      [100, 2 * USED[metric]!],
      [150, 3 * USED[metric]!],
    ])
    expect(await summed(userId)).toEqual({ total: 0, byCode: {}, shadow: 0 })
  })
  test('in shadow: calls pass, and what it would have refused is counted apart, with its reason', async () => {
    const { userId, key } = await control().newUser(null)
    const rule = { scope: { kind: 'user', id: userId }, metric: 'requests', window: lifetime, mode: 'shadow' }
    const { limitId } = await control().limit({ ...rule, amount: 2 })
    for (let turn = 0; turn < 5; turn += 1) expect((await steady(key)).status).toBe(200)
    await expect.poll(() => summed(userId)).toEqual({ total: 0, byCode: {}, shadow: 3 })
    const { refusals } = (await control().ask('GET', `/api/refusals?userId=${userId}`)).body
    expect(refusals).toHaveLength(3)
    for (const refusal of refusals) expect(refusal).toMatchObject({ shadow: true, limitId, code: 'limit_reached' })
    expect(await control().allEntries(userId)).toHaveLength(5)
  })
  test('put to hard, it binds at once, with all that it has counted', async () => {
    const { userId, key } = await control().newUser(null)
    const rule = { scope: { kind: 'user', id: userId }, metric: 'requests', window: lifetime, amount: 1 }
    await control().limit({ ...rule, mode: 'shadow' })
    for (let turn = 0; turn < 3; turn += 1) expect((await steady(key)).status).toBe(200)
    expect(await control().limit({ ...rule, mode: 'hard' })).toMatchObject({ settled: 3 })
    expect((await steady(key)).status).toBe(429)
  })
})

/** The crossings of a limit, the lowest first, once there are so many. */
async function crossingsOf(limitId: string, count: number): Promise<Json[]> {
  const read = async () =>
    (await control().ask('GET', '/api/crossings?limit=200')).body.crossings
      .filter((crossing: Json) => crossing.limitId === limitId)
      .toSorted((a: Json, b: Json) => a.threshold - b.threshold)
  await expect.poll(read).toHaveLength(count)
  return read()
}

describe('config/proxy.yaml, as it is printed', () => {
  /** The same, with a budget that a test can spend: gpt-3.5-turbo takes 24,500 nano-USD a call here. */
  const SMALL = PRINTED.replace('100.00', '0.0010').replace('10.00', '0.0003').replace('limit: 10\n', 'limit: 1000\n')
  let printed: Stage
  beforeEach(async ({ task }) => {
    const file = task.name.includes('budget') ? SMALL : PRINTED
    printed = await stage({ GROQ_API_KEY: 'gsk-canary', GROQ_BASE_URL: 'PROVIDER/v1' }, { 'proxy.yaml': file })
  })
  afterEach(() => printed.close())

  test('its rate limits bind each model, all users together, and say when to come back', async () => {
    const plane = printed.server.control
    const users = [await plane.newUser(null), await plane.newUser(null)]
    const answers: WireAnswer[] = []
    for (let turn = 0; turn < 12; turn += 1)
      answers.push(await call(printed.server.url, CHAT, users[turn % 2]!.key, chatCall({ model: 'gpt-3.5-turbo' })))
    expect(answers.map(({ status }) => status)).toEqual([...Array(10).fill(200), 429, 429])
    expect(Number(answers[11]!.headers['retry-after'])).toBeGreaterThan(0)
    expect(answers[11]!.headers['x-should-retry']).toBe('true')
    const llama = []
    for (let turn = 0; turn < 6; turn += 1)
      llama.push(await call(printed.server.url, CHAT, users[0]!.key, chatCall({ model: 'llama-4-scout' })))
    expect(llama.map(({ status }) => status)).toEqual([...Array(5).fill(200), 429])
    const found = (await plane.ask('GET', '/api/limits')).body.limits
    const budgets = found.filter(({ scope }: Json) => scope.kind === 'tenant')
    expect(budgets).toMatchObject([
      { metric: 'costNanoUsd', mode: 'hard', thresholds: [50, 80, 95] },
      { metric: 'costNanoUsd', mode: 'hard', thresholds: [50, 80, 95] },
    ])
    const amounts = Object.fromEntries(budgets.map(({ window, amount }: Json) => [window.unit ?? window.kind, amount]))
    expect(amounts).toEqual({ lifetime: 100e9, day: 10e9 })
  })

  test('its budget refuses what does not fit into the day, and writes its alerts', async () => {
    const plane = printed.server.control
    const { userId, key } = await plane.newUser(null)
    const body = chatCall({ model: 'gpt-3.5-turbo', max_tokens: 16 })
    let statuses: number[] = []
    while (!statuses.includes(429) && statuses.length < 20)
      statuses = [...statuses, (await call(printed.server.url, CHAT, key, body)).status]
    const passed = statuses.length - 1
    expect(statuses).toEqual([...Array(passed).fill(200), 429])
    const entries = await plane.allEntries(userId)
    const spent = entries.reduce((sum, { costNanoUsd }) => sum + (costNanoUsd ?? 0), 0)
    expect(spent).toBe(passed * 24_500)
    expect(spent).toBeLessThanOrEqual(300_000)
    // Whoever was refused needed more than was left, and not much more than that.
    expect(spent).toBeGreaterThan(200_000)
    const daily = (await plane.ask('GET', '/api/crossings')).body.crossings
    expect(daily.map(({ threshold, limit }: Json) => [threshold, limit.window.unit])).toEqual(
      [80, 50].filter((percent) => spent >= percent * 3_000).map((percent) => [percent, 'day']),
    )
    // A model without a price would make the budget a lie.
    const unpriced = await call(printed.server.url, CHAT, key, chatCall({ model: 'mystery-1' }))
    expect([unpriced.status, JSON.parse(unpriced.bytes.toString()).error.code]).toEqual([400, 'unpriced_model'])
  })
})

test(`two users of ${CHAT_MODEL} with a limit each are counted apart, and a key of one is counted with its user`, async () => {
  const [one, other] = [await control().newUser(null), await control().newUser(null)]
  const put = (userId: string) =>
    control().limit({ scope: { kind: 'user', id: userId }, metric: 'requests', window: lifetime, amount: 2 })
  await put(one.userId)
  await put(other.userId)
  const second = (await control().ask('POST', '/api/keys', { userId: one.userId })).body.key
  const statuses = []
  for (const key of [one.key, second, second, other.key])
    statuses.push((await call(on.server.url, CHAT, key, chatCall())).status)
  expect(statuses).toEqual([200, 200, 429, 200])
})
