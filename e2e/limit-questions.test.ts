import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { answering, saying } from './answers.ts'
import type { Json } from './control-plane.ts'
import { type Stage, stage } from './harness.ts'
import { randomFrom } from './random.ts'
import { call, CHAT, CHAT_MODEL, chatCall, jsonOf, MESSAGES, MESSAGES_MODEL, messagesCall } from './wire.ts'

let on: Stage
beforeAll(async () => {
  on = await stage()
})
afterAll(() => on.close())

const control = () => on.server.control
const WINDOWS = [
  { kind: 'minute' },
  { kind: 'lifetime' },
  ...['hour', 'day', 'week', 'month'].map((unit) => ({ kind: 'calendar', unit, zone: 'Europe/Amsterdam' })),
]
/** The most that is added to the bytes of a chat for what surrounds them unseen. A provider's own count has all in it. */
const MOST_TEMPLATE = 200
const UNITS: Record<string, number> = { tokens: 150, requests: 1, costNanoUsd: 200_000 }

describe('what POST /api/limits/test foretells is what happens to the next call', () => {
  const told = { passes: 0, refused: 0, clamped: 0, open: 0 }
  test.each(Array.from({ length: 50 }, (_, seed) => seed + 1))('situation %i', async (seed) => {
    const random = randomFrom(seed)
    const { userId, key, keyId } = await control().newUser(random.from([null, null, 100 + random.below(900)]))
    const isMessages = random.below(3) > 0
    const labels = random.from([{}, { team: `red-${seed}` }])
    const body = {
      ...(isMessages ? messagesCall : chatCall)({ max_tokens: 10 + random.below(200) }),
      messages: [{ role: 'user', content: 'Say it. '.repeat(1 + random.below(40)) }],
    }
    const bytes = Buffer.byteLength(JSON.stringify(body))
    // What the provider counts: the bytes bound it, and near a limit it decides.
    const counted = 1 + random.below(bytes)
    on.provider.always((exchange) =>
      exchange.received.path.endsWith('count_tokens')
        ? saying(200, { 'content-type': 'application/json' }, JSON.stringify({ input_tokens: counted }))(exchange)
        : answering()(exchange),
    )
    const headers = Object.fromEntries(
      Object.entries(labels).map(([name, value]) => [`x-token-trackr-label-${name}`, value]),
    )
    const makeCall = () => call(on.server.url, isMessages ? MESSAGES : CHAT, key, body, { headers })
    for (let before = random.below(3); before > 0; before -= 1) await makeCall()

    const put: string[] = []
    const scopes = [
      ...[
        { kind: 'user', id: userId },
        { kind: 'key', id: keyId },
        { kind: 'tenant', id: 'default' },
      ],
      ...[
        { kind: 'model', id: body.model },
        { kind: 'provider', id: isMessages ? 'anthropic' : 'openai' },
      ],
      { kind: 'label', id: `team=red-${seed}` },
    ]
    for (let more = random.below(4); more > 0; more -= 1) {
      const metric = random.from(Object.keys(UNITS))
      const rule = { scope: random.from(scopes), metric, window: random.from(WINDOWS) }
      const { settled, limitId } = await control().limit({ ...rule, amount: 0, mode: 'soft' })
      const amount = Number(settled) + random.below(4 * UNITS[metric]!)
      await control().limit({ ...rule, amount, mode: random.from(['hard', 'hard', 'hard', 'soft', 'shadow']) })
      put.push(limitId)
    }

    const ask = async (inputTokens: number): Promise<Json> => {
      // Where the format is left out, it is that of the model.
      const format = random.from([undefined, isMessages ? 'anthropic-messages' : 'openai-chat'])
      const question = { keyId, format, model: body.model, maxOutputTokens: body.max_tokens, labels }
      const { status, body: answer } = await control().ask('POST', '/api/limits/test', { ...question, inputTokens })
      expect([status, answer.model]).toEqual([200, body.model])
      return answer
    }
    const held = async () =>
      (await control().ask('GET', '/api/limits')).body.limits.map(({ held: tokens }: Json) => tokens)
    const before = await held()
    // OpenAI has no endpoint that counts; how many tokens its text is at least and at most is what can be asked.
    const likely = await ask(isMessages ? counted : 1)
    const atMost = await ask(isMessages ? counted : bytes + MOST_TEMPLATE)
    expect(await held()).toEqual(before)
    const answer = await makeCall()
    for (const limitId of put) await control().ask('DELETE', `/api/limits/${limitId}`)
    if (likely.passes !== atMost.passes || likely.clampedMaxOutputTokens !== atMost.clampedMaxOutputTokens) {
      told.open += 1
      return
    }
    told[likely.passes ? (likely.clampedMaxOutputTokens === null ? 'passes' : 'clamped') : 'refused'] += 1
    expect(answer.status, JSON.stringify(likely)).toBe(likely.passes ? 200 : 429)
    const clamped = answer.headers['x-token-trackr-clamped-max-tokens']
    expect(clamped === undefined ? null : Number(clamped)).toBe(likely.clampedMaxOutputTokens)
    const refusing = likely.rules.filter(({ verdict }: Json) => verdict === 'refuses')
    expect(refusing.length > 0, JSON.stringify(likely)).toBe(!likely.passes)
    if (!likely.passes) {
      expect(likely.reason).toContain(' has used ')
      expect(refusing.map(({ amount }: Json) => String(amount))).toContain(answer.headers['x-token-trackr-limit'])
    }
  })
  test('of these, enough passed, were clamped and were refused to say so', () => {
    expect(told.passes).toBeGreaterThan(8)
    expect(told.refused).toBeGreaterThan(8)
    expect(told.clamped).toBeGreaterThan(0)
    expect(told.open).toBeLessThan(15)
  })
})

