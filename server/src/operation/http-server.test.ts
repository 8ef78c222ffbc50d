import { once } from 'node:events'
import { type IncomingMessage, type RequestListener, request } from 'node:http'
import {
  type ClientHttp2Session,
  connect as connectHttp2,
  constants,
  type IncomingHttpHeaders,
  type OutgoingHttpHeaders,
  type SecureClientSessionOptions,
} from 'node:http2'
import { connect, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { afterEach, describe, expect, test } from 'vitest'
import { FIRST, SECOND } from '../config/tls.test.fixture.ts'
import type { TlsPair } from '../config/tls.ts'
import type { ProxyRouter } from '../gateway/router.ts'
import { openLoopback } from '../translation/loopback.ts'
import { CONNECTION_LIMITS, type HttpServer, serve } from './http-server.ts'

const servers: Pick<HttpServer, 'close'>[] = []
const sockets: Socket[] = []
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy()
  await Promise.all(servers.splice(0).map((server) => server.close()))
})

const QUICK = { ...CONNECTION_LIMITS, headersMs: 300, lookEveryMs: 100, requestMs: 600, unreadMs: 300, closeMs: 200 }

async function serving(control: RequestListener, proxied?: RequestListener, limits = QUICK, tls?: TlsPair) {
  const router: ProxyRouter = (incoming, response) => {
    if (!proxied || !incoming.url!.startsWith('/v1/')) return false
    proxied(incoming, response)
    return true
  }
  const door = await openLoopback()
  door.answerBy(router)
  const server = await serve({ host: '127.0.0.1', port: 0, tls, doorUrl: door.url, limits }, router, control)
  servers.push(server, door)
  return { server, port: Number(new URL(server.url).port) }
}
const answering: RequestListener = (incoming, response) => void incoming.resume().on('end', () => response.end('fine'))

function socketTo(port: number): Socket {
  const socket = connect(port, '127.0.0.1')
  socket.on('error', () => {})
  sockets.push(socket)
  return socket
}

async function get(port: number, path = '/', method = 'GET') {
  const asked = request({ port, path, method, host: '127.0.0.1', agent: false }).end()
  const [answer] = (await once(asked, 'response')) as [IncomingMessage]
  const chunks: Buffer[] = []
  for await (const chunk of answer) chunks.push(chunk as Buffer)
  return { status: answer.statusCode, headers: answer.headers, text: Buffer.concat(chunks).toString() }
}

describe('slow senders', () => {
  test('B12: a connection that sends its headers slowly, or nothing, is closed; others are served meanwhile', async () => {
    const { port } = await serving(answering, undefined, { ...QUICK, requestMs: 3_600_000 })
    const slow = Array.from({ length: 50 }, (_, index) => {
      const socket = socketTo(port)
      if (index % 2 === 0) socket.write('GET / HT')
      const dripping = setInterval(() => index % 2 === 0 && socket.write('x'), 50)
      socket.once('close', () => clearInterval(dripping))
      return once(socket.resume(), 'close')
    })
    expect((await get(port)).text).toBe('fine')
    await Promise.all(slow)
    expect((await get(port)).text).toBe('fine')
  })

  test('B12: nobody is let stay for longer than 15 s without having sent its headers', () => {
    const { headersMs, lookEveryMs, keepAliveMs, requestMs } = CONNECTION_LIMITS
    expect(headersMs + lookEveryMs).toBeLessThanOrEqual(15_000)
    expect([keepAliveMs, requestMs].every((ms) => ms <= 120_000)).toBe(true)
  })

  test('B13: a body that comes slowly hits a deadline; an answer that comes slowly does not', async () => {
    const { port } = await serving((incoming, response) => {
      if (incoming.method === 'POST') return void incoming.resume()
      response.write('begun ')
      setTimeout(() => response.end('and ended'), 3 * QUICK.requestMs)
    })
    const long = get(port)
    const socket = socketTo(port)
    socket.write('POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 1000\r\n\r\n')
    const dripping = setInterval(() => socket.write('x'), 50)
    const [answer] = (await once(socket, 'data')) as [Buffer]
    clearInterval(dripping)
    expect(answer.toString()).toMatch(/^HTTP\/1\.1 408 /)
    expect((await long).text).toBe('begun and ended')
  })

  test('headers beyond 16 KiB are refused', async () => {
    const { port } = await serving(answering)
    const socket = socketTo(port)
    socket.write(`GET / HTTP/1.1\r\nhost: x\r\nx: ${'x'.repeat(QUICK.headerBytes)}\r\n\r\n`)
    const [answer] = (await once(socket, 'data')) as [Buffer]
    expect(answer.toString()).toMatch(/^HTTP\/1\.1 431 /)
  })

  test('more connections than agreed are not taken', async () => {
    const { port } = await serving(answering, undefined, {
      ...QUICK,
      headersMs: 5_000,
      requestMs: 5_000,
      connections: 3,
    })
    const taken = Array.from({ length: 3 }, () => socketTo(port))
    await Promise.all(taken.map((socket) => once(socket, 'connect')))
    const refused = socketTo(port)
    await once(refused.resume(), 'close')
    taken[0]!.destroy()
    await once(taken[0]!, 'close')
    await expect
      .poll(() =>
        get(port).then(
          ({ text }) => text,
          () => undefined,
        ),
      )
      .toBe('fine')
  })
})

