import { crc32 } from 'node:zlib'
import { EventStreamCodec } from '@smithy/core/event-streams'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Framed } from '../../core/ports/format.ts'
import { eventStreamFraming } from './event-stream.ts'
import { MAX_FRAME_BYTES } from './sse.ts'

const codec = new EventStreamCodec(
  (bytes) => Buffer.from(bytes as Uint8Array).toString(),
  (text) => Buffer.from(text),
)
type Headers = Parameters<typeof codec.encode>[0]['headers']

/** AWS's own encoder. */
const message = (headers: Headers, payload: string | Buffer) =>
  Buffer.from(codec.encode({ headers, body: Buffer.from(payload as string) }))
const event = (name: string, payload: string | Buffer) =>
  message({ ':message-type': text('event'), ':event-type': text(name) }, payload)
const text = (value: string) => ({ type: 'string' as const, value })

function framed(bytes: Buffer, cuts: readonly number[] = []): Framed[] {
  const framing = eventStreamFraming()
  const places = [0, ...cuts.toSorted((a, b) => a - b), bytes.length]
  const pieces = places.slice(1).map((end, index) => bytes.subarray(places[index], end))
  return [...pieces.flatMap((piece) => framing.push(piece)), ...framing.end()]
}
const rawOf = (all: readonly Framed[]) =>
  Buffer.concat(all.map((one) => (one.kind === 'frame' ? one.frame.raw : one.raw)))
const framesOf = (all: readonly Framed[]) => all.flatMap((one) => (one.kind === 'frame' ? [one.frame] : []))
const saidBy = (all: readonly Framed[]) => framesOf(all).map(({ event: name, data }) => [name, data])

const anyText = fc.string({ unit: 'grapheme', maxLength: 30 })
const header = fc.oneof(
  fc.boolean().map((value) => ({ type: 'boolean' as const, value })),
  fc.integer({ min: -128, max: 127 }).map((value) => ({ type: 'byte' as const, value })),
  fc.integer({ min: -32_768, max: 32_767 }).map((value) => ({ type: 'short' as const, value })),
  fc.integer().map((value) => ({ type: 'integer' as const, value })),
  fc.uint8Array({ maxLength: 9 }).map((value) => ({ type: 'binary' as const, value })),
  anyText.map(text),
  fc.date({ noInvalidDate: true }).map((value) => ({ type: 'timestamp' as const, value })),
  fc.uuid().map((value) => ({ type: 'uuid' as const, value })),
)
const others = fc.dictionary(fc.stringMatching(/^[a-z-]{1,12}$/), header, { maxKeys: 3 })
const anyMessage = fc
  .tuple(others, fc.constantFrom('chunk', 'contentBlockDelta', 'metadata'), others, anyText)
  .map(([before, name, after, payload]) => {
    const headers = { ...before, ':event-type': text(name), ...after }
    return { name, payload, bytes: message(headers, payload) }
  })
const stream = fc.array(anyMessage, { maxLength: 6 })

test("messages of AWS's own encoder are frames, whatever their headers and wherever the network cuts", () => {
  fc.assert(
    fc.property(stream, fc.array(fc.nat(600), { maxLength: 8 }), (messages, cuts) => {
      const bytes = Buffer.concat(messages.map((one) => one.bytes))
      const whole = framed(bytes)
      expect(saidBy(whole)).toEqual(messages.map(({ name, payload }) => [name, payload]))
      const places = cuts.map((cut) => cut % (bytes.length + 1))
      expect(framed(bytes, places)).toEqual(whole)
      expect(framed(bytes, Array.from(bytes.keys()))).toEqual(whole)
      expect(rawOf(whole).equals(bytes)).toBe(true)
    }),
  )
})

test('a message leaves with its last byte, and an exception and an error have names too', () => {
  const delta = event('contentBlockDelta', '{}')
  const framing = eventStreamFraming()
  expect(framing.push(delta.subarray(0, -1))).toEqual([])
  expect(saidBy(framing.push(delta.subarray(-1)))).toEqual([['contentBlockDelta', '{}']])
  const exception = { ':message-type': text('exception'), ':exception-type': text('throttlingException') }
  expect(saidBy(framing.push(message(exception, '{"message":"slow"}')))).toEqual([
    ['throttlingException', '{"message":"slow"}'],
  ])
  const error = { ':message-type': text('error'), ':error-code': text('InternalFailure') }
  expect(saidBy(framing.push(message(error, '')))).toEqual([['error', '']])
})

