import type { Socket } from 'node:net'
import { answerReader } from './answer-reader.ts'
import { type Address, openConnection, requestBytes } from './client-bytes.ts'
import { quantile, type Spread, spread } from './figures.ts'
import { answerBody, nowUs, requestBody, sentUsIn, streamBytes, upstreamUsIn } from './paced-call.ts'

/**
 * The other load generator: calls begin at a steady rate whether or not those before them have ended, as clients do who
 * know nothing of each other, and what each answer was late by is read from the upstream's own times in it. A process of
 * its own that takes one `PacedOrder` at a time over IPC, tells when its window begins and ends, and answers with a
 * `PacedResult` once every call has ended.
 */
export interface PacedOrder extends Address {
  readonly callsPerSecond: number
  /** Calls that are due wait while so many are under way, so that what cannot keep up is not buried. */
  readonly mostOpen: number
  /** 1 makes every call a stream, 5 every fifth, 0 none. */
  readonly streamEvery: number
  readonly tokens: number
  readonly everyMs: number
  /** Before the window, with the same load. */
  readonly rampSeconds: number
  /** Of the window: nothing else is measured. */
  readonly seconds: number
}

export interface Times {
  readonly p50Us: number
  readonly p99Us: number
  readonly maxUs: number
}

export interface PacedResult {
  /** All calls made, in the window or not, and what came of them. */
  readonly calls: number
  readonly streams: number
  readonly errors: number
  readonly firstErrors: readonly string[]
  /** Of calls begun in the window: until the first byte (of a stream) or the whole answer, less the upstream's own time. */
  readonly measured: number
  readonly first: Times
  /** Of tokens of streams that came in the window: on their way from the upstream to the client. */
  readonly frames: number
  readonly delay: Times
  /** Calls that had been due for a while when the window ended and had not begun, since too many were under way. */
  readonly heldBack: number
  /** Calls under way at once, looked at as each call of the window began. */
  readonly open: Spread
}

/** No answer may be silent for longer. */
const PATIENCE_MS = 30_000
/** A call that begins later than this is held back: a timer's lateness and a short burst are not. */
const LATE_MS = 100

async function run(order: PacedOrder, tell: (phase: 'measuring' | 'measured') => void): Promise<PacedResult> {
  const kinds = { stream: kindOf(order, true), plain: kindOf(order, false) }
  const free: Socket[] = []
  const firstUs: number[] = []
  const delaysUs: number[] = []
  const openAtOnce: number[] = []
  const errors: string[] = []
  const everything: Promise<void>[] = []
  let calls = 0
  let streams = 0
  let open = 0
  let measuring = false

  const connection = async () => {
    for (let socket = free.shift(); socket !== undefined; socket = free.shift()) if (socket.writable) return socket
    const socket = await openConnection(order.port)
    socket.setTimeout(PATIENCE_MS, () => socket.destroy(new Error(`Silent for ${PATIENCE_MS} ms`)))
    // What is told of it is told at its close.
    socket.on('error', () => undefined)
    return socket
  }

  async function call(): Promise<void> {
    const isStream = order.streamEvery > 0 && calls % order.streamEvery === 0
    const kind = isStream ? kinds.stream : kinds.plain
    calls++
    if (isStream) streams++
    open++
    const inWindow = measuring
    if (inWindow) openAtOnce.push(open)
    try {
      const socket = await connection()
      const addedUs = await exchange(socket, kind, (receivedUs, sentUs) => {
        if (measuring) for (const us of sentUs) delaysUs.push(receivedUs - us)
      })
      if (inWindow) firstUs.push(addedUs)
      free.push(socket)
    } catch (error) {
      errors.push(String(error))
    }
    open--
  }

  const startMs = performance.now()
  const dueAt = (nowMs: number) => Math.floor(((nowMs - startMs) / 1000) * order.callsPerSecond)
  const until = async (endMs: number) => {
    for (let nowMs = performance.now(); nowMs < endMs; nowMs = performance.now()) {
      while (calls < dueAt(nowMs) && open < order.mostOpen) everything.push(call())
      await new Promise((resolve) => setTimeout(resolve, 1))
    }
  }
  await until(startMs + order.rampSeconds * 1000)
  measuring = true
  tell('measuring')
  await until(startMs + (order.rampSeconds + order.seconds) * 1000)
  measuring = false
  const heldBack = Math.max(0, dueAt(performance.now() - LATE_MS) - calls)
  tell('measured')
  await Promise.all(everything)
  for (const socket of free) socket.destroy()
  return {
    ...{ calls, streams, errors: errors.length, firstErrors: errors.slice(0, 5) },
    ...{ measured: firstUs.length, first: timesOf(firstUs), frames: delaysUs.length, delay: timesOf(delaysUs) },
    ...{ heldBack, open: spread(openAtOnce) },
  }
}

