import { isMinute } from './counter.ts'
import type { Answer, CounterAdd, Plan } from './plan.ts'

export type Missed = Extract<Answer, { kind: 'missed' }>

/**
 * What stays certain of a sliding minute once the store has refused something for it. What is settled is never taken
 * back, and leaves the minute with its sub-bucket: until the oldest goes, at least so much is there. What is held may be
 * given back at any moment, and counts for nothing here.
 */
export interface FullMinute {
  readonly counterId: string
  /** The limits that the store refused under. Whoever asks under others has the store look at them. */
  readonly tenantVersion: number
  readonly settled: bigint
  readonly freesAtMs: number
}

/** How far the clocks of processes and stores may be apart. A minute is not trusted when it is that close to its end. */
export const CLOCKS_AGREE_MS = 2_000

/** What a refusal by the store makes certain; undefined where that is nothing. */
export function fullMinuteOf({ expectTenantVersion }: Plan, { counterId, value, freesAtMs }: Missed) {
  if (expectTenantVersion === undefined || freesAtMs === null || value.settled === 0n || !isMinute(counterId))
    return undefined
  return { counterId, tenantVersion: expectTenantVersion, settled: value.settled, freesAtMs } satisfies FullMinute
}

/** What of a plan can be known to be refused: what it adds to sliding minutes below a ceiling. */
export function minutesOf({ adds, expectTenantVersion }: Plan): readonly CounterAdd[] {
  if (expectTenantVersion === undefined) return []
  return adds.filter(({ counterId, ceiling }) => ceiling !== null && isMinute(counterId))
}

/** The refusal that a full minute makes certain, in the numbers that make it so; undefined where the store is to decide. */
export function refusalBy(full: FullMinute, add: CounterAdd, plan: Plan, nowMs: number): Missed | undefined {
  const { counterId, settled, freesAtMs, tenantVersion } = full
  if (add.counterId !== counterId || add.ceiling === null || plan.expectTenantVersion !== tenantVersion)
    return undefined
  if (nowMs + CLOCKS_AGREE_MS >= freesAtMs || settled + add.settled + add.held <= add.ceiling) return undefined
  return { kind: 'missed', counterId, value: { settled, held: 0n }, freesAtMs }
}
