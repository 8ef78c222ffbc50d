import type { ErrorCode } from './errors.ts'
import type { Subject } from './limit.ts'

/**
 * A call that was not admitted, or that a limit in shadow mode would not have admitted: counted, and kept as a sample
 * with its reason. Never an entry, since nothing was used.
 */
export interface Refusal extends Pick<Subject, 'tenantId' | 'userId' | 'keyId'> {
  readonly id: string
  readonly callId: string
  readonly atMs: number
  /** As far as it was known: a call may be refused before its model is resolved. */
  readonly provider: string | null
  readonly model: string | null
  readonly code: ErrorCode
  /** The limit that stood in the way; null where it was no limit. */
  readonly limitId: string | null
  /** The limit is in shadow mode: the call was made all the same. */
  readonly shadow: boolean
  readonly message: string
  /** The numbers that reproduce the decision. */
  readonly details: Readonly<Record<string, string | number | null>>
}

/** How many calls were refused for one reason in one quarter of an hour. */
export interface RefusalCount extends Pick<Refusal, 'tenantId' | 'userId' | 'model' | 'code' | 'limitId' | 'shadow'> {
  readonly startMs: number
  readonly count: number
}

/** A store keeps this many samples of a tenant in each quarter of an hour, and drops those that come later. */
export const MOST_SAMPLES_PER_QUARTER = 200

/** What is committed of refusals at once: all of them counted, some of them kept. */
export interface RefusalBatch {
  readonly counts: readonly RefusalCount[]
  readonly samples: readonly Refusal[]
}
