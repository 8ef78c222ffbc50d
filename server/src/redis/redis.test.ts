import { readFileSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import { createClient } from '@redis/client'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { missingRedis, newRedis, type RedisServer } from '../../../scripts/engines/redis.ts'
import { counterIdOf } from '../core/counter.ts'
import type { Missed } from '../core/full-minute.ts'
import type { Plan } from '../core/plan.ts'
import { aLimit } from '../stores/conformance/fixtures.ts'
import { openRedis } from './open.ts'
import { whyNotReached } from './reach.ts'

const missing = missingRedis()
const FULL = 100n
const AT_MS = Date.UTC(2026, 10, 30, 12, 34, 56)
const limit = aLimit({ metric: 'requests', window: { kind: 'minute' }, amount: FULL })
const counterId = counterIdOf(limit, AT_MS)
const plan = (expectTenantVersion: number, held = 1n): Plan => ({
  ...{ tenantId: 'acme', expectTenantVersion, rollups: [] },
  adds: [{ counterId, settled: 0n, held, ceiling: FULL, countedAtMs: AT_MS }],
})
const missed = (settled: bigint): Missed => ({
  ...{ kind: 'missed', counterId, value: { settled, held: 0n }, freesAtMs: AT_MS + 60_000 },
})

describe.skipIf(missing)(missing ?? 'what processes share in Redis', () => {
  let server: RedisServer
  beforeAll(async () => {
    server = await newRedis()
  })
  const opened: { close(): Promise<void> }[] = []
  afterEach(async () => {
    for (const redis of opened.splice(0)) await redis.close()
  })
  afterAll(() => server.kill())

  /** One process of an installation, and what it heard and told. */
  async function process(name = 'one', url = server.url) {
    const told: string[] = []
    const heard: string[] = []
    const watcher = { reached: () => void told.push('reached'), away: () => void told.push('away') }
    const redis = openRedis({ url, name, nowMs: () => AT_MS, watcher })
    opened.push(redis)
    redis.hints.listen((watermark) => heard.push(watermark))
    await expect.poll(() => redis.isReached).toBe(true)
    return { ...redis, reached: () => redis.isReached, told, heard }
  }
  type Process = Awaited<ReturnType<typeof process>>
  /** A refusal that both know of, since both have been refused. */
  async function refused(processes: readonly Process[], settled = FULL, version = 3) {
    for (const { refusals } of processes) refusals.keep(plan(version), missed(settled))
    await delay(30)
  }

  /** What a process knows once others were refused, again where this machine was too busy to be told within 20 ms. */
  const known = (one: Process, refuse: () => Promise<void>, version = 3) =>
    expect
      .poll(
        async () => {
          await refuse()
          return one.refusals.of(plan(version))
        },
        { timeout: 15_000 },
      )
      .toEqual(missed(FULL))

  test('what one process tells, all of its installation hear, itself too, and nobody else', async () => {
    const [one, other, stranger] = [await process(), await process(), await process('two')]
    await delay(50)
    const before = [one, other, stranger].map(({ heard }) => heard.length)
    one.hints.tell()
    await expect.poll(() => [one, other].map(({ heard }, at) => heard.length - before[at]!)).toEqual([1, 1])
    expect(one.heard.at(-1)).toBe(other.heard.at(-1))
    expect(stranger.heard).toHaveLength(before[2]!)
  })

  test('a refusal that one process was given is known to another that is as busy, until a second later', async () => {
    const [one, other, stranger] = [await process(), await process(), await process('two')]
    await known(other, async () => {
      await refused([other], 99n)
      await refused([one])
    })
    await refused([stranger], 99n)
    expect(await stranger.refusals.of(plan(3))).toBeUndefined()
    await delay(1_050)
    expect(await one.refusals.of(plan(3))).toBeUndefined()
    expect([one, other, stranger].map(({ refusals }) => refusals.count > 0)).toEqual([false, true, false])
  })

  test('what was refused under newer limits stays, however late older answers come', async () => {
    const [one] = [await process()]
    await known(one, () => refused([one], FULL, 4), 4)
    await refused([one], FULL, 4)
    await refused([one], FULL, 3)
    expect(await one.refusals.of(plan(3))).toBeUndefined()
  })

  test('a minute that was not full lately is not asked about', async () => {
    const [one, other] = [await process(), await process()]
    await refused([one])
    server.pause()
    const startedAt = performance.now()
    expect(await other.refusals.of(plan(3))).toBeUndefined()
    expect(performance.now() - startedAt).toBeLessThan(15)
    server.resume()
  })

  test('a Redis that stands still costs one call 20 ms, and for a second after that nobody asks', async () => {
    const one = await process()
    await refused([one])
    server.pause()
    const times: number[] = []
    for (let turn = 0; turn < 20; turn += 1) {
      const startedAt = performance.now()
      expect(await one.refusals.of(plan(3))).toBeUndefined()
      times.push(performance.now() - startedAt)
    }
    server.resume()
    expect(times[0]).toBeGreaterThan(15)
    expect(times.reduce((sum, ms) => sum + ms)).toBeLessThan(200)
    await known(one, () => refused([one]))
  })

  test('a Redis that stands still for long is away, and whoever comes back tells all of it', async () => {
    const one = await process()
    server.pause()
    await expect.poll(one.reached, { timeout: 6_000 }).toBe(false)
    server.resume()
    await expect.poll(one.reached, { timeout: 6_000 }).toBe(true)
    expect(one.told).toEqual(['reached', 'away', 'reached'])
  })

  test('the rights that the guide names are enough', async () => {
    const guide = readFileSync(new URL('../../../docs/operation.md', import.meta.url), 'utf8')
    const [, commands, keys, channels] = /needs `(\+@connection[^`]*)` on `([^`]*)` and `([^`]*)`/.exec(guide)!
    const administrator = createClient({ url: server.url })
    await administrator.connect()
    const rules = ['resetchannels', ...commands!.split(' '), keys!, channels!]
    await administrator.sendCommand(['ACL', 'SETUSER', 'ann', 'on', '>secret', ...rules])
    administrator.destroy()
    const one = await process('token-trackr:x', server.url.replace('//', '//ann:secret@'))
    await known(one, () => refused([one]))
    const before = one.heard.length
    one.hints.tell()
    await expect.poll(() => one.heard.length).toBeGreaterThan(before)
    expect(one.told).toEqual(['reached'])
    expect(await whyNotReached(server.url.replace('//', '//ann:wrong@'))).toContain('WRONGPASS')
  })

  test('killed and started again: nothing is known, nothing fails, and hints come again', async () => {
    const [one, other] = [await process(), await process()]
    await refused([one, other])
    await server.kill()
    await expect.poll(() => [one, other].map(({ reached }) => reached())).toEqual([false, false])
    expect(await one.refusals.of(plan(3))).toBeUndefined()
    one.refusals.keep(plan(3), missed(FULL))
    one.hints.tell()
    expect(await whyNotReached(server.url)).toContain('ECONNREFUSED')
    const before = other.heard.length
    await server.start()
    await expect.poll(() => [one, other].map(({ reached }) => reached()), { timeout: 5_000 }).toEqual([true, true])
    // Whoever comes back last is heard by the one that was there before.
    await expect.poll(() => Math.max(one.heard.length, other.heard.length)).toBeGreaterThan(before)
    const again = other.heard.length
    one.hints.tell()
    await expect.poll(() => other.heard.length).toBeGreaterThan(again)
    expect(await one.refusals.of(plan(3))).toBeUndefined()
    await known(other, () => refused([one]))
    expect([one.told, other.told]).toEqual([1, 2].map(() => ['reached', 'away', 'reached']))
    expect(await whyNotReached(server.url)).toBeUndefined()
  })
})
