import type { IncomingMessage, ServerResponse } from 'node:http'
import { performance } from 'node:perf_hooks'
import type { Identity } from '../core/account.ts'
import type { Demand } from '../core/bound.ts'
import type { Audit } from '../core/entry.ts'
import { PublicError } from '../core/errors.ts'
import type { RequestBody } from '../core/ports/format.ts'
import { attempts } from './attempts.ts'
import { auditOf } from './audit.ts'
import type { Call } from './call.ts'
import type { Gateway } from './gateway.ts'
import { identify, known } from './identify.ts'
import { prepare } from './prepare.ts'
import { readBody } from './read-body.ts'
import { refuse, refuseInShadow } from './refuse.ts'
import { reserve } from './reserve.ts'
import { type Callable, resolve } from './resolve.ts'
import type { ProxyRoute } from './routes.ts'
import { free } from './free.ts'

/** A call on its way through the gateway: what arrived, and what has become known of it. */
export interface Arrival extends Pick<Call, 'id' | 'format' | 'request' | 'response' | 'startedAtMs'> {
  readonly route: ProxyRoute
  identity?: Identity
  deployment?: Callable
}

/** The life of a call, in the order of ARCHITECTURE.md. Answers in every case; never rejects. */
export async function proxy(
  gateway: Gateway,
  route: ProxyRoute,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const format = gateway.formats[route.format]!
  const arrival: Arrival = { id: gateway.newId(), route, format, request, response, startedAtMs: performance.now() }
  try {
    if (gateway.openCalls.isRefusing)
      throw new PublicError('not_ready', 'The server is stopping.', { retryAfterSeconds: 1 })
    arrival.identity = await identify(gateway, request.headers)
    if (route.metering === 'free') return await free(gateway, arrival)
    const body = await readBody(request)
    const demand = format.demand(body)
    const candidates = resolve(gateway.deployments, route.format, demand.model)
    const asked: Asked = { body, demand, ...auditOf(request.headers) }
    await attempts(gateway, candidates, (deployment, attempt) => admit(gateway, arrival, asked, deployment, attempt))
  } catch (error) {
    refuse(gateway, arrival, error)
  }
}

/** What a client asks for, read once for all attempts. */
export interface Asked {
  readonly body: RequestBody
  readonly demand: Demand
  readonly audit: Audit
  readonly labels: Readonly<Record<string, string>>
}

/** Bounds and reserves one attempt. Throws the refusal. */
async function admit(
  gateway: Gateway,
  arrival: Arrival,
  { body, demand, audit, labels }: Asked,
  deployment: Callable,
  attempt: number,
): Promise<Call> {
  arrival.deployment = deployment
  const { id: callId, format } = arrival
  for (;;) {
    const { tenant, user, key } = known(arrival.identity)
    const wish = {
      id: gateway.newId(),
      callId,
      attempt,
      tenantId: tenant.id,
      userId: user.id,
      keyId: key.id,
      provider: deployment.provider,
      model: deployment.model,
      format: format.name,
      stream: demand.stream,
      audit,
      labels,
    }
    const identity = arrival.identity!
    const admitted = await reserve(gateway, { attempt: wish, identity, deployment, format, body, demand })
    if (admitted !== 'stale') {
      refuseInShadow(gateway, admitted.hold, admitted.limits)
      return await prepare(gateway, arrival, { body, demand, deployment, admitted })
    }
    // A limit or a key has changed in between: who calls, and under which limits, is asked again.
    arrival.identity = known(await gateway.refresh(identity))
  }
}
