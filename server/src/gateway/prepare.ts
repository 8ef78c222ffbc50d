import type { Demand } from '../core/bound.ts'
import type { RequestBody } from '../core/ports/format.ts'
import type { Call } from './call.ts'
import type { Gateway } from './gateway.ts'
import { type Arrival, errandOf } from './arrival.ts'
import type { Admitted } from './reserve.ts'
import type { Callable } from './resolve.ts'

interface Decided {
  readonly body: RequestBody
  readonly demand: Demand
  readonly deployment: Callable
  readonly admitted: Admitted
}

/** Makes the call of what was decided. From the reserve on there is a hold: where this fails, it is given back. */
export async function prepare(gateway: Gateway, arrival: Arrival, decided: Decided): Promise<Call> {
  try {
    return await callOf(gateway, arrival, decided)
  } catch (error) {
    const reading = { httpStatus: null, durationMs: 0 }
    gateway.ledger
      .end(decided.admitted.hold, { kind: 'void', reading })
      .catch((lost: unknown) => gateway.report('a hold could not be given back', lost, arrival.id))
    throw error
  }
}

async function callOf(
  gateway: Gateway,
  arrival: Arrival,
  { body, demand, deployment, admitted }: Decided,
): Promise<Call> {
  const { format } = arrival
  const stripUsage = demand.stream && deployment.knowsStreamOptions && !format.reportsUsageUnasked(body)
  const { clampedOutputTokens, limits, hold } = admitted
  const outgoing = format.edit(body, {
    ...(deployment.upstreamModel !== demand.model && { model: deployment.upstreamModel }),
    upstreamModel: deployment.upstreamModel,
    ...(clampedOutputTokens !== undefined && { maxOutputTokens: clampedOutputTokens }),
    ...(stripUsage && { includeUsage: true }),
    outputCapField: deployment.knowsMaxCompletionTokens ? 'max_completion_tokens' : 'max_tokens',
  })
  // A plain answer tells what is left as of its end, and only a stream has to tell it before.
  const remaining = {
    tokens: demand.stream ? await gateway.ledger.remainingTokens(limits, hold.countedAtMs) : undefined,
  }
  const errand = errandOf(arrival, demand.stream)
  return { ...arrival, gateway, body, deployment, errand, admitted, stripUsage, outgoing, remaining }
}
