import { newDelivery } from '../../core/delivery.ts'
import {
  A_PRICE,
  ANOTHER_PRICE,
  aCrossing,
  aHold,
  aKey,
  aLimit,
  aReading,
  aRefusal,
  countOf,
  counterAt,
  endOf,
  ingestOf,
  NOON_MS,
  reserveOf,
} from './fixtures.ts'
import type { Stores } from './reference.ts'

/** The instant at which the whole story happens. */
export const STORY_MS = NOON_MS + 1_000

const TOKENS = aLimit()
const MINUTE = aLimit({ id: 'limit-2', metric: 'requests', window: { kind: 'minute' } })
export const MINUTE_COUNTER = counterAt(MINUTE)
const DAY = aLimit({
  id: 'limit-3',
  scope: { kind: 'tenant', id: 'acme' },
  metric: 'costNanoUsd',
  window: { kind: 'calendar', unit: 'day', zone: 'Europe/Amsterdam' },
})

/**
 * A short life of a ledger that takes every kind of step: each is one commit, and all of them together pass every
 * point at which a store can be interrupted.
 */
export const STEPS: readonly ((stores: Stores) => Promise<unknown>)[] = [
  ({ accounts }) => accounts.tenant('acme'),
  ({ accounts }) =>
    accounts.commit({
      tenantId: 'acme',
      expectVersion: 1,
      createUser: { id: 'ann', tenantId: 'acme', createdAtMs: NOON_MS },
      createKey: aKey(),
      putLimits: { limits: [TOKENS, MINUTE], atMs: NOON_MS },
    }),
  ({ ledger }) => ledger.renewLease('writer-1', 15_000),
  ({ ledger }) =>
    ledger.commit('writer-1', [
      {
        ...reserveOf(aHold({ id: 'one' }), [TOKENS, MINUTE]),
        prices: [A_PRICE, ANOTHER_PRICE],
        expectTenantVersion: 2,
      },
      reserveOf(aHold({ id: 'two', userId: 'bob' }), []),
      reserveOf(aHold({ id: 'too-much', bound: { inputTokens: 999, outputTokens: 1 } }), [TOKENS]),
      ingestOf({ id: 'event', occurredAtMs: NOON_MS - 86_400_000 }, { source: 'sdk', id: '1', digest: 'd' }, [TOKENS]),
    ]),
  ({ accounts }) =>
    accounts.commit({ tenantId: 'acme', expectVersion: 2, putLimits: { limits: [DAY], atMs: NOON_MS } }),
  async ({ ledger }) => {
    const [one, two] = [await ledger.hold('one'), await ledger.hold('two')]
    await ledger.commit('writer-1', [
      endOf(one!, { kind: 'settle', reading: aReading({ costNanoUsd: 499n }) }),
      { ...endOf(two!, { kind: 'expire' }), crossings: [aCrossing(), aCrossing({ id: 'crossing-2' })] },
      { tenantId: 'acme', adds: [], rollups: [], crossings: [aCrossing({ id: 'told' })], tellOver: ['webhook'] },
      {
        ...{ tenantId: 'acme', adds: [], rollups: [], crossings: [aCrossing({ atMs: 1 })] },
        refusals: { counts: [countOf(aRefusal(), 3)], samples: [aRefusal(), aRefusal({ id: 'refusal-2' })] },
      },
      endOf(aHold({ id: 'nobody' })),
      reserveOf(aHold({ id: 'three' }), [TOKENS, MINUTE, DAY]),
    ])
  },
  ({ accounts }) =>
    accounts.commit({
      tenantId: 'acme',
      expectVersion: 3,
      revokeKey: { id: 'key-ann', atMs: STORY_MS },
      putLimits: { limits: [{ ...TOKENS, amount: null }], atMs: STORY_MS },
    }),
  ({ deliveries }) => deliveries.claim('webhook', 1, 60_000),
  ({ deliveries }) =>
    deliveries.end(
      { ...newDelivery({ tenantId: 'acme', id: 'told' }, 'webhook'), attempts: 1, dueMs: STORY_MS + 60_000 },
      { kind: 'failed', error: 'answered 500', retryInMs: 5_000 },
    ),
  ({ accounts }) => accounts.keepSetting('name', 'value'),
  ({ accounts }) => accounts.replaceSetting('name', 'next', 'value'),
]
