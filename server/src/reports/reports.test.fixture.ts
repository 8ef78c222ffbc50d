import * as fc from 'fast-check'
import type { Entry } from '../core/entry.ts'
import { costOf, type Price } from '../core/price.ts'
import { rollupsOf } from '../core/rollup.ts'
import { BUCKETS, type Usage } from '../core/usage.ts'
import type { Stores } from '../stores/conformance/reference.ts'
import { openReports } from './reports.ts'

/** For tests: the tenant of all of it. */
export const T = 'default'
/** For tests: a price of everything, with a tier. */
export const PRICE: Price = {
  version: 'v1',
  provider: 'p',
  model: 'm',
  source: 'test',
  rates: {
    perToken: Object.fromEntries(BUCKETS.map((bucket, at) => [bucket, BigInt(at * 1_111_111 + 7)])),
    perToolCall: { web_search: 10_000_000_000n },
  },
  tiers: [{ aboveInputTokens: 200, rates: { perToken: { inUncached: 9n, outText: 11n }, perToolCall: {} } }],
}
/** For tests: of another model, with a price at another tier. */
export const OTHER_PRICE: Price = {
  ...PRICE,
  version: 'v2',
  model: 'advisor',
  serviceTiers: { flex: { rates: { perToken: { inUncached: 3_000n }, perToolCall: {} }, tiers: [] } },
}
/** For tests: the evening before the clocks of Europe go back. */
export const START_MS = Date.UTC(2026, 9, 24, 20)

let minted = 0
/** For tests: an entry like others, but for what is given. */
export function entryWith(more: Partial<Entry> = {}): Entry {
  const usage: Usage = more.usage ?? { buckets: { inUncached: 100, outText: 20 } }
  const cost = costOf(usage, PRICE)
  const id = `e${minted++}`
  return {
    id,
    callId: id,
    attempt: 1,
    tenantId: T,
    userId: 'alice',
    keyId: 'k1',
    provider: 'p',
    model: 'm',
    format: 'openai-chat',
    stream: true,
    audit: {},
    labels: {},
    outcome: 'completed',
    evidence: 'reported',
    usage,
    rawUsage: null,
    quarantine: null,
    servedModel: null,
    costNanoUsd: cost.kind === 'priced' ? cost.costNanoUsd : null,
    priceVersion: cost.kind === 'priced' ? 'v1' : null,
    httpStatus: 200,
    firstByteMs: 5,
    durationMs: 10,
    ending: 'ingested',
    countedAtMs: START_MS,
    occurredAtMs: START_MS,
    held: { tokens: 0n, requests: 0n, costNanoUsd: 0n },
    ...more,
  }
}

/** For tests: reports over a store that has these entries. */
export async function book(stores: Stores, entries: readonly Entry[]) {
  for (const entry of entries)
    await stores.ledger.commit('w1', [
      { tenantId: T, entry, prices: [PRICE, OTHER_PRICE], adds: [], rollups: rollupsOf(entry) },
    ])
  return openReports(stores, () => START_MS)
}

/** For tests: any buckets, or none. */
export const aUsage = fc
  .record(Object.fromEntries(BUCKETS.map((bucket) => [bucket, fc.nat(1_000)])), { requiredKeys: [] })
  .map((buckets): Usage => ({ buckets }))