describe('bytes that are no messages are relayed, and not read', () => {
  test('whatever byte of a message is wrong: it and all that follows is unread, in the bytes that came', () => {
    const [first, second, third] = ['one', 'two', 'three'].map((payload) => event('chunk', payload)) as [
      Buffer,
      Buffer,
      Buffer,
    ]
    for (let at = 0; at < second.length; at++) {
      const wrong = Buffer.from(second)
      wrong[at]! ^= 0x41
      const bytes = Buffer.concat([first, wrong, third])
      for (const cuts of [[], [first.length + at], Array.from(bytes.keys())]) {
        const pieces = framed(bytes, cuts)
        expect(saidBy(pieces)).toEqual([['chunk', 'one']])
        expect(rawOf(pieces).equals(bytes)).toBe(true)
      }
    }
  })

  test('any bytes at all', () => {
    fc.assert(
      fc.property(stream, fc.uint8Array({ maxLength: 64 }), fc.nat(64), (messages, noise, cut) => {
        const bytes = Buffer.concat([...messages.map((one) => one.bytes), noise])
        const pieces = framed(bytes, [Math.min(cut, bytes.length)])
        expect(framesOf(pieces).length).toBeGreaterThanOrEqual(messages.length)
        expect(rawOf(pieces).equals(bytes)).toBe(true)
      }),
    )
  })

  test('one whose headers cannot be read, while the next is read', () => {
    const wrong = message({ ':event-type': text('chunk') }, 'one')
    const lying = rechecked(wrong, (bytes) => bytes.writeUInt8(200, 12))
    const pieces = framed(Buffer.concat([lying, event('chunk', 'two')]))
    expect(pieces.map(({ kind }) => kind)).toEqual(['unread', 'frame'])
  })

  test('an unfinished one at the end', () => {
    const bytes = event('chunk', 'one')
    for (let end = 0; end < bytes.length; end++) {
      const pieces = framed(bytes.subarray(0, end))
      expect(framesOf(pieces)).toEqual([])
      expect(rawOf(pieces).equals(bytes.subarray(0, end))).toBe(true)
    }
  })
})

describe('B20: a large message is relayed and not kept', () => {
  const sized = (size: number) => {
    const overhead = event('chunk', '').length
    return event('chunk', Buffer.alloc(size - overhead, 'a'))
  }
  test('one above the largest passes as it comes, and the next is read', () => {
    const bytes = sized(3 * MAX_FRAME_BYTES)
    const framing = eventStreamFraming()
    const pieces: Framed[] = [...framing.push(bytes.subarray(0, 12))]
    for (let at = 12; at < bytes.length; at += 1024) {
      const now = framing.push(bytes.subarray(at, at + 1024))
      expect(rawOf(now)).toHaveLength(Math.min(1024, bytes.length - at))
      pieces.push(...now)
    }
    expect(framesOf(pieces)).toEqual([])
    expect(saidBy(framing.push(event('metadata', '{}')))).toEqual([['metadata', '{}']])
  })
  test('what counts as too large does not depend on the cuts', () => {
    for (const size of [MAX_FRAME_BYTES, MAX_FRAME_BYTES + 1])
      for (const cuts of [[], [5], [size - 1], [100, 50_000, size - 2]])
        expect(framesOf(framed(sized(size), cuts))).toHaveLength(size > MAX_FRAME_BYTES ? 0 : 1)
  })
})

/** The message with something changed and both checksums right again. */
function rechecked(bytes: Buffer, change: (copy: Buffer) => void): Buffer {
  const copy = Buffer.from(bytes)
  change(copy)
  copy.writeUInt32BE(crc32(copy.subarray(0, 8)), 8)
  copy.writeUInt32BE(crc32(copy.subarray(0, -4)), copy.length - 4)
  return copy
}
