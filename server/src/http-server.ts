import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { isLoopback } from './config/env.ts'
import { ConfigurationError } from './core/errors.ts'
import type { ProxyRouter } from './gateway/router.ts'

export interface HttpServer {
  readonly url: string
  /** Takes no more connections and waits for the calls under way, but not for ever. */
  close(): Promise<void>
}

/** Slow senders are cut (check B12); slow answers are not. */
const HEADERS_TIMEOUT_MS = 15_000
const REQUEST_TIMEOUT_MS = 120_000
const KEEP_ALIVE_MS = 75_000
const DRAIN_MS = 30_000

/** One port for both: model clients first, since they are in a hurry, then everything else. */
export async function serve(
  { host, port }: { readonly host: string; readonly port: number },
  proxied: ProxyRouter,
  control: (request: IncomingMessage, response: ServerResponse) => void,
): Promise<HttpServer> {
  const server = createServer({
    headersTimeout: HEADERS_TIMEOUT_MS,
    requestTimeout: REQUEST_TIMEOUT_MS,
    keepAliveTimeout: KEEP_ALIVE_MS,
    connectionsCheckingInterval: 5_000,
  })
  server.on('request', (request, response) => {
    if (!proxied(request, response)) control(request, response)
  })
  const { promise: listening, resolve, reject } = Promise.withResolvers<void>()
  server.once('error', reject)
  server.listen(port, host, resolve)
  await listening.catch((error: NodeJS.ErrnoException) => {
    throw new ConfigurationError(cannotListen(host, port, error))
  })
  return {
    url: `http://${urlHost(host)}:${(server.address() as AddressInfo).port}`,
    async close() {
      const closed = new Promise((done) => server.close(done))
      server.closeIdleConnections()
      const cut = setTimeout(() => server.closeAllConnections(), DRAIN_MS)
      await closed
      clearTimeout(cut)
    },
  }
}

function urlHost(host: string): string {
  if (isLoopback(host)) return 'localhost'
  return host.includes(':') ? `[${host}]` : host
}

function cannotListen(host: string, port: number, { code }: NodeJS.ErrnoException): string {
  if (code === 'EADDRINUSE') return `Port ${port} is in use: stop what uses it, or start with another PORT.`
  return `Cannot listen on ${host}:${port} (${code}): check HOST and PORT.`
}
