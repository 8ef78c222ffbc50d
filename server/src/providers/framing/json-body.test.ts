import { expect, test } from 'vitest'
import { jsonBodyFraming, MAX_BODY_BYTES } from './json-body.ts'

test('a plain answer is one frame at its end, however it came', () => {
  const bytes = Buffer.from('{"text":"é🙂"}')
  const framing = jsonBodyFraming()
  for (const byte of bytes) expect(framing.push(Buffer.of(byte))).toEqual([])
  expect(framing.end()).toEqual([{ kind: 'frame', frame: { raw: bytes, event: '', data: '{"text":"é🙂"}' } }])
})

test('an empty answer is nothing', () => {
  expect(jsonBodyFraming().end()).toEqual([])
})

test('B20: a very long answer passes as it comes, and its last bytes wait for its end', () => {
  const framing = jsonBodyFraming()
  const chunk = Buffer.alloc(MAX_BODY_BYTES / 4, 'a')
  for (let sent = 0; sent < 4; sent++) expect(framing.push(chunk)).toEqual([])
  const [first] = framing.push(Buffer.from('b'))
  expect(first?.kind === 'unread' && first.raw.equals(Buffer.alloc(MAX_BODY_BYTES, 'a'))).toBe(true)
  expect(framing.push(Buffer.from('c'))).toEqual([{ kind: 'unread', raw: Buffer.from('b') }])
  expect(framing.push(Buffer.alloc(0))).toEqual([])
  expect(framing.end()).toEqual([{ kind: 'unread', raw: Buffer.from('c') }])
})