describe('slow readers', () => {
  test('a client that reads nothing of what was sent is let go', async () => {
    const piece = Buffer.alloc(1024 * 1024)
    const closed = Promise.withResolvers<void>()
    const { port } = await serving((_incoming, response) => {
      response.on('close', closed.resolve)
      const fill = () => {
        while (!response.destroyed && response.write(piece));
      }
      response.on('drain', fill)
      fill()
    })
    const socket = socketTo(port)
    socket.pause()
    socket.write('GET / HTTP/1.1\r\nhost: x\r\n\r\n')
    await closed.promise
  })

  test('one that reads slowly stays, and so does one that waits for a slow answer', async () => {
    const piece = Buffer.alloc(256 * 1024)
    const { port } = await serving((incoming, response) => {
      if (incoming.url === '/slow') setTimeout(() => response.end('at last'), 4 * QUICK.unreadMs)
      else response.end(Buffer.concat(Array.from({ length: 80 }, () => piece)))
    })
    const waiting = get(port, '/slow')
    const socket = socketTo(port)
    socket.write('GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n')
    let bytes = 0
    socket.on('data', (chunk) => {
      bytes += chunk.length
      socket.pause()
      setTimeout(() => socket.resume(), 2)
    })
    await once(socket, 'end')
    expect(bytes).toBeGreaterThan(80 * piece.length)
    expect((await waiting).text).toBe('at last')
  })
})

test('a stopping server changes nothing more, is still read, and ends its connections with the answers', async () => {
  let finish = () => {}
  const { server, port } = await serving(answering, (_incoming, response) => {
    response.write('begun ')
    finish = () => response.end('and ended')
  })
  const open = get(port, '/v1/chat/completions')
  await expect.poll(() => server.openRequests).toBe(1)
  server.refuseNew()
  const refused = await get(port, '/usage', 'POST')
  expect([refused.status, refused.headers.connection, refused.headers['retry-after']]).toEqual([503, 'close', '1'])
  expect(JSON.parse(refused.text)).toMatchObject({ error: { code: 'not_ready' } })
  const read = await get(port, '/api/ready')
  expect([read.status, read.headers.connection]).toEqual([200, 'close'])
  finish()
  expect((await open).text).toBe('begun and ended')
  expect(server.openRequests).toBe(0)
})

describe('HTTPS', () => {
  /** Asks once, trusting this certificate alone. */
  async function ask(port: number, ca: string) {
    const socket = connectTls({ port, host: '127.0.0.1', servername: 'localhost', ca })
    sockets.push(socket)
    await once(socket, 'secureConnect')
    socket.write('GET / HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n')
    let answer = ''
    for await (const chunk of socket) answer += String(chunk)
    return answer
  }

  test('is spoken with the certificate that is configured, and with its successor once that was renewed', async () => {
    const server = await serve({ host: '127.0.0.1', port: 0, tls: FIRST, limits: QUICK }, () => false, answering)
    servers.push(server)
    expect(server.url).toMatch(/^https:\/\/localhost:/)
    const port = Number(new URL(server.url).port)
    expect(await ask(port, FIRST.cert)).toContain('fine')
    server.renewTls(SECOND)
    await expect(ask(port, FIRST.cert)).rejects.toThrow()
    expect(await ask(port, SECOND.cert)).toContain('fine')
    const silent = socketTo(port)
    await once(silent.resume(), 'close')
    // Plain HTTP gets no answer at all.
    const plain = socketTo(port)
    plain.write('GET / HTTP/1.1\r\nhost: x\r\n\r\n')
    await once(plain.resume(), 'close')
  })
})

