import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from 'node:http'
import { createServer as createTlsServer, type Server as TlsServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { isLoopback } from '../config/env.ts'
import type { TlsPair } from '../config/tls.ts'
import { ConfigurationError, PublicError } from '../core/errors.ts'
import type { ProxyRouter } from '../gateway/router.ts'
import { acceptHttp2, chosenProtocol } from './http2.ts'

export interface HttpServer {
  readonly url: string
  /** Model clients' requests that are being read or answered. */
  readonly openRequests: number
  /** From now on nothing is changed here, connections end with their answers, and model clients are somebody else's to refuse. */
  refuseNew(): void
  /** Another certificate, for connections from now on. */
  renewTls(pair: TlsPair): void
  /** Takes no more connections and waits for answers under way, but not for long. */
  close(): Promise<void>
}

/** What one connection may ask of us. Slow senders are cut, and so are slow readers; slow answers are not. */
export interface ConnectionLimits {
  /** Until all headers were sent; looked at every so often, so that nobody stays longer than both together. */
  readonly headersMs: number
  readonly lookEveryMs: number
  /** Until the whole request was sent: 32 MiB at 2.5 Mbit/s. */
  readonly requestMs: number
  readonly keepAliveMs: number
  /** How long a client may leave what we sent it unread. */
  readonly unreadMs: number
  readonly headerBytes: number
  readonly connections: number
  /** After the last answer of a stopping server. */
  readonly closeMs: number
}

export const CONNECTION_LIMITS: ConnectionLimits = {
  headersMs: 10_000,
  lookEveryMs: 2_000,
  requestMs: 120_000,
  keepAliveMs: 75_000,
  unreadMs: 300_000,
  headerBytes: 16 * 1024,
  connections: 10_000,
  closeMs: 5_000,
}

export interface Listening {
  readonly host: string
  readonly port: number
  readonly tls: TlsPair | undefined
  /** Where the requests of clients that only speak HTTP/2 are made again; without it, there are no such clients. */
  readonly doorUrl?: string
  readonly limits?: ConnectionLimits
}

/** One port for both: model clients first, since they are in a hurry, then everything else. */
export async function serve(
  { host, port, tls, doorUrl, limits = CONNECTION_LIMITS }: Listening,
  proxied: ProxyRouter,
  control: RequestListener,
): Promise<HttpServer> {
  const server = newServer(tls, limits)
  const http2 = doorUrl === undefined ? undefined : acceptHttp2(server, tls !== undefined, doorUrl, limits)
  let openRequests = 0
  let refusing = false
  server.on('request', (request, response) => {
    cutWhereUnread(response, limits.unreadMs)
    if (refusing) response.shouldKeepAlive = false
    if (proxied(request, response)) {
      openRequests++
      response.once('close', () => openRequests--)
    } else if (refusing && !isRead(request)) sendNotReady(response)
    else control(request, response)
  })
  await listening(server, host, port)
  return {
    url: `${tls ? 'https' : 'http'}://${urlHost(host)}:${(server.address() as AddressInfo).port}`,
    get openRequests() {
      return openRequests
    },
    refuseNew() {
      refusing = true
      http2?.refuseNew()
    },
    renewTls: (pair) => (server as TlsServer).setSecureContext(pair),
    async close() {
      const closed = new Promise((done) => server.close(done))
      http2?.refuseNew()
      const cut = setTimeout(() => {
        server.closeAllConnections()
        http2?.cut()
      }, limits.closeMs)
      await closed
      clearTimeout(cut)
    },
  }
}

function newServer(tls: TlsPair | undefined, limits: ConnectionLimits): Server {
  const options = {
    headersTimeout: limits.headersMs,
    requestTimeout: limits.requestMs,
    connectionsCheckingInterval: limits.lookEveryMs,
    keepAliveTimeout: limits.keepAliveMs,
    maxHeaderSize: limits.headerBytes,
  }
  // A handshake is a header of sorts: whoever does not finish it is cut as soon.
  const server = tls
    ? createTlsServer({
        ...{ ...options, ...tls, minVersion: 'TLSv1.2', handshakeTimeout: limits.headersMs },
        ALPNCallback: chosenProtocol,
      })
    : createServer(options)
  server.maxConnections = limits.connections
  return server
}

/**
 * A client that does not read keeps what was sent to it in our memory, and its call open. Where a connection makes no
 * progress for so long while something is unread, it is closed; an answer that is only slow to come is not.
 */
function cutWhereUnread(response: ServerResponse, unreadMs: number): void {
  response.setTimeout(unreadMs, () => {
    const { socket } = response
    if (response.writableLength > 0) socket?.destroy()
    else socket?.setTimeout(unreadMs)
  })
}

function isRead({ method }: IncomingMessage): boolean {
  return method === 'GET' || method === 'HEAD'
}

function sendNotReady(response: ServerResponse): void {
  const { status, ...error } = new PublicError('not_ready', 'The server is stopping.', { retryAfterSeconds: 1 }).body
  response.writeHead(status, { 'content-type': 'application/json; charset=utf-8', 'retry-after': '1' })
  response.end(JSON.stringify({ error }))
}

async function listening(server: Server, host: string, port: number): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  server.once('error', reject)
  server.listen(port, host, resolve)
  await promise.catch((error: NodeJS.ErrnoException) => {
    throw new ConfigurationError(cannotListen(host, port, error))
  })
}

function urlHost(host: string): string {
  if (isLoopback(host)) return 'localhost'
  return host.includes(':') ? `[${host}]` : host
}

function cannotListen(host: string, port: number, { code }: NodeJS.ErrnoException): string {
  if (code === 'EADDRINUSE') return `Port ${port} is in use: stop what uses it, or start with another PORT.`
  return `Cannot listen on ${host}:${port} (${code}): check HOST and PORT.`
}
