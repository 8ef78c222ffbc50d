import { expect, test } from 'vitest'
import type { PlacedEntry } from '../../core/entry.ts'
import { ingestOf, NOON_MS } from './fixtures.ts'
import type { Stores } from './reference.ts'

const HOUR_MS = 3_600_000

/** Engines may look for them where their cells say that they are: each is found all the same, once. */
export function rareEntries(newStores: () => Promise<Stores>): void {
  test('entries of a rare kind are found over many hours, page by page', async () => {
    const { ledger, reports } = await newStores()
    const entries = Array.from({ length: 24 }, (_, at) => {
      const occurredAtMs = NOON_MS + Math.floor(at / 3) * 2 * HOUR_MS + (at % 3)
      return { id: `entry-${at + 10}`, occurredAtMs, model: at % 4 === 0 ? 'rare' : 'sim-small' }
    })
    const plans = entries.map((entry) => ingestOf(entry, undefined))
    await ledger.commit('writer-1', plans)
    const rare = entries.filter(({ model }) => model === 'rare').toReversed()
    const idsOf = (page: readonly Pick<PlacedEntry, 'id'>[]) => page.map(({ id }) => id)
    for (const limit of [1, 2, 4, 9])
      for (const [at, before] of [undefined, ...rare].entries()) {
        const query = { tenantId: 'acme', limit, model: 'rare', ...(before && { before }) }
        expect(idsOf(await reports.entries(query))).toEqual(idsOf(rare.slice(at, at + limit)))
      }
    const range = { startMs: rare[4]!.occurredAtMs, endMs: rare[1]!.occurredAtMs }
    const within = await reports.entries({ tenantId: 'acme', limit: 9, model: 'rare', range })
    expect(idsOf(within)).toEqual(idsOf(rare.slice(2, 5)))
  })

  test('entries of a key are found among those of its user, and without one, too', async () => {
    const { accounts, ledger, reports } = await newStores()
    await accounts.tenant('acme')
    const createUser = { id: 'ann', tenantId: 'acme', createdAtMs: 1 }
    const createKey = {
      ...createUser,
      id: 'known',
      userId: 'ann',
      name: '',
      hash: 'h',
      last4: '4444',
      revokedAtMs: null,
    }
    await accounts.commit({ tenantId: 'acme', expectVersion: 1, createUser, createKey })
    const keys = ['known', 'another', 'known', 'unknown']
    const plans = keys.map((keyId, at) => ingestOf({ id: `${at}`, keyId, occurredAtMs: NOON_MS + at }, undefined))
    await ledger.commit('writer-1', plans)
    for (const keyId of keys) {
      const found = await reports.entries({ tenantId: 'acme', limit: 9, keyId })
      expect(found.map(({ id }) => Number(id))).toEqual([3, 2, 1, 0].filter((at) => keys[at] === keyId))
    }
    expect(await reports.entries({ tenantId: 'other', limit: 9, keyId: 'known' })).toEqual([])
  })
}
