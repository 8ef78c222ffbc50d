import { parseArgs } from 'node:util'
import { crc32 } from 'node:zlib'
import type { Format, Framing } from '../server/src/core/ports/format.ts'
import { FORMATS } from '../server/src/providers/formats/all.ts'
import { framingOf } from '../server/src/providers/framing/all.ts'
import { spread, type Spread, table, whole } from './figures.ts'
import { describeMachine } from './machine.ts'

/**
 * `npm run metering -- [--megabytes 16] [--rounds 5]`: what framing and metering a stream costs by the megabyte, for each
 * way that a stream is framed. The bytes come in pieces as a socket gives them, and nothing else is done with them.
 */

const { values } = parseArgs({
  options: { megabytes: { type: 'string', default: '16' }, rounds: { type: 'string', default: '5' } },
})
const megabytes = Number(values.megabytes)
const rounds = Number(values.rounds)

const PIECE_BYTES = 16 * 1024
const WORDS = 'The quick brown fox jumps, über den faulen Hund. '
const json = (value: unknown) => JSON.stringify(value)

const sse = (data: unknown) => Buffer.from(`data: ${json(data)}\n\n`)
const named = (event: string, data: object) =>
  Buffer.from(`event: ${event}\ndata: ${json({ type: event, ...data })}\n\n`)

/** One message of AWS's event streams. */
function message(event: string, payload: unknown): Buffer {
  const headers = Object.entries({ ':event-type': event, ':message-type': 'event' }).map(([name, value]) =>
    Buffer.from(
      `${String.fromCharCode(name.length)}${name}\x07\0${String.fromCharCode(value.length)}${value}`,
      'latin1',
    ),
  )
  const body = Buffer.concat([...headers, Buffer.from(json(payload))])
  const bytes = Buffer.alloc(12 + body.length + 4)
  bytes.writeUInt32BE(bytes.length, 0)
  bytes.writeUInt32BE(Buffer.concat(headers).length, 4)
  bytes.writeUInt32BE(crc32(bytes.subarray(0, 8)), 8)
  body.copy(bytes, 12)
  bytes.writeUInt32BE(crc32(bytes.subarray(0, -4)), bytes.length - 4)
  return bytes
}
const chunk = (payload: unknown) => message('chunk', { bytes: Buffer.from(json(payload)).toString('base64') })

const text = { type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: WORDS } }
const STREAMS: readonly { name: string; format: Format; contentType: string; frame: Buffer }[] = [
  {
    name: 'SSE, OpenAI Chat',
    format: FORMATS['openai-chat'],
    contentType: 'text/event-stream',
    frame: sse({
      id: 'chatcmpl-1',
      object: 'chat.completion.chunk',
      choices: [{ index: 0, delta: { content: WORDS } }],
    }),
  },
  {
    name: 'SSE, Anthropic',
    format: FORMATS['anthropic-messages'],
    contentType: 'text/event-stream',
    frame: named('content_block_delta', text),
  },
  {
    name: 'event stream, Converse',
    format: FORMATS['bedrock-converse'],
    contentType: 'application/vnd.amazon.eventstream',
    frame: message('contentBlockDelta', { contentBlockIndex: 0, delta: { text: WORDS }, p: 'abcdefgh' }),
  },
  {
    name: 'event stream, Claude',
    format: FORMATS['bedrock-invoke'],
    contentType: 'application/vnd.amazon.eventstream',
    frame: chunk(text),
  },
]

/** The bytes of so many megabytes of a frame, in pieces that end anywhere. */
function piecesOf(frame: Buffer): Buffer[] {
  const all = Buffer.concat(Array.from({ length: Math.ceil((megabytes * 1e6) / frame.length) }, () => frame))
  return Array.from({ length: Math.ceil(all.length / PIECE_BYTES) }, (_, index) =>
    all.subarray(index * PIECE_BYTES, (index + 1) * PIECE_BYTES),
  )
}

/** Megabytes per second of processor time, and how many frames there were. */
function measure(pieces: readonly Buffer[], framing: Framing, format: Format | undefined) {
  const meter = format?.meter({ stream: true, headers: {}, stripUsage: false })
  let frames = 0
  const from = process.cpuUsage()
  for (const piece of pieces)
    for (const framed of framing.push(piece))
      if (framed.kind === 'frame') {
        frames++
        meter?.frame(framed.frame)
      }
  framing.end()
  // Processor time, garbage and all: a busy machine moves it less than the clock.
  const { user, system } = process.cpuUsage(from)
  const seconds = (user + system) / 1e6
  const bytes = pieces.reduce((sum, { length }) => sum + length, 0)
  if (frames === 0) throw new Error('nothing was framed')
  return { perSecond: bytes / 1e6 / seconds, frames }
}

process.stdout.write(`${describeMachine()}\n\n`)
const rows = STREAMS.map(({ name, format, contentType, frame }) => {
  const pieces = piecesOf(frame)
  const of = (metering: boolean) => () =>
    measure(pieces, framingOf(contentType, true).framing, metering ? format : undefined)
  const figures = [of(false), of(true)].map((once) => {
    once()
    return Array.from({ length: rounds }, once)
  })
  const [framing, metering] = figures.map((all) => spread(all.map(({ perSecond }) => perSecond)))
  const frames = figures[1]![0]!.frames
  return [name, whole(frame.length), whole(frames), shown(framing!), shown(metering!)]
})

function shown({ median, min, max }: Spread): string {
  return `${whole(median)} (${whole(min)} to ${whole(max)})`
}

process.stdout.write(`${table(['', 'bytes/frame', 'frames', 'framing MB/s', 'framing and metering MB/s'], rows)}\n`)
