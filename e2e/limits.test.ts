import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { answering, HELLO_CHAT, holding, isCount } from './answers.ts'
import type { Script } from './fake-provider.ts'
import { type Server, type Stage, stage } from './harness.ts'
import { randomFrom } from './random.ts'
import { call, CHAT, chatCall, MESSAGES, messagesCall, pool } from './wire.ts'

let on: Stage
/** A second process on the same file. */
let beside: Server
beforeAll(async () => {
  on = await stage()
  beside = await on.installation.start()
})
afterEach(() => on.provider.forget())
afterAll(() => on.close())

const control = () => on.server.control
const lifetime = { kind: 'lifetime' }

/** A call that cannot be clamped: a thinking budget needs its whole ceiling. Its hold is a little above 5000 tokens. */
const thinkingCall = messagesCall({ max_tokens: 5010, thinking: { type: 'enabled', budget_tokens: 5000 } })
const ROOM_FOR_ONE = 5800

describe('Q04: of 100 parallel calls against a limit that fits one, exactly one reaches the provider', () => {
  const everywhere = () => [on.server.url, beside.url]
  test.each([
    ['by one process', () => [on.server.url]],
    ['by two processes on one file', everywhere],
  ])('a token limit, %s', async (_name, urls) => {
    const { userId, key } = await control().newUser(ROOM_FOR_ONE)
    const statuses = await burst(urls(), key, 100, MESSAGES, thinkingCall, 1)
    expect(statuses.filter((status) => status === 200)).toHaveLength(1)
    expect(statuses.filter((status) => status === 429)).toHaveLength(99)
    expect((await control().idle(userId)).tokenUsage).toBe(45)
  })
  test('a limit of requests, and one of cost, by two processes', async () => {
    for (const limit of [
      { metric: 'requests', amount: 1 },
      // gpt-4o-mini: 16 tokens out cost 9600 nano-USD, and what comes in a little more; two do not fit.
      { metric: 'costNanoUsd', amount: 30_000 },
    ]) {
      const { userId, key } = await control().newUser(null)
      await control().limit({ scope: { kind: 'user', id: userId }, window: lifetime, ...limit })
      const statuses = await burst(everywhere(), key, 60, CHAT, chatCall({ max_tokens: 16 }), 1)
      expect(statuses.filter((status) => status === 200)).toHaveLength(1)
    }
  })
})

/** The calls that were admitted may come to the provider after the last of the others was refused. */
async function releaseWhenHolding({ provider }: Stage, count: number): Promise<void> {
  await provider.until(() => provider.holding() >= count)
  provider.release()
}

/** Sends calls all at once while the provider holds its answers; lets it answer once all others were refused. */
async function burst(urls: string[], key: string, count: number, path: string, body: unknown, fit: number) {
  on.provider.forget()
  on.provider.always((exchange) => {
    // One too many: nobody waits for refusals that will not come.
    if (calls().length > fit) on.provider.release()
    return calls().length > fit ? answering()(exchange) : holding(answering())(exchange)
  })
  const dispatcher = pool()
  let refused = 0
  const statuses = await Promise.all(
    Array.from({ length: count }, async (_, index) => {
      const answer = await call(urls[index % urls.length] as string, path, key, body, { dispatcher })
      if (answer.status !== 200 && (refused += 1) === count - fit) await releaseWhenHolding(on, fit)
      return answer.status
    }),
  )
  await dispatcher.close()
  expect(calls()).toHaveLength(fit)
  return statuses
}
/** What reached the provider and costs something. */
const calls = () => on.provider.received.filter(({ path }) => !isCount(path))

