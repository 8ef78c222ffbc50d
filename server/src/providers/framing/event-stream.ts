import { crc32 } from 'node:zlib'
import type { Frame, Framed, Framing } from '../../core/ports/format.ts'
import { byteBuffer } from './byte-buffer.ts'
import { MAX_FRAME_BYTES } from './sse.ts'

/**
 * AWS's `application/vnd.amazon.eventstream`: a prelude (the lengths of the message and of its headers, and their
 * CRC-32), headers, payload, and the CRC-32 of all before it; integers are big-endian. A message is a frame whose data
 * is its payload. How the network cut the bytes changes nothing. One that is larger than MAX_FRAME_BYTES passes
 * unread; where a checksum or a length cannot be, nobody knows where the next message begins, and all that
 * follows is unread.
 */
export function eventStreamFraming(): Framing {
  const unfinished = byteBuffer()
  /** The length of the unfinished message, once its prelude is there. */
  let length: number | undefined
  /** What is still to come of a message that is too large. */
  let passing = 0
  let isBroken = false

  const breakOff = (into: Framed[], raw: Buffer) => {
    isBroken = true
    pushUnread(into, raw)
  }
  /** Takes so many bytes of the rest as the unfinished piece lacks; answers the piece once nothing lacks. */
  const completed = (rest: Buffer, size: number): { piece: Buffer | undefined; took: number } => {
    const lacks = size - unfinished.size()
    if (unfinished.size() === 0 && rest.length >= lacks) return { piece: rest.subarray(0, lacks), took: lacks }
    const took = Math.min(lacks, rest.length)
    unfinished.append(rest.subarray(0, took))
    return { piece: took === lacks ? unfinished.take() : undefined, took }
  }
  /** Reads a prelude, keeping it as the beginning of its message. */
  const begin = (into: Framed[], prelude: Buffer) => {
    const size = messageLength(prelude)
    if (size === undefined) return breakOff(into, prelude)
    if (size > MAX_FRAME_BYTES) {
      passing = size - prelude.length
      return pushUnread(into, prelude)
    }
    length = size
    unfinished.append(prelude)
  }
  const finish = (into: Framed[], raw: Buffer) => {
    length = undefined
    if (crc32(raw.subarray(0, -CRC_BYTES)) === raw.readUInt32BE(raw.length - CRC_BYTES)) into.push(framed(raw))
    else breakOff(into, raw)
  }

  return {
    push(chunk) {
      const into: Framed[] = []
      let rest = chunk
      while (rest.length > 0) {
        if (isBroken || passing > 0) {
          const took = isBroken ? rest.length : Math.min(passing, rest.length)
          passing -= Math.min(passing, took)
          pushUnread(into, rest.subarray(0, took))
          rest = rest.subarray(took)
          continue
        }
        const whole = length === undefined && unfinished.size() === 0 ? wholeMessage(rest) : undefined
        const { piece, took } = whole ? { piece: whole, took: whole.length } : completed(rest, length ?? PRELUDE_BYTES)
        if (piece && (whole || length !== undefined)) finish(into, piece)
        else if (piece) begin(into, piece)
        rest = rest.subarray(took)
      }
      return into
    },
    end() {
      const into: Framed[] = []
      pushUnread(into, unfinished.take())
      return into
    },
  }
}

const CRC_BYTES = 4
const PRELUDE_BYTES = 12
const LEAST_BYTES = PRELUDE_BYTES + CRC_BYTES

/** The length that a prelude promises; undefined where it cannot be. */
function messageLength(prelude: Buffer): number | undefined {
  const size = prelude.readUInt32BE(0)
  const headers = prelude.readUInt32BE(4)
  if (crc32(prelude.subarray(0, 8)) !== prelude.readUInt32BE(8)) return undefined
  return size >= LEAST_BYTES && headers <= size - LEAST_BYTES ? size : undefined
}

/** The message that the bytes begin with, where all of it is there: most come so, and are not copied. */
function wholeMessage(bytes: Buffer): Buffer | undefined {
  if (bytes.length < LEAST_BYTES) return undefined
  const size = messageLength(bytes)
  return size !== undefined && size <= Math.min(bytes.length, MAX_FRAME_BYTES) ? bytes.subarray(0, size) : undefined
}

/** A message with its checksums right. One whose headers cannot be read says nothing to us. */
function framed(raw: Buffer): Framed {
  const headersEnd = PRELUDE_BYTES + raw.readUInt32BE(4)
  const event = eventOf(raw, headersEnd)
  if (event === undefined) return { kind: 'unread', raw }
  const frame: Frame = { raw, event, data: raw.toString('utf8', headersEnd, raw.length - CRC_BYTES) }
  return { kind: 'frame', frame }
}

/** The name of the event or the exception; `error` for one without a model. Undefined where headers cannot be read. */
function eventOf(raw: Buffer, end: number): string | undefined {
  let event = ''
  let at = PRELUDE_BYTES
  while (at < end) {
    const nameEnd = at + 1 + raw[at]!
    const name = raw.toString('latin1', at + 1, nameEnd)
    const type = raw[nameEnd]
    const isSized = type === BYTES || type === STRING
    const valueStart = nameEnd + (isSized ? 3 : 1)
    if (valueStart > end) return undefined
    const size = isSized ? raw.readUInt16BE(nameEnd + 1) : FIXED_SIZES[type!]
    if (size === undefined || valueStart + size > end) return undefined
    at = valueStart + size
    if (name === ':event-type' || name === ':exception-type') event = raw.toString('utf8', valueStart, at)
    else if (name === ':error-code') event = 'error'
  }
  return event
}
/** The sizes of values by their type: true, false, byte, short, integer, long, bytes, string, timestamp, UUID. */
const FIXED_SIZES: readonly (number | undefined)[] = [0, 0, 1, 2, 4, 8, undefined, undefined, 8, 16]
const BYTES = 6
const STRING = 7

function pushUnread(into: Framed[], raw: Buffer): void {
  if (raw.length > 0) into.push({ kind: 'unread', raw })
}
