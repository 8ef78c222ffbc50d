import type { IncomingMessage, ServerResponse } from 'node:http'
import { performance } from 'node:perf_hooks'
import type { Address } from '../core/ports/format.ts'
import { admit } from './admit.ts'
import type { Arrival, Asked } from './arrival.ts'
import { attempts } from './attempts.ts'
import { auditOf } from './audit.ts'
import { stoppingError } from './failure.ts'
import { free } from './free.ts'
import type { Gateway } from './gateway.ts'
import { identify } from './identify.ts'
import { readBody } from './read-body.ts'
import { refuse } from './refuse.ts'
import { resolve } from './resolve.ts'
import type { ProxyRoute } from './routes.ts'
import { isTranslated, translate } from './translate.ts'

/** The life of a call, in the order of ARCHITECTURE.md. Answers in every case; never rejects. */
export async function proxy(
  gateway: Gateway,
  route: ProxyRoute,
  address: Address,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const format = gateway.formats[route.format]!
  const startedAtMs = performance.now()
  const arrival: Arrival = { id: gateway.newId(), route, address, format, request, response, startedAtMs }
  try {
    if (gateway.openCalls.isRefusing) throw stoppingError()
    arrival.identity = await identify(gateway, request, route.takesKeyInQuery)
    if (route.metering === 'free') return await free(gateway, arrival)
    const body = await readBody(request)
    const demand = format.demand(body, address)
    if (isTranslated(gateway, format, demand.model)) return await translate(gateway, arrival, body, demand)
    const candidates = resolve(gateway.deployments, route.format, demand.model)
    const asked: Asked = { body, demand, ...auditOf(request.headers) }
    await attempts(gateway, candidates, (deployment, attempt, withoutUsage) =>
      admit(gateway, arrival, { ...asked, withoutUsage }, deployment, attempt),
    )
  } catch (error) {
    refuse(gateway, arrival, error)
  }
}
