import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { missingRedis, newRedis, type RedisServer } from '../scripts/engines/redis.ts'
import { type Server, type Stage, stage } from './harness.ts'
import { call, CHAT, chatCall, jsonOf, pool, type WireAnswer } from './wire.ts'

const missing = missingRedis()
/** A hint that came by Redis: the watermarks of stores look different. */
const BY_REDIS = /^[\da-f]{8}-[\da-f-]{27}$/
const minute = { kind: 'minute' }

describe.skipIf(missing)(missing ?? 'two processes with a Redis between them', () => {
  let redis: RedisServer
  let on: Stage
  let servers: Server[]
  beforeAll(async () => {
    redis = await newRedis()
    on = await stage({ REDIS_URL: redis.url })
    servers = [on.server, await on.installation.start()]
    while (String(await reached()) !== '1,1') await delay(20)
  })
  afterEach(() => on.provider.forget())
  afterAll(async () => {
    await on?.close()
    await redis.kill()
  })

  const control = () => on.server.control
  async function metric(server: Server, name: string): Promise<number> {
    const text = await (await fetch(`${server.url}/metrics`)).text()
    return Number(new RegExp(`^${name} (\\d+)$`, 'm').exec(text)?.[1])
  }
  const each = (name: string) => Promise.all(servers.map((server) => metric(server, name)))
  const reached = () => each('token_trackr_redis_reached')

  /** The hints that a server gives, from now on. */
  async function hear({ url }: Server) {
    const leaving = new AbortController()
    const headers = { authorization: `Bearer ${on.installation.adminSecret}` }
    const { body } = await fetch(`${url}/api/live`, { headers, signal: leaving.signal })
    const hints: string[] = []
    void (async () => {
      for await (const text of body!.pipeThrough(new TextDecoderStream()))
        for (const [, watermark] of text.matchAll(/"watermark":"([^"]*)"/g)) hints.push(watermark!)
    })().catch(() => undefined)
    return { hints, leave: () => leaving.abort() }
  }

  async function newCaller(amount: number | undefined) {
    const { userId, key } = await control().newUser(null)
    const scope = { kind: 'user', id: userId }
    const limit = (most: number) => control().limit({ scope, metric: 'requests', window: minute, amount: most })
    if (amount !== undefined) await limit(amount)
    return { userId, key, limit }
  }

  /** Calls at both processes, each of several callers again and again, until it is told to end. */
  function startLoad(key: string) {
    const answers: WireAnswer[] = []
    const dispatcher = pool()
    const state = { isOver: false }
    const caller = async (server: Server) => {
      while (!state.isOver) {
        answers.push(await call(server.url, CHAT, key, chatCall({ stream: answers.length % 2 === 0 }), { dispatcher }))
        await delay(5)
      }
    }
    const callers = Promise.all([...servers, ...servers].map(caller))
    return {
      answers,
      admitted: () => answers.filter(({ status }) => status === 200).length,
      async end() {
        state.isOver = true
        await callers
        await dispatcher.close()
        return answers
      },
    }
  }

  test('what one commits, the other hears of by Redis', async () => {
    const { key } = await newCaller(undefined)
    const [, beside] = servers as [Server, Server]
    const { hints, leave } = await hear(beside)
    await delay(1_200)
    const before = hints.length
    expect((await call(on.server.url, CHAT, key, chatCall())).status).toBe(200)
    await expect.poll(() => hints.slice(before).some((hint) => BY_REDIS.test(hint))).toBe(true)
    leave()
  })

  test('Q23: a limit of 100 calls a minute lets 100 through, and beyond it both refuse without the ledger', async () => {
    const { userId, key } = await newCaller(100)
    const before = await each('token_trackr_known_refusals_total')
    /** What each was spared, the lesser of both. */
    const spared = async () =>
      Math.min(...(await each('token_trackr_known_refusals_total')).map((count, index) => count - before[index]!))
    const load = startLoad(key)
    await expect.poll(load.admitted, { timeout: 10_000 }).toBe(100)
    await control().idle(userId)
    const full = load.answers.length
    await expect.poll(spared, { timeout: 15_000 }).toBeGreaterThan(0)
    await delay(1_000)
    const answers = await load.end()
    expect(load.admitted()).toBe(100)
    expect(on.provider.received).toHaveLength(100)
    for (const { status, headers } of answers.slice(full)) {
      expect(status).toBe(429)
      expect(Number(headers['retry-after'])).toBeGreaterThan(0)
      expect(Number(headers['retry-after'])).toBeLessThanOrEqual(65)
    }
  })

  test('killed and started again under load: no wrong refusal, no limit passed, hints go on and come again', async () => {
    const [free, busy] = [await newCaller(undefined), await newCaller(60)]
    const loads = [startLoad(free.key), startLoad(busy.key)]
    const { hints, leave } = await hear(servers[1]!)
    const heard = (isByRedis: boolean, from: number) => () =>
      hints.slice(from).some((hint) => BY_REDIS.test(hint) === isByRedis)
    await expect.poll(loads[1]!.admitted, { timeout: 10_000 }).toBe(60)
    await expect.poll(heard(true, 0)).toBe(true)
    await redis.kill()
    await expect.poll(reached).toEqual([0, 0])
    await expect.poll(heard(false, hints.length), { timeout: 5_000 }).toBe(true)
    await delay(500)
    await redis.start()
    await expect.poll(reached, { timeout: 5_000 }).toEqual([1, 1])
    await expect.poll(heard(true, hints.length), { timeout: 5_000 }).toBe(true)
    await delay(1_000)
    expect(loads[1]!.admitted()).toBe(60)
    // Raised at one process: the other believes in the old limit for as long as refusals are known, a second.
    await busy.limit(80)
    await expect.poll(loads[1]!.admitted, { timeout: 5_000 }).toBe(80)
    await delay(500)
    leave()
    const [freely, limited] = await Promise.all(loads.map((load) => load.end()))
    expect(new Set(freely!.map(({ status }) => status))).toEqual(new Set([200]))
    expect(limited!.filter(({ status }) => status === 200)).toHaveLength(80)
    for (const answer of limited!)
      if (answer.status !== 200) expect([answer.status, jsonOf(answer).error.code]).toEqual([429, 'rate_limited'])
    const { code, output } = await on.installation.tt('verify')
    expect([code, output]).toEqual([0, expect.anything()])
  })

  test('a Redis that is not there keeps nobody waiting, is done without, told of once, and its password is never seen', async () => {
    const url = 'redis://ann:canary-redis-password@127.0.0.1:1'
    const alone = await on.installation.start({ REDIS_URL: url })
    const { key } = await newCaller(undefined)
    expect((await call(alone.url, CHAT, key, chatCall())).status).toBe(200)
    const { hints, leave } = await hear(alone)
    await delay(1_200)
    const before = hints.length
    await call(on.server.url, CHAT, key, chatCall())
    await expect.poll(() => hints.length, { timeout: 5_000 }).toBeGreaterThan(before)
    leave()
    expect(await alone.stop()).toEqual({ code: 0, signal: null })
    expect(alone.output().match(/redis is not reached/g)).toHaveLength(1)
    expect(alone.output()).not.toContain('canary-redis-password')
  })

  test('the doctor says whether it is reached', async () => {
    const finding = async () => {
      const { findings } = JSON.parse((await on.installation.tt('doctor')).output.split('\ntoken-trackr:')[0]!)
      return findings.find(({ check }: { check: string }) => check === 'redis')
    }
    expect(await finding()).toMatchObject({ state: 'ok' })
    await redis.kill()
    expect(await finding()).toMatchObject({ state: 'warn', detail: expect.stringContaining('ECONNREFUSED') })
    await redis.start()
  })
})
