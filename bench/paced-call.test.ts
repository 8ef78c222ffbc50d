import { expect, test } from 'vitest'
import { answerReader } from './answer-reader.ts'
import {
  answerBody,
  firstFrame,
  lastFrames,
  paceOf,
  requestBody,
  sentUsIn,
  streamBytes,
  tokenFrame,
  totalTokens,
  upstreamUsIn,
} from './paced-call.ts'

test('the upstream reads the pace that the load generator asks for, with a rate that is no whole number of milliseconds', () => {
  const pace = { tokens: 100, everyMs: 1000 / 30, stream: true }
  expect(paceOf(requestBody(pace))).toEqual({ ...pace, usage: false })
  const asking = requestBody(pace).replace('{', '{"stream_options":{"include_usage":true},')
  expect(paceOf(asking).usage).toBe(true)
  expect(paceOf(requestBody({ ...pace, stream: false })).stream).toBe(false)
})

test('a stream is as long as its client expects, whatever times it carries, and only with its usage longer', () => {
  const stream = firstFrame(51_234.6) + tokenFrame(1) + tokenFrame(987_654_321_012.9) + lastFrames(2, false)
  expect(stream.length).toBe(streamBytes(2))
  expect(upstreamUsIn(stream)).toBe(51_235)
  expect(sentUsIn(stream)).toEqual([1, 987_654_321_013])
  const [usage] = lastFrames(2, true).match(/\{"prompt_tokens".*?"total_tokens":\d+/) ?? []
  expect(usage).toContain(`"total_tokens":${totalTokens(2)}`)
})

test('an answer in one piece carries the time of the upstream', () => {
  const body = answerBody(25, 50_000.4)
  expect(upstreamUsIn(body)).toBe(50_000)
  expect(answerBody(25, upstreamUsIn(body))).toBe(body)
  expect((JSON.parse(body) as { usage: { total_tokens: number } }).usage.total_tokens).toBe(totalTokens(25))
})

test('answers are read the same wherever their bytes were cut', () => {
  const first = 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\nc\r\n, my \r\nworld\r\n0\r\n\r\n'
  const bytes = `${first}HTTP/1.1 204 No\r\ncontent-length: 0\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length: 3\r\n\r\nend`
  for (let cut = 1; cut < bytes.length; cut++) {
    const bodies = ['']
    const read = answerReader({
      head: () => undefined,
      body: (text) => bodies.push(bodies.pop() + text),
      end: () => bodies.push(''),
    })
    read(bytes.slice(0, cut))
    read(bytes.slice(cut))
    expect(bodies).toEqual(['hello, my \r\nworld', '', 'end', ''])
  }
})
