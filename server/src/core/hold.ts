import type { TokenBound } from './bound.ts'
import type { Attempt, Ending, Entry, Reading } from './entry.ts'
import { type Amounts, NO_AMOUNTS } from './limit.ts'
import { UNKNOWN_USAGE } from './usage.ts'

/**
 * What an attempt may use at most, set aside before its first byte goes upstream. The row is the durable intent too:
 * with it alone, an attempt whose process died can be booked.
 */
export interface Hold extends Attempt {
  readonly writerId: string
  /** Grows with every change of the row; an end names the version that it saw. */
  readonly version: number
  readonly countedAtMs: number
  /** Null where nothing bounds the request, which only a subject without hard limits may send. */
  readonly bound: Pick<TokenBound, 'inputTokens' | 'outputTokens'> | null
  /** What the bound costs at most; null where there is no bound or the model is unpriced. */
  readonly boundCostNanoUsd: bigint | null
  readonly priceVersion: string | null
  /** Ids of the counters that it is set aside in: exactly these are moved when it ends. */
  readonly counters: readonly string[]
}

/** What the hold sets aside, by metric. */
export function heldAmounts(hold: Pick<Hold, 'bound' | 'boundCostNanoUsd'>): Amounts {
  return {
    tokens: hold.bound ? BigInt(hold.bound.inputTokens) + BigInt(hold.bound.outputTokens) : 0n,
    requests: 1n,
    costNanoUsd: hold.boundCostNanoUsd ?? 0n,
  }
}

/** The three ends of a hold. Each hold meets exactly one, and leaves one entry. */
export type HoldEnd =
  /** Its attempt ended, and this is what is known of it. */
  | { readonly kind: 'settle'; readonly reading: Reading }
  /** The provider took nothing for it: nothing was sent, or it answered with an error. */
  | { readonly kind: 'void'; readonly reading: Pick<Reading, 'httpStatus' | 'durationMs'> }
  /** Its writer died. What it used is not known, so it counts in full, and says so. */
  | { readonly kind: 'expire' }

/** The entry that an end leaves. */
export function entryOf(hold: Hold, end: HoldEnd): Entry {
  const { id, callId, attempt, format, stream, audit, labels, tenantId, userId, keyId, provider, model } = hold
  const attemptOnly = { id, callId, attempt, format, stream, audit, labels, tenantId, userId, keyId, provider, model }
  const common = {
    ...attemptOnly,
    countedAtMs: hold.countedAtMs,
    occurredAtMs: hold.countedAtMs,
    held: heldAmounts(hold),
  }
  switch (end.kind) {
    case 'settle':
      return { ...common, ...end.reading, ending: 'settled' }
    case 'void':
      return { ...common, ...NOTHING_USED, ...end.reading, ending: 'voided' }
    case 'expire':
      return { ...common, ...usedInFull(hold), ending: 'expired' }
  }
}

/** The entry of a call that was let through without the ledger: nothing was set aside for it there. */
export function spooledEntryOf(hold: Hold, end: HoldEnd): Entry {
  return { ...entryOf(hold, end), ending: 'spooled', held: NO_AMOUNTS }
}

/** What a late end is told: how the hold ended before it came. */
export type AlreadyEnded = { readonly kind: 'already_ended'; readonly as: Ending }

const NOTHING_USED = {
  outcome: 'voided',
  evidence: 'reported',
  usage: { buckets: { inUncached: 0, outText: 0 } },
  rawUsage: null,
  quarantine: null,
  servedModel: null,
  costNanoUsd: 0n,
  priceVersion: null,
  firstByteMs: null,
} as const satisfies Partial<Reading>

function usedInFull(hold: Hold): Reading {
  return {
    outcome: 'cut',
    evidence: hold.bound ? 'bounded' : 'unknown',
    usage: hold.bound
      ? { buckets: { inUncached: hold.bound.inputTokens, outText: hold.bound.outputTokens } }
      : UNKNOWN_USAGE,
    rawUsage: null,
    quarantine: null,
    servedModel: null,
    costNanoUsd: hold.boundCostNanoUsd,
    priceVersion: hold.priceVersion,
    httpStatus: null,
    firstByteMs: null,
    durationMs: 0,
  }
}
