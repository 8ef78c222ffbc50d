import type { Call } from './call.ts'
import type { Gateway } from './gateway.ts'
import { type Arrival, type Asked, errandOf } from './arrival.ts'
import type { Admitted } from './reserve.ts'
import type { Callable } from './resolve.ts'

interface Decided {
  readonly asked: Pick<Asked, 'body' | 'demand' | 'withoutUsage'>
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

async function callOf(gateway: Gateway, arrival: Arrival, { asked, deployment, admitted }: Decided): Promise<Call> {
  const { format, address } = arrival
  const { body, demand } = asked
  const errand = errandOf(arrival, demand.stream)
  const canAskUsage =
    deployment.knowsStreamOptions && !asked.withoutUsage && !gateway.usageRefusers.has({ deployment, errand, body })
  const stripUsage = demand.stream && canAskUsage && !format.reportsUsageUnasked(body)
  const { clampedOutputTokens, limits, hold, isSpooled } = admitted
  // Where the address names the model, the body may have none, or another, and the host may read the body's.
  const written = address.model === undefined ? demand.model : body.json['model']
  const isNamedOtherwise = deployment.upstreamModel !== written
  const outgoing = format.edit(body, {
    ...(isNamedOtherwise && { model: deployment.upstreamModel }),
    upstreamModel: deployment.upstreamModel,
    ...(clampedOutputTokens !== undefined && { maxOutputTokens: clampedOutputTokens }),
    ...(stripUsage && { includeUsage: true }),
    outputCapField: deployment.knowsMaxCompletionTokens ? 'max_completion_tokens' : 'max_tokens',
  })
  // A plain answer tells what is left as of its end, and only a stream has to tell it before.
  const remaining = {
    tokens: demand.stream && !isSpooled ? await gateway.ledger.remainingTokens(limits, hold.countedAtMs) : undefined,
  }
  return { ...arrival, gateway, body, deployment, errand, admitted, stripUsage, outgoing, remaining }
}
