import type { TenantLimits } from '../core/account.ts'
import { type Demand, UNASKED_TIERS } from '../core/bound.ts'
import type { Attempt } from '../core/entry.ts'
import { PublicError } from '../core/errors.ts'
import { applying } from '../core/limit.ts'
import type { ImaginedCall, Simulation } from '../core/ports/simulation.ts'
import type { Gateway } from './gateway.ts'
import { refusalError } from './refusal.ts'
import { boundFor, clampedOutputTokens } from './reserve.ts'
import { resolve } from './resolve.ts'

/**
 * Answers by the code that enforces: the same bound, the same plan, the same ceilings, without setting anything aside.
 * Throws what the call itself would be told where it is not the limits that refuse it.
 */
export async function simulate(gateway: Gateway, call: ImaginedCall, of: TenantLimits): Promise<Simulation> {
  const [deployment] = gateway.health.inOrder(resolve(gateway.deployments, call.format, call.model))
  const { provider, model } = deployment!
  const atMs = gateway.nowMs()
  const attempt = attemptOf(call, provider, model)
  const limits = applying(of.limits, attempt)
  const price = gateway.prices.price(provider, model, atMs, call.tenantId)
  const bound = boundFor(demandOf(call), deployment!, limits, price)
  const request = { attempt, tenantVersion: of.tenantVersion, limits, bound, tighten: async () => null, price, atMs }
  const { reserved, verdicts } = await gateway.ledger.wouldReserve(request)
  if (reserved.kind === 'stale')
    throw new PublicError('conflict', 'The limits changed while they were asked. Ask again.')
  const held = reserved.kind === 'held' ? reserved.bound : bound
  return {
    passes: reserved.kind === 'held',
    reason: reserved.kind === 'held' ? null : refusalError(reserved.obstacle, atMs).message,
    provider,
    model,
    bound: held,
    clampedOutputTokens: clampedOutputTokens(bound, held) ?? null,
    verdicts,
  }
}

function attemptOf(
  { tenantId, userId, keyId, format, labels }: ImaginedCall,
  provider: string,
  model: string,
): Attempt {
  const id = 'question'
  return {
    id,
    callId: id,
    attempt: 1,
    tenantId,
    userId,
    keyId,
    provider,
    model,
    format,
    stream: false,
    audit: {},
    labels,
  }
}

/** A plain text of so many tokens. */
function demandOf({ model, inputTokens, maxOutputTokens }: ImaginedCall): Demand {
  return {
    model,
    stream: false,
    inputBytes: inputTokens,
    hiddenInputTokens: 0,
    references: [],
    unboundedParts: [],
    maxOutputTokens,
    thinkingTokens: 0,
    choices: 1,
    serviceTiers: { asked: [], possible: UNASKED_TIERS },
  }
}
