import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Gateway } from './gateway.ts'
import { proxy } from './pipeline.ts'
import { PROXY_ROUTES } from './routes.ts'

/** Takes a request if it is a model client's; answers whether it did. */
export type ProxyRouter = (request: IncomingMessage, response: ServerResponse) => boolean

/** Routes requests to the pipeline by the table of routes, and by nothing else. */
export function proxyRouter(gateway: Gateway): ProxyRouter {
  const routes = new Map(PROXY_ROUTES.map((route) => [`${route.method} ${route.path}`, route]))
  return (request, response) => {
    const url = request.url ?? '/'
    const query = url.indexOf('?')
    const route = routes.get(`${request.method} ${query === -1 ? url : url.slice(0, query)}`)
    if (!route) return false
    void proxy(gateway, route, request, response)
    return true
  }
}
