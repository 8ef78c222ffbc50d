import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { Alert } from '../core/alert.ts'
import type { AttemptEnd } from '../core/delivery.ts'
import type { Channel, Told } from '../core/ports/channel.ts'
import { aCrossing, aLimit, counterAt, NOON_MS } from '../stores/conformance/fixtures.ts'
import { referenceStore, type Stores } from '../stores/conformance/reference.ts'
import { emptyState } from '../stores/conformance/reference-state.ts'
import { type Alerts, attemptEnd, openAlerts } from './alerts.ts'

const HOUR_MS = 3_600_000
const LIMIT = aLimit()
const CROSSING = aCrossing({ id: 'crossing', counterId: counterAt(LIMIT), amount: 1_000n, settled: 850n })

beforeEach(() => void vi.useFakeTimers({ now: NOON_MS }))
const open: Alerts[] = []
afterEach(async () => {
  await Promise.all(open.splice(0).map((alerts) => alerts.close()))
  vi.useRealTimers()
})

/** A ledger with one crossing to be told, and processes that tell it over a channel which answers as a test says. */
async function processes(count: number, answer: (attempt: number) => Promise<Told>) {
  const state = emptyState()
  const told: Alert[] = []
  const ends: AttemptEnd[] = []
  const problems: unknown[] = []
  const store = referenceStore({ state })
  await store.ledger.commit('w', [
    { tenantId: 'acme', adds: [], rollups: [], crossings: [CROSSING], tellOver: ['webhook'] },
  ])
  const channel: Channel = {
    ...{ name: 'webhook', target: 'https://hooks.example.com' },
    tell: (alert) => answer(told.push(alert)),
  }
  const start = ({ deliveries }: Pick<Stores, 'deliveries'> = store) => {
    const alerts = openAlerts({
      ...{ store: deliveries, limits: async () => [LIMIT], channels: [channel] },
      ...{ nowMs: Date.now, random: () => 0 },
      onAttempt: (_, end) => void ends.push(end),
      onError: (error) => void problems.push(error),
    })
    open.push(alerts)
    return alerts
  }
  return { all: Array.from({ length: count }, () => start()), start, store, told, ends, problems }
}

test('A03: of many processes one tells it; what failed is told again by the same id, later and later, until it is heard', async () => {
  const { all, told, ends } = await processes(5, async (attempt) =>
    attempt < 4 ? { delivered: false, reason: 'answered 500' } : { delivered: true },
  )
  await vi.advanceTimersByTimeAsync(2_000)
  expect(told).toHaveLength(1)
  expect(await all[0]!.state()).toMatchObject([{ waiting: 1, failing: { attempts: 1, error: 'answered 500' } }])
  await vi.advanceTimersByTimeAsync(HOUR_MS)
  expect(ends).toEqual([
    ...[2_500, 5_000, 10_000].map((retryInMs) => ({ kind: 'failed', error: 'answered 500', retryInMs })),
    { kind: 'delivered' },
  ])
  expect(new Set(told.map(({ id }) => id)).size).toBe(1)
  expect(told[0]).toMatchObject({ text: 'User ann used 85% of 1,000 tokens (left 150), never resets', atMs: NOON_MS })
  expect(await all[0]!.state()).toEqual([
    { channel: 'webhook', target: 'https://hooks.example.com', waiting: 0, failing: undefined },
  ])
})

test('A03: what a process that died was telling is told by another once its lease is over, and marked once', async () => {
  const never = Promise.withResolvers<Told>()
  const { start, told, ends } = await processes(1, async (attempt) =>
    attempt === 1 ? never.promise : { delivered: true },
  )
  await vi.advanceTimersByTimeAsync(2_000)
  start()
  await vi.advanceTimersByTimeAsync(25_000)
  expect(told).toHaveLength(1)
  await vi.advanceTimersByTimeAsync(20_000)
  never.resolve({ delivered: true })
  await vi.advanceTimersByTimeAsync(HOUR_MS)
  expect(told.map(({ id }) => id)).toEqual([told[0]!.id, told[0]!.id])
  expect(ends).toEqual([{ kind: 'delivered' }])
})

test('a store that is away is told of once, and what waits is told when it is back', async () => {
  const { start, store, told, problems } = await processes(0, async () => ({ delivered: true }))
  let isAway = true
  const { claim } = store.deliveries
  const deliveries = {
    ...store.deliveries,
    claim: (...given: Parameters<typeof claim>) => (isAway ? Promise.reject(new Error('away')) : claim(...given)),
  }
  start({ deliveries })
  await vi.advanceTimersByTimeAsync(20_000)
  expect([problems.length, told.length]).toEqual([1, 0])
  isAway = false
  await vi.advanceTimersByTimeAsync(2_000)
  expect(told).toHaveLength(1)
})

test('attempts come at most an hour apart, never all at once, and end after three days', () => {
  const failed = { delivered: false, reason: 'no answer in 8 s' } as const
  const after = (attempts: number, ageMs: number, random: number) => attemptEnd(failed, { attempts, ageMs }, random)
  expect(after(1, 0, 0)).toEqual({ kind: 'failed', error: failed.reason, retryInMs: 2_500 })
  expect(after(1, 0, 1)).toMatchObject({ retryInMs: 5_000 })
  expect(after(2_000, 0, 1)).toMatchObject({ retryInMs: HOUR_MS })
  expect(after(50, 71 * HOUR_MS, 1)).toMatchObject({ kind: 'failed' })
  expect(after(50, 71 * HOUR_MS + 1, 1)).toEqual({ kind: 'given_up', error: failed.reason })
  // Whoever comes back after a week finds that it was told once more.
  expect(attemptEnd({ delivered: true }, { attempts: 9, ageMs: 200 * HOUR_MS }, 1)).toEqual({ kind: 'delivered' })
})
