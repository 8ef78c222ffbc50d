import type { Frame, Framed, Framing } from '../../core/ports/format.ts'
import { byteBuffer } from './byte-buffer.ts'

/** A block that grows beyond this is relayed without being read, so that no provider decides how much we hold. */
export const MAX_FRAME_BYTES = 1024 * 1024

/**
 * Server-sent events as WHATWG defines them: lines end in LF, CRLF or CR, in any mixture; an empty line ends a block.
 * A block with data is a frame; comments and lone empty lines are opaque, over-long blocks unread. How the network cut the
 * bytes changes nothing. A block whose empty line ends in CR waits for one byte more (an LF belongs to it), unless
 * the line before ended in CR alone: then the stream speaks CR, and a following LF is an empty line of its own.
 */
export function sseFraming(): Framing {
  const unfinished = byteBuffer()
  /** The unfinished block is over-long, and its beginning has left unread. */
  let overlong = false
  let lineIsEmpty = true
  /** The last byte was a CR, so an LF that follows ends the same line. */
  let afterCr = false
  let afterLoneCr = false
  /** That CR ended an empty line: the block is complete, with the LF if one follows. */
  let complete = false
  let first = true

  const emit = (into: Framed[], piece: Buffer) => {
    let whole = unfinished.size() === 0 ? piece : withUnfinished(piece)
    if (first && hasByteOrderMark(whole)) {
      into.push({ kind: 'opaque', raw: whole.subarray(0, 3) })
      whole = whole.subarray(3)
    }
    if (overlong || whole.length > MAX_FRAME_BYTES) pushUnread(into, whole)
    else into.push(framed(whole))
    first = false
    overlong = false
    lineIsEmpty = true
    complete = false
  }
  const withUnfinished = (piece: Buffer) => {
    unfinished.append(piece)
    return unfinished.take()
  }

  return {
    push(chunk) {
      const into: Framed[] = []
      let start = 0
      let at = 0
      if (afterCr && chunk.length > 0) {
        afterCr = false
        const endsPair = chunk[0] === LF
        afterLoneCr = !endsPair
        if (endsPair) at = 1
        if (complete) {
          emit(into, chunk.subarray(0, at))
          start = at
        }
      }
      for (; at < chunk.length; at++) {
        const lineEnd = endOfLine(chunk, at)
        if (lineEnd > at) lineIsEmpty = false
        at = lineEnd
        if (at === chunk.length) break
        const endsBlock = lineIsEmpty
        lineIsEmpty = true
        if (chunk[at] === CR && !(endsBlock && afterLoneCr)) {
          if (at + 1 === chunk.length) {
            afterCr = true
            complete = endsBlock
            break
          }
          const endsPair = chunk[at + 1] === LF
          afterLoneCr = !endsPair
          if (endsPair) at++
        } else if (chunk[at] === LF) afterLoneCr = false
        if (endsBlock) {
          emit(into, chunk.subarray(start, at + 1))
          start = at + 1
        }
      }
      const rest = chunk.subarray(start)
      if (overlong || unfinished.size() + rest.length > MAX_FRAME_BYTES) {
        overlong = true
        first = false
        pushUnread(into, withUnfinished(rest))
      } else if (rest.length > 0) unfinished.append(rest)
      return into
    },
    end() {
      const into: Framed[] = []
      if (unfinished.size() > 0) emit(into, EMPTY)
      return into
    },
  }
}

/**
 * The frame's bytes with a part of its data cut out, given in bytes of the data in UTF-8. Everything else (other
 * fields, comments, line ends) stays.
 */
export function withoutData(frame: Frame, from: number, to: number): Buffer {
  const kept: Buffer[] = []
  let keptTo = 0
  let at = 0
  eachLine(frame.raw, (start, end) => {
    const dataAt = valueStart(frame.raw, DATA, start, end)
    if (dataAt === undefined) return
    const cutStart = dataAt + Math.max(from - at, 0)
    const cutEnd = Math.min(dataAt + to - at, end)
    if (cutStart < cutEnd) {
      kept.push(frame.raw.subarray(keptTo, cutStart))
      keptTo = cutEnd
    }
    at += end - dataAt + 1
  })
  kept.push(frame.raw.subarray(keptTo))
  return Buffer.concat(kept)
}

/** A complete block. One without any data says nothing to a client, and so nothing to us. */
function framed(raw: Buffer): Framed {
  let event = ''
  let data: string | undefined
  eachLine(raw, (start, end) => {
    const dataAt = valueStart(raw, DATA, start, end)
    if (dataAt !== undefined) {
      const value = raw.toString('utf8', dataAt, end)
      data = data === undefined ? value : `${data}\n${value}`
      return
    }
    const eventAt = valueStart(raw, EVENT, start, end)
    if (eventAt !== undefined) event = raw.toString('utf8', eventAt, end)
  })
  return data === undefined ? { kind: 'opaque', raw } : { kind: 'frame', frame: { raw, event, data } }
}

/** Calls with the start of each line that is not empty, and its end without its CR or LF. */
function eachLine(raw: Buffer, line: (start: number, end: number) => void): void {
  for (let start = 0; start < raw.length;) {
    const end = endOfLine(raw, start)
    if (end > start) line(start, end)
    start = end + 1
  }
}

/** The index of the next LF or CR, or the length. Runs over every byte of every stream. */
function endOfLine(bytes: Buffer, from: number): number {
  const { length } = bytes
  let at = from
  while (at < length) {
    const byte = bytes[at] as number
    if (byte <= CR && (byte === LF || byte === CR)) break
    at++
  }
  return at
}

/** Where the value begins on a line of this field, and undefined on any other line. */
function valueStart(raw: Buffer, field: Buffer, start: number, end: number): number | undefined {
  const nameEnd = start + field.length
  if (nameEnd > end) return undefined
  for (let at = 0; at < field.length; at++) if (raw[start + at] !== field[at]) return undefined
  if (nameEnd === end) return end
  if (raw[nameEnd] !== COLON) return undefined
  return raw[nameEnd + 1] === SPACE && nameEnd + 1 < end ? nameEnd + 2 : nameEnd + 1
}
const DATA = Buffer.from('data')
const EVENT = Buffer.from('event')

function pushUnread(into: Framed[], raw: Buffer): void {
  if (raw.length > 0) into.push({ kind: 'unread', raw })
}

function hasByteOrderMark(raw: Buffer): boolean {
  return raw[0] === 0xef && raw[1] === 0xbb && raw[2] === 0xbf
}

const LF = 0x0a
const CR = 0x0d
const SPACE = 0x20
const COLON = 0x3a
const EMPTY = Buffer.alloc(0)
