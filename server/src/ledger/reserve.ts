import { type TokenBound, clamp } from '../core/bound.ts'
import { counterIdOf, type CounterValue } from '../core/counter.ts'
import type { Attempt } from '../core/entry.ts'
import type { Missed } from '../core/full-minute.ts'
import type { Hold } from '../core/hold.ts'
import type { Limit } from '../core/limit.ts'
import type { Answer, Plan } from '../core/plan.ts'
import { costCeilingNanoUsd, type Price } from '../core/price.ts'
import { resetsAtMs } from '../core/window.ts'
import { countersOf, type HardLimit, isHard, planReserve } from './plans.ts'

/** A wish to send an attempt upstream. */
export interface ReserveRequest {
  readonly attempt: Attempt
  readonly tenantVersion: number
  /** The limits that apply to the attempt. */
  readonly limits: readonly Limit[]
  /** Null where nothing bounds the request; only for attempts without hard limits on tokens or cost. */
  readonly bound: TokenBound | null
  /** A closer bound of the same request, asked for only when the first does not fit. */
  readonly tighten: () => Promise<TokenBound | null>
  readonly price: Price | undefined
  readonly atMs: number
}

export type Reserved =
  | { readonly kind: 'held'; readonly hold: Hold; readonly bound: TokenBound | null }
  | { readonly kind: 'refused'; readonly obstacle: Obstacle }
  /** The tenant's limits or keys have changed since they were read. */
  | { readonly kind: 'stale' }

/** Why an attempt was not admitted: the numbers that reproduce the decision. */
export interface Obstacle {
  readonly limit: HardLimit
  readonly value: CounterValue
  /** In the limit's metric. */
  readonly asked: bigint
  /** When the window ends or frees, null where it never does. */
  readonly resetsAtMs: number | null
}

/** A bound may be tightened once and clamped each time that others were quicker; then the answer is no. */
const MOST_TRIES = 6

/**
 * Sets aside the most that an attempt can use, in all counters at once, or says which limit it would break. With a
 * `commit` that only asks, it tells what it would do.
 */
export async function reserve(
  commit: (plan: Plan) => Promise<Answer>,
  writerId: string,
  request: ReserveRequest,
): Promise<Reserved> {
  let bound = request.bound
  let tightened = false
  for (let tries = 1; ; tries++) {
    const hold = holdOf(request, bound, writerId)
    const answer = await commit(planReserve(hold, request.limits, request.tenantVersion, request.price))
    if (answer.kind === 'committed') return { kind: 'held', hold, bound }
    if (answer.kind === 'stale') return { kind: 'stale' }
    if (answer.kind !== 'missed') throw new Error(`a reserve was answered ${answer.kind}`)
    const limit = missedLimit(request, answer)
    const obstacle = obstacleOf(request, limit, answer, hold, bound)
    if (tries === MOST_TRIES || limit.metric === 'requests') return { kind: 'refused', obstacle }
    // Counting takes time, and perhaps the provider's: only where a smaller input could make the difference.
    if (!tightened && fit(bound && { ...bound, inputTokens: 0 }, limit, answer.value, request.price)) {
      tightened = true
      bound = (await request.tighten()) ?? bound
    }
    const fitting = fit(bound, limit, answer.value, request.price)
    if (!fitting) return { kind: 'refused', obstacle }
    bound = fitting
  }
}

function holdOf(request: ReserveRequest, bound: TokenBound | null, writerId: string): Hold {
  const { attempt, price, limits, atMs } = request
  const tokens = bound && { inputTokens: bound.inputTokens, outputTokens: bound.outputTokens }
  return {
    ...attempt,
    writerId,
    version: 1,
    countedAtMs: atMs,
    bound: tokens,
    boundCostNanoUsd: bound && boundCost(bound, price),
    priceVersion: price?.version ?? null,
    counters: countersOf(limits, atMs),
  }
}

/** What a bound costs at most, in nano-USD; null where the model is unpriced. */
export function boundCost(bound: TokenBound, price: Price | undefined): bigint | null {
  const { inputTokens: input, outputTokens: output, serviceTiers } = bound
  return (price && costCeilingNanoUsd(price, { input, output, serviceTiers })) ?? null
}

/** The bound as it may be tried again: as it is where it fits by now, clamped where the limit is of that kind. */
function fit(
  bound: TokenBound | null,
  limit: HardLimit,
  value: CounterValue,
  price: Price | undefined,
): TokenBound | undefined {
  if (!bound) return undefined
  const room = limit.amount - value.settled - value.held
  if (limit.metric === 'costNanoUsd') {
    const cost = boundCost(bound, price)
    return cost !== null && cost <= room ? bound : undefined
  }
  if (BigInt(bound.inputTokens + bound.outputTokens) <= room) return bound
  // Clamped rather than refused where the limit is a user's own tokens.
  return limit.scope.kind === 'user' ? clamp(bound, Number(room)) : undefined
}

/** The strictest of the limits that read the missed counter. */
function missedLimit(request: ReserveRequest, missed: Missed): HardLimit {
  const candidates = request.limits
    .filter(isHard)
    .filter((limit) => counterIdOf(limit, request.atMs) === missed.counterId)
    .toSorted((a, b) => Number(a.amount - b.amount))
  const [strictest] = candidates
  if (!strictest) throw new Error(`no hard limit reads the missed counter ${missed.counterId}`)
  return strictest
}

function obstacleOf(
  request: ReserveRequest,
  limit: HardLimit,
  missed: Missed,
  hold: Hold,
  bound: TokenBound | null,
): Obstacle {
  const tokens = bound ? BigInt(bound.inputTokens + bound.outputTokens) : 0n
  const asked = { tokens, requests: 1n, costNanoUsd: hold.boundCostNanoUsd ?? 0n }[limit.metric]
  const atMs = resetsAtMs(limit.window, request.atMs) ?? missed.freesAtMs
  return { limit, value: missed.value, asked, resetsAtMs: atMs }
}
