import { describe, expect, test } from 'vitest'
import { BUCKETS } from '../../core/usage.ts'
import { rangeAt } from '../../core/window.ts'
import { aHold, aLimit, counterAt, ingestOf, NOON_MS, reserveOf } from './fixtures.ts'
import type { MakePlace } from './place.ts'
import { placesOf } from './suite.ts'

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS

/** Days of zones, as limits count them and as reports do. */
export function windowConformance(makePlace: MakePlace): void {
  describe('days of zones', () => {
    const { newStores } = placesOf(makePlace)

    test.each([
      ['T01', 'Europe/Amsterdam', '2026-03-28T23:00Z', 23],
      ['T01', 'Europe/Amsterdam', '2026-10-24T22:00Z', 25],
      ['T02', 'Asia/Shanghai', '2026-11-29T16:00Z', 24],
    ])(
      '%s: a limit of a day in %s is full until the next midnight there, and empty then: from %s, %d hours',
      async (...day) => {
        const [, zone, start, hours] = day
        const [startMs, endMs] = [Date.parse(start), Date.parse(start) + hours * HOUR_MS]
        const limit = aLimit({ metric: 'requests', window: { kind: 'calendar', unit: 'day', zone }, amount: 1n })
        const stores = await newStores({ nowMs: () => startMs })
        const instants = [startMs - 1, startMs, endMs - 1, endMs]
        const plans = instants.map((countedAtMs) => reserveOf(aHold({ id: `at ${countedAtMs}`, countedAtMs }), [limit]))
        const answers = await stores.ledger.commit('writer-1', plans)
        expect(answers.map(({ kind }) => kind)).toEqual(['committed', 'committed', 'missed', 'committed'])
        const held = instants.map(async (atMs) => (await stores.ledger.counter(counterAt(limit, atMs), atMs)).held)
        expect(await Promise.all(held)).toEqual([1n, 1n, 1n, 1n])
      },
    )

    test('T10: in each of 24 zones the sum of the days is the range', async () => {
      const { ledger, reports } = await newStores()
      const plans = Array.from({ length: 40 }, (_, at) => {
        const usage = { buckets: { inUncached: 2 ** at, outText: 1 } }
        return ingestOf({ id: `event-${at}`, occurredAtMs: NOON_MS + at * 5 * HOUR_MS + at * 61_000, usage }, undefined)
      })
      await ledger.commit('writer-1', plans)
      for (let ahead = -11; ahead <= 12; ahead++) {
        const zone = ahead === 0 ? 'UTC' : `Etc/GMT${ahead < 0 ? '+' : '-'}${Math.abs(ahead)}`
        const { startMs } = rangeAt({ kind: 'calendar', unit: 'day', zone }, NOON_MS + DAY_MS)
        const range = { startMs, endMs: startMs + 6 * DAY_MS }
        const asked = { tenantId: 'acme', cube: 'quality', grain: 'quarter', range, by: [] } as const
        const starts = Array.from({ length: 6 }, (_, day) => startMs + day * DAY_MS)
        const days = await reports.sums({ ...asked, byTime: starts })
        const [all] = await reports.sums({ ...asked, byTime: false })
        const within = plans
          .map(({ entry }) => entry!)
          .filter(({ occurredAtMs: at }) => startMs <= at && at < range.endMs)
        const tokens = within.reduce((sum, { usage }) => sum + BigInt(usage.buckets.inUncached! + 1), 0n)
        const tokensOf = (groups: typeof days) =>
          groups.reduce((sum, { sums }) => sum + BUCKETS.reduce((of, bucket) => of + sums[bucket], 0n), 0n)
        expect([zone, tokensOf(days), tokensOf([all!])]).toEqual([zone, tokens, tokens])
        expect(days).toHaveLength(6)
      }
    })
  })
}
