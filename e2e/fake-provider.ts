import { EventEmitter, once } from 'node:events'
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'

/** A request as the provider got it. */
export interface Received {
  readonly method: string
  readonly path: string
  readonly headers: IncomingHttpHeaders
  readonly body: Buffer
  /** The body as JSON; null where it is none. */
  readonly json: Record<string, unknown> | null
  /** The other side hung up before it had the whole answer. */
  hungUp: boolean
  /** When the answer ended, either way; undefined while it goes on. */
  endedAtMs: number | undefined
}

/** One request with its answer, in the hands of a script. */
export interface Exchange {
  readonly received: Received
  readonly response: ServerResponse
  readonly socket: Socket
  /** Waits until the test releases this exchange; rejects where the other side hangs up meanwhile. */
  held(): Promise<void>
  /** Writes, and waits for the other side to take it; rejects where that hangs up. */
  write(bytes: string | Buffer): Promise<void>
}
export type Script = (exchange: Exchange) => Promise<void> | void

/** A provider that does what a test tells it to, and remembers everything that was asked of it. */
export interface FakeProvider {
  readonly url: string
  /** Every request that arrived, in order. */
  readonly received: readonly Received[]
  /** TCP connections that were ever opened to it. */
  readonly connections: () => number
  /** Exchanges that wait for a release. */
  readonly holding: () => number
  /** What answers from now on, unless a script of its own waits in the queue. */
  always(script: Script): void
  /** What answers the next request, once. */
  next(script: Script): void
  /** Lets so many held exchanges go on, the oldest first. */
  release(count?: number): void
  /** Waits until something holds that changes only with what arrives or ends here. */
  until(holds: () => boolean): Promise<void>
  forget(): void
  close(): Promise<void>
}

const HUNG_UP = 'the other side hung up'

export async function startFakeProvider(standard: Script): Promise<FakeProvider> {
  const changes = new EventEmitter().setMaxListeners(0)
  const changed = () => changes.emit('change')
  const received: Received[] = []
  const queue: Script[] = []
  const waiting = new Set<() => void>()
  let connections = 0
  let usual = standard

  const server = createServer({ requestTimeout: 0, keepAliveTimeout: 60_000 }, (request, response) => {
    void answer(request, response)
  })
  server.on('connection', (socket) => {
    connections += 1
    socket.on('error', () => undefined)
  })

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const one = await receive(request)
    received.push(one)
    response.on('close', () => {
      one.hungUp = !response.writableFinished
      one.endedAtMs = Date.now()
      changed()
    })
    response.on('error', () => undefined)
    changed()
    const script = queue.shift() ?? usual
    try {
      await script({ received: one, response, socket: request.socket, held, write })
    } catch (error) {
      if (!response.destroyed) response.destroy()
      if ((error as Error).message !== HUNG_UP) throw error
    }

    function held(): Promise<void> {
      return new Promise((resolve, reject) => {
        const go = () => {
          waiting.delete(go)
          resolve()
          changed()
        }
        waiting.add(go)
        changed()
        response.once('close', () => {
          if (waiting.delete(go)) reject(new Error(HUNG_UP))
        })
      })
    }

    async function write(bytes: string | Buffer): Promise<void> {
      if (response.destroyed || response.closed) throw new Error(HUNG_UP)
      if (response.write(bytes)) return
      await new Promise<void>((resolve, reject) => {
        response.once('drain', resolve)
        response.once('close', () => reject(new Error(HUNG_UP)))
      })
    }
  }

  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    received,
    connections: () => connections,
    holding: () => waiting.size,
    always(script) {
      usual = script
    },
    next(script) {
      queue.push(script)
    },
    release(count = waiting.size) {
      for (const go of [...waiting].slice(0, count)) go()
    },
    async until(holds) {
      while (!holds()) await once(changes, 'change')
    },
    forget() {
      received.length = 0
      queue.length = 0
      usual = standard
    },
    async close() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

async function receive(request: IncomingMessage): Promise<Received> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  const body = Buffer.concat(chunks)
  const { method = '', url: path = '', headers } = request
  return { method, path, headers, body, json: parsed(body), hungUp: false, endedAtMs: undefined }
}

function parsed(body: Buffer): Record<string, unknown> | null {
  try {
    return JSON.parse(body.toString()) as Record<string, unknown>
  } catch {
    return null
  }
}
