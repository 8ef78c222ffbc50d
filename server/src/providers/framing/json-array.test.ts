import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Framed } from '../../core/ports/format.ts'
import { ELEMENT, jsonArrayFraming } from './json-array.ts'
import { MAX_BODY_BYTES } from './json-body.ts'

function framed(pieces: readonly Buffer[]): Framed[] {
  const framing = jsonArrayFraming()
  return [...pieces.flatMap((piece) => framing.push(piece)), ...framing.end()]
}
const cutAt = (bytes: Buffer, at: number) => framed([bytes.subarray(0, at), bytes.subarray(at)])
const oneByOne = (bytes: Buffer) => framed(Array.from(bytes, (byte) => Buffer.of(byte)))
const rawOf = (all: readonly Framed[]) =>
  Buffer.concat(all.map((one) => (one.kind === 'frame' ? one.frame.raw : one.raw))).toString()
const framesOf = (all: readonly Framed[]) => all.flatMap((one) => (one.kind === 'frame' ? [one.frame] : []))
const dataOf = (all: readonly Framed[]) => framesOf(all).map(({ data }) => data)

const space = fc.constantFrom('', '', '\n', ' ', '\r\n', '\t \n')
const element = fc.oneof(
  fc.jsonValue({ depthSize: 'small' }).map((value) => JSON.stringify(value)),
  fc.jsonValue({ depthSize: 'small' }).map((value) => JSON.stringify({ value }, null, 2)),
  fc.constantFrom('{"a":"]},{["}', '{"a":"\\"]\\\\"}', '["x",[1,{}],"é🙂"]', '"],["', '12.5e3', 'null', '{}', '[]'),
)
const padded = fc.tuple(space, element, space)

describe('a JSON array that comes in pieces', () => {
  test('each element is a frame, wherever the network cuts, and the bytes are exactly those that came', () => {
    fc.assert(
      fc.property(space, fc.array(padded, { maxLength: 5 }), space, (before, elements, after) => {
        const text = `${before}[${elements.map((parts) => parts.join('')).join(',')}]${after}`
        const bytes = Buffer.from(text)
        const expected = elements.map(([, inner]) => inner)
        for (let at = 0; at <= bytes.length; at++) {
          const all = cutAt(bytes, at)
          expect(dataOf(all)).toEqual(expected)
          expect(rawOf(all)).toBe(text)
        }
        const single = oneByOne(bytes)
        expect([dataOf(single), rawOf(single)]).toEqual([expected, text])
        expect(framesOf(single).every(({ raw, event, data }) => raw.toString() === data && event === ELEMENT)).toBe(
          true,
        )
      }),
      { numRuns: 100 },
    )
  })

  test('whatever it is, no byte is lost or changed, and cuts make no difference', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...Array.from('[[]{},"\\ \n1a')), { maxLength: 30 }), (characters) => {
        const bytes = Buffer.from(characters.join(''))
        const whole = framed([bytes])
        expect(rawOf(whole)).toBe(bytes.toString())
        expect(rawOf(oneByOne(bytes))).toBe(bytes.toString())
        expect(dataOf(oneByOne(bytes))).toEqual(dataOf(whole))
      }),
      { numRuns: 500 },
    )
  })

  test('an element leaves with its last byte, without waiting for the comma after it', () => {
    const framing = jsonArrayFraming()
    expect(dataOf(framing.push(Buffer.from('[{"a":{}}')))).toEqual(['{"a":{}}'])
    expect(dataOf(framing.push(Buffer.from('\n,\n{"b":[]}')))).toEqual(['{"b":[]}'])
  })

  test('its closing bracket waits for the end of the answer', () => {
    const framing = jsonArrayFraming()
    expect(rawOf(framing.push(Buffer.from('[1\n]\n')))).toBe('[1')
    expect(rawOf(framing.push(Buffer.from(' ')))).toBe('\n]\n')
    expect(rawOf(framing.end())).toBe(' ')
  })

  test('an object in its place is one frame at its end, as a plain answer is', () => {
    const text = ' {"error":{"details":[1]}}\n'
    const framing = jsonArrayFraming()
    expect(rawOf(framing.push(Buffer.from(text)))).toBe(' ')
    expect(framesOf(framing.end())).toEqual([{ raw: Buffer.from(text.trimStart()), event: '', data: text.trimStart() }])
  })

  test('an element that never ends is nobody’s frame', () => {
    expect(dataOf(framed([Buffer.from('[{"a":1},{"b":')]))).toEqual(['{"a":1}'])
  })
})

describe('B20: an endless element is relayed and not kept', () => {
  test('it is unread as soon as it is over-long, and the next one is read', () => {
    const framing = jsonArrayFraming()
    const chunk = Buffer.alloc(1024 * 1024, 'a')
    const pieces: Framed[] = [...framing.push(Buffer.from('[{"a":"'))]
    for (let sent = 0; sent < 2 * MAX_BODY_BYTES; sent += chunk.length) {
      const now = framing.push(chunk)
      pieces.push(...now)
      if (sent > MAX_BODY_BYTES) expect(rawOf(now)).toHaveLength(chunk.length)
    }
    expect(pieces.every(({ kind }) => kind !== 'frame')).toBe(true)
    pieces.push(...framing.push(Buffer.from('"},{"next":1}]')), ...framing.end())
    expect(dataOf(pieces)).toEqual(['{"next":1}'])
    expect(rawOf(pieces)).toHaveLength(7 + 2 * MAX_BODY_BYTES + 14)
  })

  test('what counts as over-long does not depend on the cuts', () => {
    for (const size of [MAX_BODY_BYTES, MAX_BODY_BYTES + 1]) {
      const bytes = Buffer.from(`["${'a'.repeat(size - 2)}",1]`)
      for (const at of [0, 1, size, size + 1, size + 2])
        expect(framesOf(cutAt(bytes, at))).toHaveLength(size > MAX_BODY_BYTES ? 1 : 2)
    }
  })
})
