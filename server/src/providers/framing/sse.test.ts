import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Frame, Framed } from '../../core/ports/format.ts'
import { MAX_FRAME_BYTES, sseFraming, withoutData } from './sse.ts'

/** Cuts the bytes at the given places and frames the pieces. */
function framed(bytes: Buffer, cuts: readonly number[] = []): Framed[] {
  const framing = sseFraming()
  const places = [0, ...[...cuts].toSorted((a, b) => a - b), bytes.length]
  const pieces = places.slice(1).map((end, index) => bytes.subarray(places[index], end))
  return [...pieces.flatMap((piece) => framing.push(piece)), ...framing.end()]
}
const rawOf = (all: readonly Framed[]) =>
  Buffer.concat(all.map((one) => (one.kind === 'frame' ? one.frame.raw : one.raw)))
const framesOf = (all: readonly Framed[]): Frame[] => all.flatMap((one) => (one.kind === 'frame' ? [one.frame] : []))
const saidBy = (all: readonly Framed[]) => framesOf(all).map(({ event, data }) => [event, data])

/** What WHATWG's rules make of a whole stream, written from the standard without regard to speed or bytes. */
function standard(text: string): [string, string][] {
  const events: [string, string][] = []
  let event = ''
  let data: string[] = []
  const lines = text.replace(/^\uFEFF/, '').split(/\r\n|\n|\r/)
  for (const line of [...lines.slice(0, -1), ...(lines.at(-1) === '' ? [] : [lines.at(-1)!]), '']) {
    if (line === '') {
      if (data.length > 0) events.push([event, data.join('\n')])
      event = ''
      data = []
      continue
    }
    const colon = line.indexOf(':')
    const name = colon < 0 ? line : line.slice(0, colon)
    const value = colon < 0 ? '' : line.slice(colon + 1).replace(/^ /, '')
    if (name === 'data') data.push(value)
    if (name === 'event') event = value
  }
  return events
}

const lineEnd = fc.constantFrom('\n', '\r\n', '\r')
const line = fc.oneof(
  { weight: 4, arbitrary: fc.constant('') },
  {
    weight: 4,
    arbitrary: fc.constantFrom('data: {"a":1}', 'data:x', 'data:  two', 'data', 'data:', 'data: é🙂', ' data: no'),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom('event: ping', 'event:x', 'event', 'id: 1', 'retry: 10', ': comment', 'database: 1'),
  },
  { weight: 1, arbitrary: fc.string({ unit: 'grapheme' }).map((text) => text.replaceAll(/[\r\n]/g, '')) },
)
const stream = fc
  .tuple(fc.constantFrom('', '', '\uFEFF'), fc.array(fc.tuple(line, lineEnd), { maxLength: 20 }), line)
  .map(([mark, lines, last]) => mark + lines.map((pair) => pair.join('')).join('') + last)

describe('B21: server-sent events are read as WHATWG says', () => {
  test('whatever the line ends, comments, byte order mark and fields', () => {
    fc.assert(
      fc.property(stream, (text) => {
        expect(saidBy(framed(Buffer.from(text)))).toEqual(standard(text))
      }),
      { numRuns: 500 },
    )
  })

  test('wherever the network cuts: the same frames, and exactly the bytes that came', () => {
    fc.assert(
      fc.property(stream, fc.array(fc.nat(200), { maxLength: 8 }), (text, cuts) => {
        const bytes = Buffer.from(text)
        const whole = framed(bytes)
        const parts = framed(
          bytes,
          cuts.map((cut) => cut % (bytes.length + 1)),
        )
        expect(parts).toEqual(whole)
        expect(rawOf(parts).equals(bytes)).toBe(true)
        expect(framed(bytes, Array.from(bytes.keys()))).toEqual(whole)
      }),
      { numRuns: 500 },
    )
  })

  test('a frame leaves with its empty line, without waiting for the next', () => {
    for (const end of ['\n', '\r\n', '\r'])
      expect(framesOf(sseFraming().push(Buffer.from(`data: 1${end}${end}`)))).toHaveLength(1)
  })

  test('a comment leaves at once, so that it keeps connections alive', () => {
    const ping = Buffer.from(': ping\n\n')
    expect(sseFraming().push(ping)).toEqual([{ kind: 'opaque', raw: ping }])
  })

  test('an unfinished frame at the end is still read, since nobody will finish it', () => {
    expect(saidBy(framed(Buffer.from('data: [DONE]')))).toEqual([['', '[DONE]']])
  })
})

describe('B20: an endless line is relayed and not kept', () => {
  const kibibyte = Buffer.alloc(1024, 'a')

  test('an over-long block is unread as soon as it is over-long, and the next frame is read', () => {
    const framing = sseFraming()
    const pieces: Framed[] = [...framing.push(Buffer.from('data: '))]
    for (let sent = 0; sent < 4 * MAX_FRAME_BYTES; sent += kibibyte.length) {
      const now = framing.push(kibibyte)
      pieces.push(...now)
      if (sent > MAX_FRAME_BYTES) expect(rawOf(now)).toHaveLength(kibibyte.length)
    }
    expect(pieces.every((piece) => piece.kind === 'unread')).toBe(true)
    pieces.push(...framing.push(Buffer.from('\n\ndata: next\n\n')))
    expect(saidBy(pieces)).toEqual([['', 'next']])
    expect(rawOf(pieces)).toHaveLength(6 + 4 * MAX_FRAME_BYTES + 2 + 12)
  })

  test('what counts as over-long does not depend on the cuts', () => {
    for (const size of [MAX_FRAME_BYTES, MAX_FRAME_BYTES + 1]) {
      const block = Buffer.concat([Buffer.from('data: '), Buffer.alloc(size - 8, 'a'), Buffer.from('\n\n')])
      const kinds = [[], [5], [size - 1], [100, 50_000, size - 2]].map((cuts) =>
        framed(block, cuts).map(({ kind }) => kind),
      )
      for (const kind of kinds) expect(new Set(kind)).toEqual(new Set([size > MAX_FRAME_BYTES ? 'unread' : 'frame']))
    }
  })
})

test('a part of the data is cut out of the bytes, and nothing else, over any number of lines', () => {
  fc.assert(
    fc.property(stream, fc.nat(40), fc.nat(40), (text, a, b) => {
      for (const frame of framesOf(framed(Buffer.from(text)))) {
        const data = Buffer.from(frame.data)
        const [from, to] = [Math.min(a, b, data.length), Math.min(Math.max(a, b), data.length)]
        const rest = framesOf(framed(withoutData(frame, from, to)))
        const cut = data.subarray(from, to)
        const lines = cut.filter((byte) => byte === 0x0a).length
        const kept = Buffer.concat([data.subarray(0, from), Buffer.alloc(lines, '\n'), data.subarray(to)])
        expect(rest.map((one) => one.data)).toEqual([kept.toString()])
      }
    }),
  )
})
