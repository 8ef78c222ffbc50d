import { Agent, type ClientRequest, request, type Server } from 'node:http'
import {
  constants,
  createServer as createHttp2Server,
  type IncomingHttpHeaders,
  type ServerHttp2Session,
  type ServerHttp2Stream,
} from 'node:http2'
import type { Socket } from 'node:net'
import { pipeline } from 'node:stream'
import type { TLSSocket } from 'node:tls'

export interface Http2Limits {
  /** Until a connection has sent its first bytes. */
  readonly headersMs: number
  readonly keepAliveMs: number
  readonly unreadMs: number
  readonly headerBytes: number
}

/** The connections that speak HTTP/2. */
export interface Http2Connections {
  /** Answers under way go on; new ones are not begun. */
  refuseNew(): void
  cut(): void
}

/**
 * Lets clients in that speak nothing but HTTP/2, as AWS's for JavaScript does with Bedrock: each of their requests is made
 * again as one of HTTP/1.1 at our own door, so that there is one way through the gateway. `server` is not listening yet.
 */
export function acceptHttp2(server: Server, isTls: boolean, doorUrl: string, limits: Http2Limits): Http2Connections {
  const sessions = new Set<ServerHttp2Session>()
  const agent = new Agent({ keepAlive: true })
  const http2 = createHttp2Server({
    settings: { maxHeaderListSize: limits.headerBytes, maxConcurrentStreams: MOST_AT_ONCE },
  })
  http2.on('session', (session) => {
    sessions.add(session)
    session.setTimeout(limits.keepAliveMs, () => session.close())
    session.once('close', () => sessions.delete(session))
  })
  http2.on('sessionError', () => undefined)
  http2.on('stream', (stream: ServerHttp2Stream, headers: IncomingHttpHeaders) => {
    stream.setTimeout(limits.unreadMs, () => stream.writableLength > 0 && stream.close(constants.NGHTTP2_CANCEL))
    takeTo(doorUrl, agent, stream, headers)
  })

  const event = isTls ? 'secureConnection' : 'connection'
  const [http1] = server.listeners(event) as [(socket: Socket) => void]
  const hand = (socket: Socket, isHttp2: boolean) =>
    isHttp2 ? void http2.emit('connection', socket) : http1.call(server, socket)
  server.removeAllListeners(event)
  server.on(event, (socket: Socket) => {
    if (isTls) hand(socket, (socket as TLSSocket).alpnProtocol === 'h2')
    else whenBegun(socket, limits.headersMs, (isHttp2) => hand(socket, isHttp2))
  })
  return {
    refuseNew: () => sessions.forEach((session) => session.close()),
    cut: () => sessions.forEach((session) => session.destroy()),
  }
}

/** Of one connection; fewer are not recommended (RFC 9113, 6.5.2). */
const MOST_AT_ONCE = 100

/** Over TLS, HTTP/1.1 for whoever speaks it, browsers among them. */
export function chosenProtocol({ protocols }: { protocols: readonly string[] }): string | undefined {
  return ['http/1.1', 'h2'].find((protocol) => protocols.includes(protocol))
}

/** What begins every connection of HTTP/2 (RFC 9113, 3.4), and no request of HTTP/1. */
const PREFACE = Buffer.from('PRI * HTTP/2.0')

/** Tells by the first bytes of a connection, which are left in it. Whoever sends none in time, or leaves, is cut. */
function whenBegun(socket: Socket, withinMs: number, tell: (isHttp2: boolean) => void): void {
  const cut = () => void socket.destroy()
  let first: Buffer = Buffer.alloc(0)
  const took = (bytes: Buffer) => {
    first = Buffer.concat([first, bytes])
    const begun = Math.min(first.length, PREFACE.length)
    const isHttp2 = first.subarray(0, begun).equals(PREFACE.subarray(0, begun))
    // A POST begins as the preface does.
    if (isHttp2 && begun < PREFACE.length) return
    socket.off('data', took).setTimeout(0)
    for (const event of ['timeout', 'end', 'error']) socket.off(event, cut)
    socket.pause()
    socket.unshift(first)
    tell(isHttp2)
    // A session of HTTP/2 reads for itself what is left in the socket.
    if (!isHttp2) socket.resume()
  }
  socket.setTimeout(withinMs, cut)
  for (const event of ['end', 'error']) socket.once(event, cut)
  socket.on('data', took)
}

/** Of the hop, or said by HTTP/2 itself (RFC 9113, 8.2.2); the length is left to the framing of the new request. */
const NOT_TAKEN = new Set(['connection', 'keep-alive', 'transfer-encoding', 'upgrade', 'te', 'content-length'])

function takeTo(doorUrl: string, agent: Agent, stream: ServerHttp2Stream, headers: IncomingHttpHeaders): void {
  stream.on('error', () => undefined)
  const inner = madeAgain(doorUrl, agent, headers, stream.session?.socket.remoteAddress ?? '')
  if (!inner) return stream.close(constants.NGHTTP2_PROTOCOL_ERROR)
  inner.on('response', (answer) => {
    const told = Object.entries(answer.headers).filter(([name]) => !NOT_TAKEN.has(name))
    stream.respond({ ...Object.fromEntries(told), ':status': answer.statusCode ?? 502 })
    pipeline(answer, stream, () => undefined)
  })
  // What the door does not know is not for model clients: it is there over HTTP/1.1 alone.
  inner.on('error', () => stream.close(constants.NGHTTP2_HTTP_1_1_REQUIRED))
  stream.once('close', () => inner.destroy())
  stream.pipe(inner)
}

/** The request in HTTP/1.1, from whom it is at the end of the chain; undefined where it can be none there. */
function madeAgain(
  doorUrl: string,
  agent: Agent,
  headers: IncomingHttpHeaders,
  from: string,
): ClientRequest | undefined {
  const { ':method': method, ':path': path, ':authority': host } = headers
  const taken = Object.entries(headers).filter(([name]) => !name.startsWith(':') && !NOT_TAKEN.has(name))
  const chain = [headers['x-forwarded-for'] ?? [], from].flat().join(', ')
  const more = { 'x-forwarded-for': chain, ...(host !== undefined && { host }) }
  try {
    return path === undefined
      ? undefined
      : request(doorUrl, { agent, path, method, headers: { ...Object.fromEntries(taken), ...more } })
  } catch {
    // A path or a value has characters that HTTP/1.1 knows no place for.
    return undefined
  }
}
