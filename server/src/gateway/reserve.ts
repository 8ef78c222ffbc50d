import { bound, type Demand, type TokenBound } from '../core/bound.ts'
import type { Identity } from '../core/account.ts'
import type { Attempt } from '../core/entry.ts'
import { PublicError } from '../core/errors.ts'
import type { Hold } from '../core/hold.ts'
import { applying, type Limit } from '../core/limit.ts'
import type { Format, RequestBody } from '../core/ports/format.ts'
import { type Price, tableFor } from '../core/price.ts'
import { isHard } from '../ledger/plans.ts'
import type { Reserved, ReserveRequest } from '../ledger/reserve.ts'
import { countInput } from './count-input.ts'
import type { Gateway } from './gateway.ts'
import { refusalError } from './refusal.ts'
import type { Callable } from './resolve.ts'

/** What a call has become once it may be sent. */
export interface Admitted {
  readonly hold: Hold
  readonly limits: readonly Limit[]
  readonly price: Price | undefined
  /** It goes without the ledger, which could not be reached, and is booked when that can be. */
  readonly isSpooled: boolean
  /** The output ceiling to send per choice, where the client's own had to be clamped. */
  readonly clampedOutputTokens: number | undefined
}

export interface ReserveWish {
  readonly attempt: Attempt
  readonly identity: Identity
  readonly deployment: Callable
  readonly format: Format
  readonly body: RequestBody
  readonly demand: Demand
}

/**
 * Bounds what the call can use and sets that aside below every limit; 'stale' where the limits have changed since the
 * caller was identified. Throws the refusal.
 */
export async function reserve(gateway: Gateway, wish: ReserveWish): Promise<Admitted | 'stale'> {
  const { attempt, identity, deployment } = wish
  const atMs = gateway.nowMs()
  const limits = applying(identity.limits, attempt)
  const price = gateway.prices.price(deployment.provider, deployment.model, atMs, attempt.tenantId)
  const cheap = boundFor(wish.demand, deployment, limits, price)
  const request: ReserveRequest = {
    attempt,
    tenantVersion: identity.tenant.version,
    limits,
    bound: cheap,
    tighten: () => tighten(gateway, wish),
    price,
    atMs,
  }
  let reserved: Reserved
  let isSpooled = false
  try {
    reserved = await gateway.ledger.reserve(request)
  } catch (error) {
    reserved = await gateway.ledger.letThrough(request, error)
    isSpooled = true
  }
  if (reserved.kind === 'stale') return 'stale'
  if (reserved.kind === 'refused') throw refusalError(reserved.obstacle, atMs)
  const { hold, bound: held } = reserved
  return {
    hold,
    limits,
    price,
    isSpooled,
    clampedOutputTokens: clampedOutputTokens(cheap, held),
  }
}

/** The output ceiling that is left for each choice of what was asked for; undefined where that is all of it. */
export function clampedOutputTokens(asked: TokenBound | null, held: TokenBound | null): number | undefined {
  const isClamped = held !== null && asked !== null && held.outputTokens < asked.outputTokens
  return isClamped ? held.outputTokens / held.choices : undefined
}

/** Null where nothing bounds the request and no hard limit asks for it. Throws where one does. */
export function boundFor(
  demand: Demand,
  deployment: Callable,
  limits: readonly Limit[],
  price: Price | undefined,
): TokenBound | null {
  const hard = limits.filter(isHard)
  if (hard.some((limit) => limit.metric === 'costNanoUsd')) requirePrice(demand, deployment, price)
  const result = bound(demand, deployment.ceilings)
  if (result.kind === 'bounded') return result
  if (hard.some((limit) => limit.metric !== 'requests'))
    throw new PublicError(
      'unbounded_request',
      `A hard limit applies, and nothing bounds this request: ${result.reason}.`,
    )
  return null
}

/** Below a budget nothing is sent whose cost could not be booked. */
function requirePrice(
  { serviceTiers }: Demand,
  { model, provider }: Callable,
  price: Price | undefined,
): asserts price is Price {
  if (!price) throw new PublicError('unpriced_model', `${model} of ${provider} has no price.`, { field: 'model' })
  const asked = serviceTiers?.asked.toSorted().join('+')
  if (asked && !tableFor(price, asked))
    throw new PublicError('unpriced_model', `${model} of ${provider} has no price at the service tier ${asked}.`)
}

async function tighten(
  gateway: Gateway,
  { format, body, demand, deployment }: ReserveWish,
): Promise<TokenBound | null> {
  const counted =
    (await gateway.tokens.exactInputTokens(format, body, deployment)) ??
    (await countInput(gateway, deployment, format, body))
  if (counted === undefined) return null
  const result = bound(demand, deployment.ceilings, counted)
  return result.kind === 'bounded' ? result : null
}