test('what is refused before limits are looked at is foretold as well', async () => {
  const { userId, key } = await control().newUser(null)
  const ask = async (question: object) =>
    (await control().ask('POST', '/api/limits/test', { userId, ...question })).body
  expect(await ask({ model: 'no such model' })).toMatchObject({ passes: false, provider: null, rules: [] })
  const scope = { kind: 'user', id: userId }
  await control().limit({ scope, metric: 'costNanoUsd', window: { kind: 'lifetime' }, amount: 10 ** 12 })
  expect(await ask({ model: 'mystery-1' })).toMatchObject({ passes: false })
  expect((await call(on.server.url, CHAT, key, chatCall({ model: 'mystery-1' }))).status).toBe(400)
  expect((await control().ask('POST', '/api/limits/test', { userId: 'nobody', model: CHAT_MODEL })).status).toBe(404)
})

test('over the command line: put, seen, asked, in force, and lifted', async () => {
  const { userId, key } = await control().newUser(null)
  const json = async (...args: string[]) => {
    const { code, output } = await on.installation.tt('--json', ...args)
    expect(code, output).toBe(0)
    return JSON.parse(output)
  }
  const limit = await json(
    'limits',
    'set',
    `user:${userId}`,
    '1req/day',
    '--zone',
    'Asia/Kathmandu',
    '--tell-at',
    '100',
  )
  expect(limit).toMatchObject({
    ...{ scope: { kind: 'user', id: userId }, metric: 'requests', amount: 1, mode: 'hard', thresholds: [100] },
    window: { kind: 'calendar', unit: 'day', zone: 'Asia/Kathmandu' },
  })
  const question = ['limits', 'test', '--user', userId, '--model', MESSAGES_MODEL, '--max-tokens', '50']
  expect(await json(...question)).toMatchObject({ passes: true })
  expect((await call(on.server.url, MESSAGES, key, messagesCall())).status).toBe(200)
  expect((await call(on.server.url, MESSAGES, key, messagesCall())).status).toBe(429)
  const refused = await on.installation.tt(...question)
  expect(refused.code).toBe(3)
  expect(refused.output).toContain('"verdict": "refuses"')
  const { limits } = await json('limits', 'list')
  expect(limits.find(({ limitId }: Json) => limitId === limit.limitId)).toMatchObject({ settled: 1, held: 0 })
  await json('limits', 'lift', limit.limitId)
  expect(jsonOf(await call(on.server.url, MESSAGES, key, messagesCall())).type).toBe('message')
})
