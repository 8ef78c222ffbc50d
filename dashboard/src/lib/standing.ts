import type { Limit, User } from './contract.ts'
import { integer, integerOrNull, percentOf } from './integer.ts'

/**
 * Where a counter stands against its limit. `closed`: a limit of 0, which admits nothing. `reached`: the settled usage
 * alone is at the limit. `held`: the rest is set aside for calls that run now, and some of it may come back. `near`: from
 * 80 % on.
 */
export type Standing = 'unlimited' | 'closed' | 'fine' | 'near' | 'held' | 'reached'

export interface Usage {
  readonly used: bigint
  readonly held: bigint
  readonly limit: bigint | null
  /** Null where unlimited; never below 0. */
  readonly remaining: bigint | null
  readonly standing: Standing
  /** Used and held of the limit, beyond 100 where it is overshot; null where unlimited. */
  readonly percent: number | null
  /** Of the limit, each between 0 and 100; together at most 100, whatever the overshoot. */
  readonly usedPercent: number
  readonly heldPercent: number
}

const NEAR_PERCENT = 80

/** A user's tokens over the whole lifetime. */
export function usageOf(user: Pick<User, 'tokenUsage' | 'tokensHeld' | 'tokenLimit'>): Usage {
  return usage(integer(user.tokenUsage), integer(user.tokensHeld), integerOrNull(user.tokenLimit))
}

export function usageOfLimit(limit: Pick<Limit, 'settled' | 'held' | 'amount'>): Usage {
  return usage(integer(limit.settled), integer(limit.held), integerOrNull(limit.amount))
}

function usage(used: bigint, held: bigint, limit: bigint | null): Usage {
  if (limit === null)
    return { used, held, limit, remaining: null, standing: 'unlimited', percent: null, usedPercent: 0, heldPercent: 0 }
  const left = limit - used - held
  const usedPercent = limit === 0n ? 100 : Math.min(100, percentOf(used, limit))
  const heldPercent = limit === 0n ? 0 : Math.min(100 - usedPercent, percentOf(held, limit))
  const standing = standingOf(used, held, limit, usedPercent + heldPercent)
  const percent = limit === 0n ? 100 : percentOf(used + held, limit)
  return { used, held, limit, remaining: left < 0n ? 0n : left, standing, percent, usedPercent, heldPercent }
}

function standingOf(used: bigint, held: bigint, limit: bigint, percent: number): Standing {
  if (limit === 0n) return 'closed'
  if (used >= limit) return 'reached'
  if (used + held >= limit) return 'held'
  return percent >= NEAR_PERCENT ? 'near' : 'fine'
}

/** The user as it is with another limit, until the server says so itself. */
export function withLimit(user: User, tokenLimit: number | null): User {
  const { remaining, percent } = usageOf({ ...user, tokenLimit })
  const percentUsed = percent === null ? null : Math.round(percent * 10) / 10
  return { ...user, tokenLimit, tokensRemaining: remaining === null ? null : remaining.toString(), percentUsed }
}
