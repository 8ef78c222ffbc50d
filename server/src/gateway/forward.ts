import type { IncomingHttpHeaders } from 'node:http'
import type { Dispatcher } from 'undici'
import type { Deployment, Endpoint } from '../core/ports/deployment.ts'
import type { Gateway } from './gateway.ts'

/** Headers of the client that a provider gets. Everything else stays here: keys, cookies, addresses, our own. */
const FORWARDED = ['accept', 'user-agent', 'anthropic-version', 'anthropic-beta', 'openai-beta', 'idempotency-key']
const FORWARDED_PREFIX = 'x-stainless-'

export interface Forward {
  readonly deployment: Deployment
  readonly endpoint: Endpoint
  readonly clientHeaders: IncomingHttpHeaders
  readonly body: Buffer
  /** Below the deployment's base URL. */
  readonly path: string
}

/**
 * Sends an attempt to its deployment's own origin and to nowhere else: redirects are not followed, and nothing that the
 * client sent chooses the host (checks S20, S24).
 */
export function forward(gateway: Gateway, attempt: Forward, handler: Dispatcher.DispatchHandler): void {
  const { headersMs, idleMs } = gateway.timeouts
  gateway.dispatcher.dispatch({ ...requestTo(attempt), headersTimeout: headersMs, bodyTimeout: idleMs }, handler)
}

/** The request as it goes upstream. */
export function requestTo({ deployment, endpoint, clientHeaders, body, path }: Forward) {
  const { origin, prefix } = addressOf(deployment.baseUrl)
  const headers = upstreamHeaders(deployment, endpoint, clientHeaders)
  return { origin, path: prefix + path, method: 'POST' as const, headers, body }
}

function upstreamHeaders(
  deployment: Deployment,
  endpoint: Endpoint,
  client: IncomingHttpHeaders,
): Record<string, string> {
  // Frames are edited and metered, so they must come as they are.
  const headers: Record<string, string> = {
    ...endpoint.defaultHeaders,
    'content-type': 'application/json',
    'accept-encoding': 'identity',
  }
  for (const name of FORWARDED) {
    const value = client[name]
    if (typeof value === 'string') headers[name] = value
  }
  for (const name in client) {
    const value = client[name]
    if (name.startsWith(FORWARDED_PREFIX) && typeof value === 'string') headers[name] = value
  }
  return Object.assign(headers, endpoint.headers(deployment))
}

const addresses = new Map<string, { origin: string; prefix: string }>()

/** Base URLs come from the configuration, so there are few. */
function addressOf(baseUrl: string): { origin: string; prefix: string } {
  let address = addresses.get(baseUrl)
  if (!address) {
    const { origin, pathname } = new URL(baseUrl)
    address = { origin, prefix: pathname.replace(/\/$/, '') }
    addresses.set(baseUrl, address)
  }
  return address
}
