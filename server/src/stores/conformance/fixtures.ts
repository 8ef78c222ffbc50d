import type { Key } from '../../core/account.ts'
import { counterId, counterOf, parseCounterId } from '../../core/counter.ts'
import type { Crossing } from '../../core/crossing.ts'
import { amountsOf, type Attempt, type Entry, type Reading } from '../../core/entry.ts'
import { entryOf, heldAmounts, type Hold, type HoldEnd } from '../../core/hold.ts'
import type { Limit } from '../../core/limit.ts'
import type { CounterAdd, Plan } from '../../core/plan.ts'
import type { Price } from '../../core/price.ts'
import type { Refusal, RefusalCount } from '../../core/refusal.ts'
import { GRAINS, rollupsOf } from '../../core/rollup.ts'

/** An ordinary instant: within a quarter of an hour, an hour, a day, a minute. */
export const NOON_MS = Date.UTC(2026, 5, 15, 12, 7, 33, 250)

export function anAttempt(over: Partial<Attempt> = {}): Attempt {
  return {
    id: 'attempt-1',
    callId: 'call-1',
    attempt: 1,
    format: 'openai_chat',
    stream: false,
    audit: {},
    labels: {},
    tenantId: 'acme',
    userId: 'ann',
    keyId: 'key-ann',
    provider: 'sim',
    model: 'sim-small',
    ...over,
  }
}

export function aHold(over: Partial<Hold> = {}): Hold {
  return {
    ...anAttempt(),
    writerId: 'writer-1',
    version: 1,
    countedAtMs: NOON_MS,
    bound: { inputTokens: 60, outputTokens: 40 },
    boundCostNanoUsd: 500n,
    priceVersion: 'price-1',
    counters: [],
    ...over,
  }
}

export function aReading(over: Partial<Reading> = {}): Reading {
  return {
    outcome: 'completed',
    evidence: 'reported',
    usage: { buckets: { inUncached: 20, inCacheRead: 0, outText: 10 } },
    rawUsage: '{"prompt_tokens":20,"completion_tokens":10}',
    quarantine: null,
    servedModel: 'sim-small-2026',
    costNanoUsd: 150n,
    priceVersion: 'price-1',
    httpStatus: 200,
    firstByteMs: 7,
    durationMs: 42,
    ...over,
  }
}

export function aLimit(over: Partial<Limit> = {}): Limit {
  return {
    id: 'limit-1',
    tenantId: 'acme',
    scope: { kind: 'user', id: 'ann' },
    metric: 'tokens',
    window: { kind: 'lifetime' },
    amount: 1_000n,
    mode: 'hard',
    ...over,
  }
}

export function aKey(over: Partial<Key> = {}): Key {
  return {
    id: 'key-ann',
    tenantId: 'acme',
    userId: 'ann',
    name: 'first',
    hash: 'hash-ann',
    last4: 'abcd',
    createdAtMs: NOON_MS,
    revokedAtMs: null,
    ...over,
  }
}

export function aRefusal(over: Partial<Refusal> = {}): Refusal {
  return {
    id: 'refusal-1',
    callId: 'call-1',
    atMs: NOON_MS,
    tenantId: 'acme',
    userId: 'ann',
    keyId: 'key-ann',
    provider: 'sim',
    model: 'sim-small',
    code: 'limit_reached',
    limitId: 'limit-1',
    shadow: false,
    message: 'The limit is reached.',
    details: { used: 7, resetsAt: null },
    ...over,
  }
}

/** So many refusals like this one, counted. */
export function countOf(refusal: Refusal, count: number): RefusalCount {
  const { tenantId, userId, model, code, limitId, shadow, atMs } = refusal
  const startMs = Math.floor(atMs / GRAINS.quarter) * GRAINS.quarter
  return { tenantId, userId, model, code, limitId, shadow, startMs, count }
}

export function aCrossing(over: Partial<Crossing> = {}): Crossing {
  return {
    id: 'crossing-1',
    tenantId: 'acme',
    limitId: 'limit-1',
    counterId: 'counter-1',
    threshold: 80,
    amount: 9_007_199_254_740_993n,
    settled: 8_007_199_254_740_993n,
    atMs: NOON_MS,
    ...over,
  }
}

export const A_PRICE: Price = {
  version: 'price-1',
  provider: 'sim',
  model: 'sim-small',
  source: 'a test',
  rates: { perToken: { inUncached: 5_000n, outText: 9_007_199_254_740_993n }, perToolCall: { web_search: 1n } },
  tiers: [{ aboveInputTokens: 200_000, rates: { perToken: { inUncached: 10_000n }, perToolCall: {} } }],
}

/** Of other tiers too, and of another model. */
export const ANOTHER_PRICE: Price = {
  ...A_PRICE,
  version: 'price-2',
  model: 'sim-large',
  serviceTiers: {
    flex: { rates: { perToken: { inUncached: 2_500n }, perToolCall: {} }, tiers: [] },
    'batch+us': { rates: A_PRICE.rates, tiers: A_PRICE.tiers },
  },
}

/** The counter that a limit reads at an instant. */
export function counterAt(limit: Limit, atMs = NOON_MS): string {
  return counterId(counterOf(limit, atMs))
}

/** Opens a hold in the counters of these limits, below those that bind. */
export function reserveOf(hold: Hold, limits: readonly Limit[]): Plan & { readonly open: Hold } {
  const adds = limits.map((limit): CounterAdd => {
    const ceiling = limit.mode === 'hard' ? limit.amount : null
    const held = heldAmounts(hold)[limit.metric]
    return { counterId: counterAt(limit, hold.countedAtMs), countedAtMs: hold.countedAtMs, settled: 0n, held, ceiling }
  })
  const open = { ...hold, counters: adds.map((add) => add.counterId) }
  return { tenantId: hold.tenantId, open, adds, rollups: [] }
}

/** Ends a hold as it was read. */
export function endOf(hold: Hold, end: HoldEnd = { kind: 'settle', reading: aReading() }): Plan & { entry: Entry } {
  const entry = entryOf(hold, end)
  const [held, used] = [heldAmounts(hold), amountsOf(entry)]
  const adds = hold.counters.map((id): CounterAdd => {
    const { metric } = parseCounterId(id)
    const moves = { settled: used[metric], held: -held[metric] }
    return { counterId: id, countedAtMs: hold.countedAtMs, ...moves, ceiling: null }
  })
  const { id, version, tenantId } = hold
  return { tenantId, end: { id, version }, entry, prices: [A_PRICE], adds, rollups: rollupsOf(entry) }
}

/** Books what happened elsewhere, in the counters of these limits. */
export function ingestOf(over: Partial<Entry>, key: Plan['ingestKey'], limits: readonly Limit[] = []): Plan {
  const base = {
    ...anAttempt(),
    ...aReading(),
    ending: 'ingested',
    held: { tokens: 0n, requests: 0n, costNanoUsd: 0n },
  }
  const entry = { ...base, countedAtMs: NOON_MS, occurredAtMs: NOON_MS, ...over } as Entry
  const used = amountsOf(entry)
  const adds = limits.map((limit): CounterAdd => {
    const { countedAtMs } = entry
    const counter = counterAt(limit, countedAtMs)
    return { counterId: counter, countedAtMs, settled: used[limit.metric], held: 0n, ceiling: null }
  })
  return { tenantId: entry.tenantId, entry, ...(key && { ingestKey: key }), adds, rollups: rollupsOf(entry) }
}
