import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { missingRedis, newRedis, type RedisServer } from '../../../scripts/engines/redis.ts'
import { CLOCKS_AGREE_MS } from '../core/full-minute.ts'
import type { Hold } from '../core/hold.ts'
import type { Limit } from '../core/limit.ts'
import type { KnownRefusals } from '../core/ports/known-refusals.ts'
import { openLedger } from '../ledger/ledger.ts'
import { aLimit, anAttempt, aReading } from '../stores/conformance/fixtures.ts'
import { referenceStore } from '../stores/conformance/reference.ts'
import { openRedis, type Redis } from './open.ts'

const missing = missingRedis()
const STEPS = 2_500
const PROCESSES = 2
const MOST_REQUESTS = 100
const MOST_TOKENS = 4_000n

/** The same numbers for the same seed. */
function dice(seed: number): (sides: number) => number {
  let state = seed
  return (sides) => (state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0) % sides
}

describe.skipIf(missing)(missing ?? 'minutes of two processes with Redis between them', () => {
  let server: RedisServer
  beforeAll(async () => {
    server = await newRedis()
  })
  afterAll(() => server.kill())

  /**
   * A life of several minutes, as quick as it goes: what is known lives far longer here than it may in earnest. Clocks of
   * processes are as far from the store's as they may be.
   */
  async function live(seed: number) {
    const roll = dice(seed)
    const clock = { nowMs: Date.UTC(2026, 10, 30, 12, 34, 56) }
    const { accounts, ledger: store } = referenceStore({ nowMs: () => clock.nowMs })
    const limits: Limit[] = [
      aLimit({ id: 'requests', metric: 'requests', window: { kind: 'minute' }, amount: BigInt(MOST_REQUESTS) }),
      aLimit({ id: 'tokens', metric: 'tokens', window: { kind: 'minute' }, amount: MOST_TOKENS }),
    ]
    let version = (await accounts.tenant('acme')).version
    const put = async (changed: readonly Limit[]) => {
      const createUser = version === 1 ? { createUser: { id: 'ann', tenantId: 'acme', createdAtMs: 0 } } : {}
      const putLimits = { limits: changed, atMs: clock.nowMs }
      await accounts.commit({ tenantId: 'acme', expectVersion: version, ...createUser, putLimits })
      version += 1
    }
    await put(limits)

    const counts = { known: 0, held: 0, refused: 0, stale: 0 }
    /** Each refusal out of Redis is asked of the store as well. */
    const checked = (known: KnownRefusals): KnownRefusals => ({
      keep: known.keep,
      async of(plan) {
        const refusal = await known.of(plan)
        if (!refusal) return undefined
        counts.known += 1
        const answer = await store.check(plan)
        expect(answer.kind, `seed ${seed}`).not.toBe('committed')
        return refusal
      },
    })
    const redises: Redis[] = []
    const ledgers = await Promise.all(
      Array.from({ length: PROCESSES }, async (_, index) => {
        const nowMs = () => clock.nowMs + (index === 0 ? -CLOCKS_AGREE_MS : CLOCKS_AGREE_MS)
        const watcher = { reached: () => {}, away: () => {} }
        const redis = openRedis({ url: server.url, name: `seed ${seed}`, nowMs, watcher })
        redises.push(redis)
        const onError = (error: unknown) => expect.unreachable(String(error))
        const options = { store, writerId: `writer ${index}`, leaseMs: 600_000, onCommitted: () => {}, onError }
        return openLedger({ ...options, knownRefusals: checked(redis.refusals) })
      }),
    )
    await expect.poll(() => redises.every(({ isReached }) => isReached)).toBe(true)

    const admitted: { atMs: number; requests: number }[] = []
    const open: { hold: Hold; of: (typeof admitted)[number]; process: number }[] = []
    let minted = 0
    let amount = MOST_REQUESTS
    async function begin(process: number) {
      const attempt = anAttempt({ id: `attempt ${(minted += 1)}` })
      const bound = { inputTokens: roll(60), outputTokens: 1 + roll(100), leastOutputTokens: 1, choices: 1 }
      const request = { attempt, limits, bound, tighten: async () => null, price: undefined, atMs: clock.nowMs }
      const reserved = await ledgers[process]!.reserve({ ...request, tenantVersion: version - Number(roll(20) === 0) })
      counts[reserved.kind] += 1
      if (reserved.kind !== 'held') return
      const of = { atMs: reserved.hold.countedAtMs, requests: 1 }
      admitted.push(of)
      open.push({ hold: reserved.hold, of, process })
    }
    async function end() {
      const [one] = open.splice(roll(open.length || 1), 1)
      if (!one) return
      const isVoid = roll(6) === 0
      if (isVoid) one.of.requests = 0
      const usage = { buckets: { inUncached: roll(20), outText: roll(60) } }
      const reading = { httpStatus: 500, durationMs: 1 }
      await ledgers[(one.process + roll(2)) % PROCESSES]!.end(
        one.hold,
        isVoid ? { kind: 'void', reading } : { kind: 'settle', reading: aReading({ usage, costNanoUsd: null }) },
      )
    }

    for (let step = 0; step < STEPS; step += 1) {
      if (step === STEPS / 2) await server.kill()
      if (step === (STEPS * 3) / 4) {
        await server.start()
        await expect.poll(() => redises.every(({ isReached }) => isReached), { timeout: 5_000 }).toBe(true)
      }
      if (roll(400) === 0) await put([{ ...limits[0]!, amount: BigInt((amount = MOST_REQUESTS - roll(50))) }])
      limits[0] = { ...limits[0]!, amount: BigInt(amount) }
      const some = Array.from({ length: 1 + roll(3) }, () => begin(roll(PROCESSES)))
      await Promise.all([...some, ...(roll(3) > 0 ? [end(), end()] : [])])
      clock.nowMs += roll(12) === 0 ? roll(3_000) : roll(40)
    }
    await Promise.all([...ledgers, ...redises].map((one) => one.close()))
    return { counts, admitted }
  }

  test('Redis refuses nothing that the store would take, and never more than the limit is let in in 60 seconds', async () => {
    for (const seed of [1, 2]) {
      const { counts, admitted } = await live(seed)
      expect(counts.known).toBeGreaterThan(200)
      expect(counts.held).toBeGreaterThan(MOST_REQUESTS)
      for (const { atMs } of admitted) {
        const inside = admitted.filter((other) => other.atMs <= atMs && other.atMs > atMs - 60_000)
        expect(inside.reduce((sum, { requests }) => sum + requests, 0)).toBeLessThanOrEqual(MOST_REQUESTS)
      }
    }
  })
})
