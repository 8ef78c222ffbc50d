import type { Framed, Framing } from '../../core/ports/format.ts'
import { byteBuffer } from './byte-buffer.ts'
import { jsonBodyFraming, MAX_BODY_BYTES } from './json-body.ts'

/** What a frame that is an element of an array has as its event: so a meter tells it from a plain answer. */
export const ELEMENT = 'element'

/**
 * A JSON array that is streamed in pieces, as Google does where nobody asks for server-sent events: each element is one
 * frame. Brackets, commas and space between them are opaque, and so is whatever follows the array; an element
 * above MAX_BODY_BYTES is unread. The closing bracket waits for end(), so that no client has the whole answer before its entry is
 * durable. An answer that is no array (an error) is framed as a plain one.
 */
export function jsonArrayFraming(): Framing {
  const unfinished = byteBuffer()
  const plain = jsonBodyFraming()
  let place: Place = 'before'
  /** The element is over-long, and its beginning has left unread. */
  let overlong = false
  let depth = 0
  let inString = false
  let escaped = false

  const finish = (into: Framed[], piece: Buffer) => {
    unfinished.append(piece)
    const raw = unfinished.take()
    if (overlong || raw.length > MAX_BODY_BYTES) push(into, 'unread', raw)
    else into.push({ kind: 'frame', frame: { raw, event: ELEMENT, data: raw.toString() } })
    overlong = false
    place = 'between'
  }
  /** Where the element ends that goes on at this offset; undefined where it does not end in the chunk. */
  const endOfElement = (chunk: Buffer, from: number): number | undefined => {
    for (let at = from; at < chunk.length; at++) {
      const byte = chunk[at]!
      if (inString) {
        if (escaped) escaped = false
        else if (byte === BACKSLASH) escaped = true
        else if (byte === QUOTE) inString = false
      } else if (byte === QUOTE) inString = true
      else if (byte === OPEN_OBJECT || byte === OPEN_ARRAY) depth++
      else if (depth === 0) {
        // A closing bracket here is the array's own: a number, a string or a word ends before it.
        if (byte === COMMA || byte === CLOSE_ARRAY || isSpace(byte)) return at
      } else if ((byte === CLOSE_OBJECT || byte === CLOSE_ARRAY) && --depth === 0) return at + 1
    }
    return undefined
  }

  return {
    push(chunk) {
      if (place === 'plain') return plain.push(chunk)
      const into: Framed[] = []
      let start = 0
      for (let at = 0; at < chunk.length;) {
        const byte = chunk[at]!
        if (place === 'element') {
          const end = endOfElement(chunk, at)
          if (end === undefined) break
          finish(into, chunk.subarray(start, end))
          start = at = end
        } else if (place === 'after' || isSpace(byte) || (place === 'between' && byte === COMMA)) at++
        else if (place === 'between' && byte !== CLOSE_ARRAY) {
          push(into, 'opaque', chunk.subarray(start, at))
          start = at
          place = 'element'
        } else if (place === 'before' && byte !== OPEN_ARRAY) {
          push(into, 'opaque', chunk.subarray(start, at))
          place = 'plain'
          return [...into, ...plain.push(chunk.subarray(at))]
        } else {
          place = byte === OPEN_ARRAY ? 'between' : 'after'
          at++
        }
      }
      const rest = chunk.subarray(start)
      if (place === 'after') {
        push(into, 'opaque', unfinished.take())
        unfinished.append(rest)
      } else if (place !== 'element') push(into, 'opaque', rest)
      else if (overlong || unfinished.size() + rest.length > MAX_BODY_BYTES) {
        overlong = true
        push(into, 'unread', unfinished.take())
        push(into, 'unread', rest)
      } else unfinished.append(rest)
      return into
    },
    end() {
      if (place === 'plain') return plain.end()
      const into: Framed[] = []
      push(into, 'opaque', unfinished.take())
      return into
    },
  }
}
type Place = 'before' | 'between' | 'element' | 'after' | 'plain'

function push(into: Framed[], kind: 'opaque' | 'unread', raw: Buffer): void {
  if (raw.length > 0) into.push({ kind, raw })
}

function isSpace(byte: number): boolean {
  return byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09
}

const QUOTE = 0x22
const COMMA = 0x2c
const OPEN_ARRAY = 0x5b
const BACKSLASH = 0x5c
const CLOSE_ARRAY = 0x5d
const OPEN_OBJECT = 0x7b
const CLOSE_OBJECT = 0x7d