describe('clients that speak nothing but HTTP/2', () => {
  const echo: RequestListener = (incoming, response) => {
    response.writeHead(201, { 'x-method': incoming.method, 'x-host': incoming.headers.host, connection: 'close' })
    incoming.pipe(response)
  }
  async function ask(session: ClientHttp2Session, headers: OutgoingHttpHeaders, body = '') {
    const stream = session.request(headers).end(body)
    const [head] = (await once(stream, 'response')) as [IncomingHttpHeaders]
    const chunks: Buffer[] = []
    for await (const chunk of stream) chunks.push(chunk as Buffer)
    return { head, text: Buffer.concat(chunks).toString() }
  }
  const session = (url: string, options?: SecureClientSessionOptions) => {
    const opened = connectHttp2(url, options)
    opened.on('error', () => undefined)
    sockets.push(opened as unknown as Socket)
    return opened
  }
  const calls = { ':method': 'POST', ':path': '/v1/calls?a=b' }

  test('are served as others are, in the clear and over TLS', async () => {
    const { port } = await serving(answering, echo)
    const long = 'é'.repeat(200_000)
    for (const text of ['', 'hello', long]) {
      const { head, text: told } = await ask(session(`http://127.0.0.1:${port}`), calls, text)
      expect(head).toMatchObject({ ':status': 201, 'x-method': 'POST', 'x-host': `127.0.0.1:${port}` })
      expect(told).toBe(text)
    }
    const secure = await serving(answering, echo, QUICK, FIRST)
    const answer = await ask(session(`https://localhost:${secure.port}`, { ca: FIRST.cert }), calls, 'hello')
    expect(answer.text).toBe('hello')
  })

  test('and whoever speaks HTTP/1.1 too is asked to, and so is whoever wants more than models', async () => {
    const { port } = await serving(answering, echo, QUICK, FIRST)
    const socket = connectTls({ port, host: 'localhost', ca: FIRST.cert, ALPNProtocols: ['h2', 'http/1.1'] })
    sockets.push(socket)
    await once(socket, 'secureConnect')
    expect(socket.alpnProtocol).toBe('http/1.1')
    const stream = session(`https://localhost:${port}`, { ca: FIRST.cert }).request({ ':path': '/metrics' }).end()
    stream.on('error', () => undefined)
    await new Promise((closed) => stream.once('close', closed))
    expect(stream.rstCode).toBe(constants.NGHTTP2_HTTP_1_1_REQUIRED)
  })

  test('a client that leaves ends what was asked for it', async () => {
    const left = Promise.withResolvers<void>()
    const { port } = await serving(answering, (incoming, response) => {
      response.write('begun')
      incoming.resume()
      response.once('close', left.resolve)
    })
    const stream = session(`http://127.0.0.1:${port}`).request(calls).end()
    await once(stream, 'data')
    stream.close()
    await left.promise
  })

  test('are told from others by all that begins a connection, however it is cut', async () => {
    const { port } = await serving(answering, answering)
    const socket = socketTo(port)
    await once(socket, 'connect')
    socket.setNoDelay()
    socket.write('P')
    // Nothing tells when the other side has read that much.
    await new Promise((later) => setTimeout(later, 50))
    socket.write('OST /v1/calls HTTP/1.1\r\nhost: x\r\ncontent-length: 0\r\n\r\n')
    const [bytes] = (await once(socket, 'data')) as [Buffer]
    expect(bytes.toString()).toMatch(/^HTTP\/1\.1 200/)
  })

  test('S09: are known by their own address, whatever they say of it', async () => {
    const seen: IncomingHttpHeaders[] = []
    const { port } = await serving(answering, (incoming, response) => {
      seen.push(incoming.headers)
      response.end()
    })
    await ask(session(`http://127.0.0.1:${port}`), { ...calls, 'x-forwarded-for': '198.51.100.7' })
    expect(seen[0]).toMatchObject({ 'x-forwarded-for': '198.51.100.7, 127.0.0.1' })
  })

  test('have only so many calls at once by a connection, and end nothing but their own by what no request can be', async () => {
    const { port } = await serving(answering, echo)
    const hostile = session(`http://127.0.0.1:${port}`)
    const [settings] = (await once(hostile, 'remoteSettings')) as [{ maxConcurrentStreams: number }]
    expect(settings.maxConcurrentStreams).toBe(100)
    for (const headers of [
      { ':method': 'POST', ':path': '/v1/é' },
      { ':method': 'POST', ':path': '/v1/👋' },
      { ':method': 'CONNECT', ':authority': 'evil:1' },
      { ':method': 'POST', ':path': '*' },
      { ...calls, expect: '100-continue' },
      { ...calls, 'x-value': 'é👋' },
    ]) {
      const stream = hostile.request(headers)
      stream.on('error', () => undefined)
      if (!stream.destroyed) stream.end('x').resume()
      await new Promise((closed) => stream.once('close', closed))
    }
    expect((await ask(session(`http://127.0.0.1:${port}`), calls, 'hello')).text).toBe('hello')
  })

  test('hold up no stop', async () => {
    const { server, port } = await serving(answering, echo)
    const open = session(`http://127.0.0.1:${port}`)
    await ask(open, calls)
    await server.close()
    servers.splice(servers.indexOf(server), 1)
  })
})
