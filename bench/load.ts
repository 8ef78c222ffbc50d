import type { Socket } from 'node:net'
import { performance } from 'node:perf_hooks'
import { REQUEST_BODY } from './call.ts'
import { openConnection, requestBytes } from './client-bytes.ts'
import { quantile } from './figures.ts'
import { type Message, readMessage } from './http-bytes.ts'

/**
 * The load generator: keep-alive connections, each with one call in flight, from ready-made bytes. A process of its
 * own that takes one `LoadOrder` at a time over IPC and answers with a `LoadResult`.
 */
export interface LoadOrder {
  /** Connections go to them in turn. */
  readonly port: number | readonly number[]
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly connections: number
  readonly seconds: number
  /** The small chat call, answered by 200, where nothing else is said. */
  readonly body?: string
  readonly status?: number
}

export interface LoadResult {
  /** Calls answered within the time, for the rate. */
  readonly timed: number
  /** All calls made, with those that were still under way at the end: each was answered. */
  readonly calls: number
  readonly p50Us: number
  readonly p99Us: number
  /** The first answer's body. Every other one was as long. */
  readonly body: string
}

async function run(order: LoadOrder): Promise<LoadResult> {
  const ports = [order.port].flat()
  const request = requestBytes({ ...order, port: ports[0]! }, order.body ?? REQUEST_BODY)
  const first = `HTTP/1.1 ${order.status ?? 200} `
  const samplesUs: number[] = []
  let calls = 0
  let body: string | undefined
  const startMs = performance.now()
  const deadlineMs = startMs + order.seconds * 1000

  const check = (message: Message) => {
    if (!message.head.startsWith(first)) throw new Error(`${message.head}\n\n${message.body}`)
    body ??= message.body
    if (message.body.length !== body.length) throw new Error(`Another answer than the first: ${message.body}`)
  }
  const connection = (socket: Socket) =>
    new Promise<void>((resolve, reject) => {
      let pending = ''
      let sentMs = 0
      let done = false
      const send = () => {
        calls++
        sentMs = performance.now()
        socket.write(request)
      }
      const take = (chunk: Buffer) => {
        pending = pending === '' ? chunk.toString('latin1') : pending + chunk.toString('latin1')
        const message = readMessage(pending, 0)
        if (message === undefined) return
        if (message.end !== pending.length) throw new Error('More bytes than one answer')
        pending = ''
        check(message)
        const nowMs = performance.now()
        if (nowMs > deadlineMs) {
          done = true
          return socket.end()
        }
        samplesUs.push((nowMs - sentMs) * 1000)
        send()
      }
      socket.on('data', (chunk: Buffer) => {
        try {
          take(chunk)
        } catch (error) {
          socket.destroy(error as Error)
        }
      })
      socket.setTimeout(30_000, () => socket.destroy(new Error('No answer for 30 seconds')))
      socket.on('error', reject)
      socket.on('close', () => (done ? resolve() : reject(new Error('Closed without an answer'))))
      send()
    })

  const sockets = await Promise.all(
    Array.from({ length: order.connections }, (_, index) => openConnection(ports[index % ports.length]!)),
  )
  await Promise.all(sockets.map(connection))
  const sorted = samplesUs.toSorted((a, b) => a - b)
  return { timed: sorted.length, calls, body: body ?? '', p50Us: quantile(sorted, 0.5), p99Us: quantile(sorted, 0.99) }
}

process.on('message', (order: LoadOrder) => {
  run(order).then(
    (result) => process.send?.({ result }),
    (error: unknown) => process.send?.({ error: String(error) }),
  )
})
process.on('disconnect', () => process.exit())
