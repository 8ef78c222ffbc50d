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

/** How many calls were refused for one reason, whoever's they were. */
export type RefusalReason = Pick<RefusalCount, 'code' | 'shadow' | 'count'>

/** Counts by reason, of one user, one model or of all. */
export function reasonsOf(
  counts: readonly Omit<RefusalCount, 'startMs'>[],
  { userId, model }: { readonly userId?: string; readonly model?: string },
): RefusalReason[] {
  const asked = counts.filter((one) => (userId ?? one.userId) === one.userId && (model ?? one.model) === one.model)
  return [...Map.groupBy(asked, ({ code, shadow }) => `${shadow} ${code}`).values()].map((same) => {
    const { code, shadow } = same[0]!
    return { code, shadow, count: same.reduce((sum, { count }) => sum + count, 0) }
  })
}

/** A store keeps this many samples of a tenant in each quarter of an hour, and drops those that come later. */
export const MOST_SAMPLES_PER_QUARTER = 200

/** What is committed of refusals at once: all of them counted, some of them kept. */
export interface RefusalBatch {
  readonly counts: readonly RefusalCount[]
  readonly samples: readonly Refusal[]
}
