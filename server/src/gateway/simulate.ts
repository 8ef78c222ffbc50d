import { type Demand, type TokenBound, UNASKED_TIERS } from '../core/bound.ts'
import type { Attempt } from '../core/entry.ts'
import { PublicError } from '../core/errors.ts'
import { applying, type Limit } from '../core/limit.ts'
import type { Verdict } from '../ledger/verdicts.ts'
import type { Gateway } from './gateway.ts'
import { refusalError } from './refusal.ts'
import { boundFor, clampedOutputTokens } from './reserve.ts'
import { resolve } from './resolve.ts'

/** "Would this call pass?", asked for a user or a key. */
export interface Question {
  readonly tenantId: string
  readonly userId: string
  /** '' asks for the user whatever its key. */
  readonly keyId: string
  readonly model: string
  readonly format: string
  readonly inputTokens: number
  readonly maxOutputTokens: number | undefined
  readonly labels: Readonly<Record<string, string>>
}

export interface Simulation {
  readonly passes: boolean
  /** Why not, as the caller would be told. */
  readonly reason: string | null
  readonly provider: string
  readonly model: string
  /** Null where nothing bounds the call. */
  readonly bound: TokenBound | null
  readonly clampedOutputTokens: number | null
  readonly verdicts: readonly Verdict[]
}

/**
 * Answers by the code that enforces: the same bound, the same plan, the same ceilings, without setting anything aside.
 * Throws what the call itself would be told where it is not the limits that refuse it.
 */
export async function simulate(
  gateway: Gateway,
  question: Question,
  of: { readonly limits: readonly Limit[]; readonly tenantVersion: number },
): Promise<Simulation> {
  const [deployment] = gateway.health.inOrder(resolve(gateway.deployments, question.format, question.model))
  const { provider, model } = deployment!
  const atMs = gateway.nowMs()
  const attempt = attemptOf(question, provider, model)
  const limits = applying(of.limits, attempt)
  const price = gateway.prices.price(provider, model, atMs, question.tenantId)
  const bound = boundFor(demandOf(question), deployment!, limits, price)
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

function attemptOf({ tenantId, userId, keyId, format, labels }: Question, provider: string, model: string): Attempt {
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
function demandOf({ model, inputTokens, maxOutputTokens }: Question): Demand {
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