interface Kind {
  readonly request: Buffer
  /** Throws where the body is not byte for byte what the upstream sent. */
  readonly check: (body: Body) => void
}

interface Body {
  readonly length: number
  readonly tokens: number
  /** The frames that came last, or all of an answer in one piece. */
  readonly end: string
  readonly upstreamUs: number
}

function kindOf({ tokens, everyMs, ...address }: PacedOrder, stream: boolean): Kind {
  return {
    request: requestBytes(address, requestBody({ tokens, everyMs, stream })),
    check: ({ length, tokens: came, end, upstreamUs }) => {
      const right = stream
        ? came === tokens && length === streamBytes(tokens) && end.endsWith('data: [DONE]\n\n')
        : end === answerBody(tokens, upstreamUs)
      if (!right) throw new Error(`Not the upstream's answer: ${came} tokens, ${length} bytes, ending ${end}`)
    },
  }
}

/**
 * Makes one call and answers how long its first byte took (or the whole of an answer in one piece), less the upstream's
 * own time. Rejects where the answer is not the upstream's.
 */
function exchange(socket: Socket, { request, check }: Kind, came: (receivedUs: number, sentUs: number[]) => void) {
  return new Promise<number>((resolve, reject) => {
    let head = ''
    let length = 0
    let tokens = 0
    let end = ''
    /** The beginning of a frame whose end has not come; all of an answer in one piece. */
    let rest = ''
    let upstreamUs = Number.NaN
    let firstByteUs = 0
    let receivedUs = 0
    const read = answerReader({
      head: (answered) => (head = answered),
      body(piece) {
        firstByteUs ||= receivedUs
        length += piece.length
        rest += piece
        const whole = rest.lastIndexOf('\n\n') + 2
        if (whole < 2) return
        end = rest.slice(0, whole)
        rest = rest.slice(whole)
        if (Number.isNaN(upstreamUs)) upstreamUs = upstreamUsIn(end)
        const sentUs = sentUsIn(end)
        tokens += sentUs.length
        came(receivedUs, sentUs)
      },
      end() {
        if (!head.startsWith('HTTP/1.1 200 ')) throw new Error(`${head}${end}${rest}`)
        if (end === '') upstreamUs = upstreamUsIn((end = rest))
        check({ length, tokens, end, upstreamUs })
        finish()
        resolve(firstByteUs - beginUs - upstreamUs)
      },
    })
    const finish = () => {
      socket.off('data', take)
      socket.off('close', closed)
    }
    const take = (bytes: Buffer) => {
      receivedUs = nowUs()
      try {
        read(bytes.toString('latin1'))
      } catch (error) {
        finish()
        socket.destroy()
        reject(error)
      }
    }
    const closed = () => {
      const why = socket.errored?.message ?? 'by the other side'
      reject(new Error(`Closed ${why}, after ${head.length} bytes of the head and ${length} of the body`))
    }
    socket.on('data', take)
    socket.on('close', closed)
    const beginUs = nowUs()
    socket.write(request)
  })
}

function timesOf(us: readonly number[]): Times {
  const sorted = Float64Array.from(us).toSorted()
  return { p50Us: quantile(sorted, 0.5), p99Us: quantile(sorted, 0.99), maxUs: sorted.at(-1) ?? Number.NaN }
}

process.on('message', (order: PacedOrder) => {
  run(order, (phase) => process.send?.({ phase })).then(
    (result) => process.send?.({ result }),
    (error: unknown) => process.send?.({ error: String(error) }),
  )
})
process.on('disconnect', () => process.exit())
