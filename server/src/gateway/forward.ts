import type { IncomingHttpHeaders } from 'node:http'
import type { Dispatcher } from 'undici'
import type { Deployment, Errand, OutgoingRequest } from '../core/ports/deployment.ts'
import type { Gateway } from './gateway.ts'

/** Headers of the client that a provider gets. Everything else stays here: keys, cookies, addresses, our own. */
const FORWARDED = ['accept', 'user-agent', 'anthropic-version', 'anthropic-beta', 'openai-beta', 'idempotency-key']
/** What the SDKs of OpenAI and Anthropic say of themselves, and what a call of Bedrock asks for beside its body. */
const FORWARDED_PREFIXES = ['x-stainless-', 'x-amzn-bedrock-']

export interface Forward {
  readonly deployment: Deployment
  readonly errand: Errand
  readonly clientHeaders: IncomingHttpHeaders
  readonly body: Buffer
}

/**
 * Sends an attempt to its deployment's own origin and to nowhere else: redirects are not followed, and nothing that the
 * client sent chooses the host (checks S20, S24).
 */
export function forward(gateway: Gateway, attempt: Forward, handler: Dispatcher.DispatchHandler): void {
  const { headersMs, idleMs } = gateway.timeouts
  gateway.dispatcher.dispatch(
    { ...requestTo(gateway, attempt), headersTimeout: headersMs, bodyTimeout: idleMs },
    handler,
  )
}

/** The request as it goes upstream. Throws where the host has nothing for the errand. */
export function requestTo(gateway: Gateway, { deployment, errand, clientHeaders, body }: Forward): OutgoingRequest {
  const endpoint = gateway.endpoints[deployment.endpoint]!
  const { origin, prefix } = addressOf(deployment.baseUrl)
  const below = endpoint.path(deployment, errand)
  if (below === undefined) throw new Error(`${deployment.name} has no ${errand.format} ${errand.operation}`)
  const headers = forwardedHeaders(clientHeaders, endpoint.defaultHeaders)
  const request = { method: 'POST' as const, origin, path: prefix + below, headers, body, atMs: gateway.nowMs() }
  return { ...request, headers: Object.assign(headers, endpoint.headers(deployment, request)) }
}

function forwardedHeaders(
  client: IncomingHttpHeaders,
  defaultHeaders: Readonly<Record<string, string>> | undefined,
): Record<string, string> {
  // Frames are edited and metered, so they must come as they are.
  const headers: Record<string, string> = {
    ...defaultHeaders,
    'content-type': 'application/json',
    'accept-encoding': 'identity',
  }
  const pass = (name: string) => {
    const value = client[name]
    if (typeof value === 'string' && PLAIN.test(value)) headers[name] = value
  }
  FORWARDED.forEach(pass)
  for (const name in client) if (FORWARDED_PREFIXES.some((prefix) => name.startsWith(prefix))) pass(name)
  return headers
}
/** Other characters have no encoding that a signature and the wire agree on, and a provider's 403 would be told of our credential. */
const PLAIN = /^[\t\x20-\x7e]*$/

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
