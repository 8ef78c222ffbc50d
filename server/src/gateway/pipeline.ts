import type { IncomingMessage, ServerResponse } from 'node:http'
import { performance } from 'node:perf_hooks'
import type { Demand } from '../core/bound.ts'
import type { RequestBody } from '../core/ports/format.ts'
import { auditOf } from './audit.ts'
import type { Call } from './call.ts'
import type { Gateway } from './gateway.ts'
import { identify, known } from './identify.ts'
import { sendModels } from './models.ts'
import { readBody } from './read-body.ts'
import { relay } from './relay.ts'
import { type Admitted, reserve } from './reserve.ts'
import { type Callable, resolve } from './resolve.ts'
import { publicBody, sendError } from './respond.ts'
import type { ProxyRoute } from './routes.ts'
import { holdSettling } from './settle.ts'

/** The life of a call, in the order of ARCHITECTURE.md. Answers in every case; never rejects. */
export async function proxy(
  gateway: Gateway,
  route: ProxyRoute,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const startedAtMs = performance.now()
  const id = gateway.newId()
  const format = gateway.formats[route.format]!
  try {
    const call = await admit(gateway, { id, route, format, request, response, startedAtMs })
    if (!call) return
    // A client that left while it waited gets nothing, and nothing is sent for it.
    if (response.destroyed) await holdSettling(call).void(null)
    else await relay(call)
  } catch (error) {
    const body = publicBody(error)
    if (body.code === 'internal' || body.code === 'ledger_unavailable') gateway.report(body.message, error, id)
    sendError(response, format, body, id)
  }
}

interface Arrival extends Pick<Call, 'id' | 'format' | 'request' | 'response' | 'startedAtMs'> {
  readonly route: ProxyRoute
}

/** Identify, resolve, bound, reserve: everything that is decided before the first byte goes upstream. */
async function admit(gateway: Gateway, arrival: Arrival): Promise<Call | undefined> {
  const { id, route, format, request, response } = arrival
  let identity = await identify(gateway, request.headers)
  if (route.metering === 'free') {
    sendModels(response, gateway.deployments)
    return undefined
  }
  const body = await readBody(request)
  const demand = format.demand(body)
  const deployment = resolve(gateway.deployments, route.format, demand.model)
  const { audit, labels } = auditOf(request.headers)
  for (;;) {
    const attempt = {
      id: gateway.newId(),
      callId: id,
      attempt: 1,
      tenantId: identity.tenant.id,
      userId: identity.user.id,
      keyId: identity.key.id,
      provider: deployment.provider,
      model: deployment.model,
      format: route.format,
      stream: demand.stream,
      audit,
      labels,
    }
    const admitted = await reserve(gateway, { attempt, identity, deployment, format, body, demand })
    if (admitted !== 'stale') return await callOf(gateway, arrival, { body, demand, deployment, admitted })
    // A limit or a key has changed in between: who calls, and under which limits, is asked again.
    identity = known(await gateway.refresh(identity))
  }
}

interface Decided {
  readonly body: RequestBody
  readonly demand: Demand
  readonly deployment: Callable
  readonly admitted: Admitted
}

/** Makes the call of what was decided. From the reserve on there is a hold: where this fails, it is given back. */
async function callOf(gateway: Gateway, arrival: Arrival, decided: Decided): Promise<Call> {
  try {
    return await prepare(gateway, arrival, decided)
  } catch (error) {
    const reading = { httpStatus: null, durationMs: 0 }
    gateway.ledger
      .end(decided.admitted.hold, { kind: 'void', reading })
      .catch((lost: unknown) => gateway.report('a hold could not be given back', lost, arrival.id))
    throw error
  }
}

async function prepare(
  gateway: Gateway,
  arrival: Arrival,
  { body, demand, deployment, admitted }: Decided,
): Promise<Call> {
  const { format } = arrival
  const stripUsage = demand.stream && !format.reportsUsageUnasked(body)
  const { clampedOutputTokens, limits, hold } = admitted
  const outgoing = format.edit(body, {
    ...(deployment.upstreamModel !== demand.model && { model: deployment.upstreamModel }),
    ...(clampedOutputTokens !== undefined && { maxOutputTokens: clampedOutputTokens }),
    ...(stripUsage && { includeUsage: true }),
    outputCapField: deployment.knowsMaxCompletionTokens ? 'max_completion_tokens' : 'max_tokens',
  })
  const remaining = { tokens: await gateway.ledger.remainingTokens(limits, hold.countedAtMs) }
  const endpoint = gateway.endpoints[arrival.route.format]!
  return { ...arrival, gateway, body, deployment, endpoint, admitted, stripUsage, outgoing, remaining }
}
