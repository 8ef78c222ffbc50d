import { expect, test } from 'vitest'
import { ingestOf, NOON_MS } from './fixtures.ts'
import type { Stores } from './reference.ts'

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS

/** Engines may sort where the cells are, and of as few of them as can be. */
export function largest(newStores: () => Promise<Stores>): void {
  test('the largest come by what they cost, then by their tokens, then by name, in half-open ranges', async () => {
    const { ledger, reports } = await newStores()
    const entries = [
      { id: '0', userId: 'dear', costNanoUsd: 2n ** 61n, tokens: 1 },
      { id: '1', userId: 'dearest', costNanoUsd: 2n ** 61n, tokens: 1 },
      { id: '2', userId: 'dearest', costNanoUsd: 1n, tokens: 1, occurredAtMs: NOON_MS + 3 * DAY_MS },
      { id: '3', userId: 'unpriced', costNanoUsd: null, tokens: 3 },
      { id: '4', userId: 'many', costNanoUsd: null, tokens: 2 },
      { id: '5', userId: 'many', costNanoUsd: null, tokens: 2, occurredAtMs: NOON_MS + 2 * DAY_MS },
      { id: '6', userId: 'b', costNanoUsd: null, tokens: 2 },
      { id: '7', userId: 'a', costNanoUsd: null, tokens: 2 },
      { id: '8', userId: 'of another day', costNanoUsd: 2n ** 61n, tokens: 9, occurredAtMs: NOON_MS - DAY_MS },
    ]
    const plans = entries.map(({ tokens, ...entry }) =>
      ingestOf(
        { occurredAtMs: NOON_MS, ...entry, usage: { buckets: { outText: tokens } }, model: entry.userId },
        undefined,
      ),
    )
    await ledger.commit('writer-1', plans)
    const range = { startMs: NOON_MS - HOUR_MS, endMs: NOON_MS + 3 * DAY_MS + HOUR_MS }
    const all = ['dearest', 'dear', 'many', 'unpriced', 'a', 'b']
    for (const [cube, of] of [
      ['account', 'userId'],
      ['account', 'model'],
      ['quality', 'model'],
    ] as const) {
      const asked = { tenantId: 'acme', cube, of, range } as const
      for (const most of [1, 3, 9]) expect(await reports.largest({ ...asked, most })).toEqual(all.slice(0, most))
      expect(await reports.largest({ ...asked, most: 9, where: { [of]: ['a', 'none', 'many'] } })).toEqual([
        'many',
        'a',
      ])
      const before = { startMs: range.startMs, endMs: NOON_MS + 2 * DAY_MS - HOUR_MS }
      const sooner = ['dear', 'dearest', 'unpriced', 'a', 'b', 'many']
      expect(await reports.largest({ ...asked, most: 9, range: before })).toEqual(sooner)
      const none = { startMs: NOON_MS + HOUR_MS, endMs: NOON_MS + 2 * DAY_MS - HOUR_MS }
      expect(await reports.largest({ ...asked, most: 9, range: none })).toEqual([])
      expect(await reports.largest({ ...asked, most: 9, tenantId: 'other' })).toEqual([])
    }
  })
}
