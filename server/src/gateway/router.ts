import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Address } from '../core/ports/format.ts'
import type { Gateway } from './gateway.ts'
import { proxy } from './pipeline.ts'
import { withoutKey } from './query-key.ts'
import { PROXY_ROUTES, type ProxyRoute } from './routes.ts'
import { refuseUnknown } from './unknown-route.ts'

/** Takes a request if it is a model client's; answers whether it did. */
export type ProxyRouter = (request: IncomingMessage, response: ServerResponse) => boolean

/** Routes requests to the pipeline by the table of routes, and by nothing else. */
export function proxyRouter(gateway: Gateway): ProxyRouter {
  return (request, response) => {
    const match = routeOf(request.method ?? '', request.url ?? '/')
    if (match) void proxy(gateway, match.route, match.address, request, response)
    return match !== undefined || refuseUnknown(gateway, request, response)
  }
}

interface Match {
  readonly route: ProxyRoute
  readonly address: Address
}

/** The route of a request, and what its address says. Undefined where the table has none. */
export function routeOf(method: string, url: string): Match | undefined {
  const mark = url.indexOf('?')
  const path = mark === -1 ? url : url.slice(0, mark)
  const query = mark === -1 ? '' : withoutKey(url.slice(mark + 1))
  const route = FIXED.get(`${method} ${path}`)
  if (route) return { route, address: addressOf(route, query) }
  for (const { pattern, route: candidate } of PATTERNS) {
    const named = candidate.method === method ? pattern.exec(path)?.[1] : undefined
    const model = named === undefined ? undefined : decoded(named)
    if (model !== undefined) return { route: candidate, address: { ...addressOf(candidate, query), model } }
  }
  return undefined
}

function addressOf({ stream, operation }: ProxyRoute, query: string): Address {
  return { query, ...(stream !== undefined && { stream }), ...(operation === 'compact' && { compacts: true }) }
}

function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text)
  } catch {
    return undefined
  }
}

const namesModel = ({ path }: ProxyRoute) => path.includes('{model}')
const FIXED = new Map(
  PROXY_ROUTES.filter((route) => !namesModel(route)).map((route) => [`${route.method} ${route.path}`, route]),
)
const PATTERNS = PROXY_ROUTES.filter(namesModel).map((route) => {
  const [before, after] = route.path.split('{model}').map((text) => RegExp.escape(text))
  return { pattern: new RegExp(`^${before}([^/]+)${after}$`), route }
})
