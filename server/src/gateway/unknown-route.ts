import type { IncomingMessage, ServerResponse } from 'node:http'
import { PublicError } from '../core/errors.ts'
import type { Gateway } from './gateway.ts'
import { sendError } from './respond.ts'
import { PROXY_ROUTES, type ProxyRoute } from './routes.ts'

/**
 * Refuses what looks like a call of a provider's API and has no verdict on what it costs (check Q02): nothing is passed
 * on that is neither metered nor listed as free. Answers whether it was such a call.
 */
export function refuseUnknown(
  gateway: Pick<Gateway, 'formats' | 'newId'>,
  request: IncomingMessage,
  response: ServerResponse,
): boolean {
  const path = (request.url ?? '/').replace(/\?.*$/s, '')
  const near = nearest(path)
  if (near === undefined) return false
  const format = gateway.formats[near.format]!
  const error = new PublicError(
    'unknown_route',
    `${request.method} ${path.slice(0, MOST_CHARACTERS)} is not metered here. There are: ${routesOf(format.name)}.`,
  )
  sendError(response, format, error.body, gateway.newId())
  return true
}
const MOST_CHARACTERS = 200

/**
 * The route whose path begins like this one by most segments, up to where a model is named, and of several the first: in
 * its API's words is answered. Undefined where none has even the first segment.
 */
function nearest(path: string): ProxyRoute | undefined {
  const asked = path.split('/').slice(1)
  let most = 0
  let found: ProxyRoute | undefined
  for (const { route, segments } of BEGINNINGS) {
    const differsAt = segments.findIndex((segment, at) => segment !== asked[at])
    const shared = differsAt === -1 ? segments.length : differsAt
    if (shared > most) [most, found] = [shared, route]
  }
  return found
}
const BEGINNINGS = PROXY_ROUTES.map((route) => {
  const [fixed = ''] = route.path.split('{model}')
  return {
    route,
    segments: fixed
      .split('/')
      .slice(1)
      .filter((segment) => segment !== ''),
  }
})

function routesOf(format: string): string {
  const family = format.replace(/-.*$/, '-')
  const routes = PROXY_ROUTES.filter((route) => route.format.startsWith(family))
  return routes.map(({ method, path }) => `${method} ${path}`).join(', ')
}
