/**
 * Just enough HTTP/1.1 to know where a message ends: the load generator and the upstream would otherwise be slower than
 * the proxies between them. It reads what these few peers send on loopback and throws on anything else.
 */

export interface Message {
  /** The first line and the header lines, latin1. */
  readonly head: string
  readonly body: string
  /** Offset of the first byte behind the message. */
  readonly end: number
}

/** The message that starts at `from`, or undefined while it is not there in full. `text` is latin1: one unit per byte. */
export function readMessage(text: string, from: number): Message | undefined {
  const headEnd = text.indexOf('\r\n\r\n', from)
  if (headEnd === -1) return undefined
  const head = text.slice(from, headEnd)
  const bodyStart = headEnd + 4
  const length = CONTENT_LENGTH.exec(head)
  if (length !== null) {
    const end = bodyStart + Number(length[1])
    return end > text.length ? undefined : { head, body: text.slice(bodyStart, end), end }
  }
  if (CHUNKED.test(head)) return readChunked(text, head, bodyStart)
  throw new Error(`A message without a length: ${head}`)
}

const CONTENT_LENGTH = /\r\ncontent-length: *(\d+)/i
const CHUNKED = /\r\ntransfer-encoding: *chunked/i

function readChunked(text: string, head: string, bodyStart: number): Message | undefined {
  let body = ''
  let at = bodyStart
  for (;;) {
    const lineEnd = text.indexOf('\r\n', at)
    if (lineEnd === -1) return undefined
    const size = Number.parseInt(text.slice(at, lineEnd), 16)
    if (!(size >= 0)) throw new Error(`Not a chunk size: ${text.slice(at, lineEnd)}`)
    const chunkEnd = lineEnd + 2 + size
    if (chunkEnd + 2 > text.length) return undefined
    body += text.slice(lineEnd + 2, chunkEnd)
    at = chunkEnd + 2
    if (size === 0) return { head, body, end: at }
  }
}