describe('Q05: settled + held is never above the limit', () => {
  const LIMIT = 60_000
  test.each(Array.from({ length: 20 }, (_, seed) => seed + 1))('500 mixed calls near it, seed %i', async (seed) => {
    const random = randomFrom(seed)
    const urls = seed % 2 === 0 ? [on.server.url, beside.url] : [on.server.url]
    const { userId, key } = await control().newUser(LIMIT)
    let used = 0
    on.provider.always(usingUpTo(random.below, (tokens) => (used += tokens)))
    const dispatcher = pool()
    const callers = new AbortController()
    const watched = (async () => {
      let most = 0
      while (!callers.signal.aborted) {
        const user = await control().user(userId)
        most = Math.max(most, user.tokenUsage + user.tokensHeld)
        await delay(1)
      }
      return most
    })()
    const lanes = Array.from({ length: 50 }, async (_, lane) => {
      let admitted = 0
      for (let turn = 0; turn < 10; turn += 1) {
        const body = chatCall({
          max_tokens: 1 + random.below(2_000),
          messages: [{ role: 'user', content: 'x'.repeat(random.below(400)) }],
          stream: random.below(3) === 0,
        })
        const answer = await call(urls[lane % urls.length] as string, CHAT, key, body, { dispatcher })
        expect([200, 429]).toContain(answer.status)
        if (answer.status === 200) admitted += 1
      }
      return admitted
    })
    const admitted = (await Promise.all(lanes)).reduce((sum, count) => sum + count, 0)
    callers.abort()
    await dispatcher.close()
    expect(await watched).toBeLessThanOrEqual(LIMIT)
    expect(admitted).toBeGreaterThan(0)
    expect(admitted).toBeLessThan(500)
    expect(on.provider.received).toHaveLength(admitted)
    expect(await control().idle(userId)).toMatchObject({ tokenUsage: used, tokensHeld: 0 })
  })

  /** Uses five tokens of input and any number of output tokens that it was allowed. */
  function usingUpTo(below: (limit: number) => number, tell: (tokens: number) => void): Script {
    return (exchange) => {
      const { max_tokens, max_completion_tokens } = exchange.received.json as Record<string, number | undefined>
      const completion_tokens = 1 + below(max_completion_tokens ?? max_tokens ?? 1)
      tell(5 + completion_tokens)
      const usage = { prompt_tokens: 5, completion_tokens, total_tokens: 5 + completion_tokens }
      return answering({ ...HELLO_CHAT, usage })(exchange)
    }
  }
})

test.each(['user', 'key', 'tenant', 'minute'])(
  'limits of user, key, tenant and minute hold all or nothing: the one of the %s is reached',
  async (tight) => {
    const fresh = await stage()
    try {
      const plane = fresh.server.control
      const { userId, key, keyId } = await plane.newUser(null)
      const amount = (name: string, wide: number, narrow: number) => (name === tight ? narrow : wide)
      // Each call is held at little above 5000 tokens and costs at most 26 milli-USD; three of them fit the tight one.
      const limits = [
        ['user', userId, 'tokens', lifetime, amount('user', 1_000_000, 3 * 5_400)],
        [
          'key',
          keyId,
          'tokens',
          { kind: 'calendar', unit: 'day', zone: 'Europe/Amsterdam' },
          amount('key', 1_000_000, 3 * 5_400),
        ],
        [
          'tenant',
          'default',
          'costNanoUsd',
          { kind: 'calendar', unit: 'month', zone: 'UTC' },
          amount('tenant', 10 ** 10, 3 * 27_000_000),
        ],
        ['user', userId, 'requests', { kind: 'minute' }, amount('minute', 1000, 3)],
      ] as const
      for (const [kind, id, metric, window, most] of limits)
        await plane.limit({ scope: { kind, id }, metric, window, amount: most })
      fresh.provider.always(holding(answering()))
      const dispatcher = pool()
      let refused = 0
      const statuses = await Promise.all(
        Array.from({ length: 40 }, async () => {
          const answer = await call(fresh.server.url, MESSAGES, key, thinkingCall, { dispatcher })
          if (answer.status === 429 && (refused += 1) === 37) {
            for (const held of await counters()) expect(held).toMatchObject({ settled: 0 })
            await releaseWhenHolding(fresh, 3)
          }
          return answer.status
        }),
      )
      await dispatcher.close()
      expect(statuses.filter((status) => status === 200)).toHaveLength(3)
      await plane.idle(userId)
      // Three calls of 45 tokens and 87,950 nano-USD each, and nothing of those that were refused.
      const expected: Record<string, number> = { tokens: 135, requests: 3, costNanoUsd: 263_850 }
      for (const limit of await counters()) expect(limit).toMatchObject({ settled: expected[limit.metric], held: 0 })

      async function counters(): Promise<{ metric: string; settled: number; held: number }[]> {
        const found = (await plane.ask('GET', '/api/limits')).body.limits
        return found.filter((limit: { amount: number | null }) => limit.amount !== null)
      }
    } finally {
      await fresh.close()
    }
  },
)
