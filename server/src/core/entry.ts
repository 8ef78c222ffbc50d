import type { Amounts, Subject } from './limit.ts'
import { type Evidence, totalTokens, type Usage } from './usage.ts'

/** How an attempt ended. `cancelled` is the client's doing, and no error of anybody's; `cut` is ours or a crash's. */
export const OUTCOMES = ['completed', 'cancelled', 'upstream_error', 'cut', 'voided'] as const
export type Outcome = (typeof OUTCOMES)[number]

/** What R3's audit trail asks of a call, given by optional headers. None of it decides who pays. */
export interface Audit {
  /** At most 500 characters. */
  readonly question?: string
  readonly collection?: string
  readonly documentsRetrieved?: number
  readonly sessionId?: string
}

/** One upstream attempt of a call, as told to the ledger when it is admitted. */
export interface Attempt extends Subject {
  /** Minted by the server: a client's own ids are labels and never decide what is counted. */
  readonly id: string
  readonly callId: string
  readonly attempt: number
  readonly format: string
  readonly stream: boolean
  readonly audit: Audit
}

/** What is known of an attempt once it has ended. */
export interface Reading {
  readonly outcome: Outcome
  readonly evidence: Evidence
  readonly usage: Usage
  /** The provider's own usage object as JSON text, verbatim; null where it sent none. */
  readonly rawUsage: string | null
  /** Why the reported usage was not believed; null where it was. */
  readonly quarantine: string | null
  /** The model that the provider says it served; null where it did not say. */
  readonly servedModel: string | null
  readonly costNanoUsd: bigint | null
  /** The row of the price book that the cost came from; null where the attempt is unpriced. */
  readonly priceVersion: string | null
  readonly httpStatus: number | null
  readonly firstByteMs: number | null
  /** 0 for an expired hold: nobody was there to measure. */
  readonly durationMs: number
}

/**
 * How an entry came about: one of the three ends of a hold, or no hold at all. `spooled`: its call was let through while the
 * ledger could not be reached, and was written here when it could.
 */
export const ENDINGS = ['settled', 'voided', 'expired', 'ingested', 'spooled'] as const
export type Ending = (typeof ENDINGS)[number]

/** One immutable line of the ledger. */
export interface Entry extends Attempt, Reading {
  readonly ending: Ending
  /** Decides the windows of limits: when the attempt was admitted, or when an ingested event arrived. */
  readonly countedAtMs: number
  /** Decides rollups and prices: when it happened. */
  readonly occurredAtMs: number
  /** What was set aside for it; zero for what was ingested or spooled. */
  readonly held: Amounts
}

/** An entry in its place: the gapless sequence of the writer that committed it. */
export interface PlacedEntry extends Entry {
  readonly writerId: string
  readonly seq: number
}

/** What an entry moves counters by. What is unknown moves nothing, and is marked unknown wherever it is shown. */
export function amountsOf(entry: Pick<Entry, 'outcome' | 'usage' | 'costNanoUsd'>): Amounts {
  return {
    tokens: BigInt(totalTokens(entry.usage) ?? 0),
    requests: entry.outcome === 'voided' ? 0n : 1n,
    costNanoUsd: entry.costNanoUsd ?? 0n,
  }
}
