import { z } from 'zod'
import { PublicError } from '../core/errors.ts'
import { FORMAT_NAMES } from '../core/format-names.ts'
import type { ImaginedCall, Simulation, Verdict } from '../core/ports/simulation.ts'
import type { NamedSubject } from '../accounts/subject.ts'
import { boundCost } from '../ledger/reserve.ts'
import { isoTime } from '../reports/time.ts'
import { aText } from './fields.ts'
import { simulationSchema } from './limit-schemas.ts'
import { type Context, type ControlRoute, route } from './route.ts'

/** More than any model can read or write at once; more is a mistake in a unit. */
const MOST_TOKENS = 1_000_000_000
const MOST_LABELS = 16

const questionSchema = z
  .strictObject({
    userId: aText(1_000).optional(),
    keyId: aText(200).optional(),
    model: aText(200),
    format: z
      .enum(FORMAT_NAMES)
      .optional()
      .describe('the API that is called; where it is left out, the one that has the model'),
    inputTokens: z.int().min(0).max(MOST_TOKENS).default(0),
    maxOutputTokens: z.int().min(1).max(MOST_TOKENS).optional(),
    labels: z
      .record(aText(64), aText(1_000))
      .refine((labels) => Object.keys(labels).length <= MOST_LABELS, `must be at most ${MOST_LABELS}`)
      .default({}),
  })
  .refine(({ userId, keyId }) => (userId === undefined) !== (keyId === undefined), {
    path: ['userId'],
    message: 'must be there, or keyId in its place',
  })
type Question = z.output<typeof questionSchema>

export const limitsTestRoutes: readonly ControlRoute[] = [
  route({
    method: 'POST',
    path: '/api/limits/test',
    summary: 'Would this call pass? Answered by what enforces, for a plain text; nothing is set aside',
    authentication: 'admin',
    body: questionSchema,
    answers: { 200: simulationSchema },
    async handle(context, { caller: { tenantId }, body }) {
      const { userId, keyId, format, model, inputTokens, maxOutputTokens, labels } = body
      const named: NamedSubject = keyId === undefined ? { userId: userId! } : { keyId }
      const { limits, tenantVersion, ...who } = await context.accounts.callSubject(tenantId, named)
      const call = { tenantId, ...who, model, inputTokens, maxOutputTokens, labels }
      const formats = format === undefined ? FORMAT_NAMES : [format]
      try {
        const simulated = await inFirst(
          formats,
          (one) => context.simulate({ ...call, format: one }, { limits, tenantVersion }),
          ({ provider, model: served }) =>
            context.prices.price(provider, served, context.now(), tenantId) !== undefined,
        )
        return answerOf(context, tenantId, simulated)
      } catch (error) {
        if (error instanceof PublicError && REFUSALS.includes(error.body.code)) return refusedBefore(body, error)
        throw error
      }
    },
  }),
]

/** What a call is refused by before limits are looked at: an answer to the question, and no fault in it. */
const REFUSALS: readonly string[] = ['model_not_found', 'model_unavailable', 'unbounded_request', 'unpriced_model']

/**
 * In the first format that has the model at a price, since a host of somebody's own serves any name; else in the first
 * that has it. Where none has, as the last says.
 */
async function inFirst(
  formats: readonly ImaginedCall['format'][],
  ask: (format: ImaginedCall['format']) => Promise<Simulation>,
  isPriced: (simulated: Simulation) => boolean,
): Promise<Simulation> {
  const asked = await Promise.allSettled(formats.map(ask))
  const found = asked.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []))
  const simulated = found.find(isPriced) ?? found[0]
  if (simulated) return simulated
  const reasons: unknown[] = asked.flatMap((one) => (one.status === 'rejected' ? [one.reason] : []))
  throw reasons.find((reason) => !isNotFound(reason)) ?? reasons.at(-1)
}

const isNotFound = (reason: unknown) => reason instanceof PublicError && reason.body.code === 'model_not_found'

function answerOf({ prices, now }: Pick<Context, 'prices' | 'now'>, tenantId: string, simulated: Simulation) {
  const { passes, reason, model, provider, bound, clampedOutputTokens, verdicts } = simulated
  const price = bound && prices.price(provider, model, now(), tenantId)
  const cost = bound && price && boundCost(bound, price)
  const tokens = bound ? BigInt(bound.inputTokens) + BigInt(bound.outputTokens) : 0n
  return {
    ...{ passes, reason, model, provider },
    asked: { tokens, requests: 1n, costNanoUsd: cost ?? null },
    clampedMaxOutputTokens: clampedOutputTokens,
    rules: verdicts.map(ruleOf),
  }
}

function ruleOf({ limit, value, asked, verdict, resetsAtMs }: Verdict) {
  const { id, scope, metric, window, mode, amount } = limit
  const resetsAt = resetsAtMs === null ? null : isoTime(resetsAtMs)
  return { limitId: id, scope, metric, window, mode, amount, ...value, asked, verdict, resetsAt }
}

function refusedBefore({ model }: Question, { message }: PublicError) {
  const asked = { tokens: 0n, requests: 1n, costNanoUsd: null }
  return { passes: false, reason: message, model, provider: null, asked, clampedMaxOutputTokens: null, rules: [] }
}
