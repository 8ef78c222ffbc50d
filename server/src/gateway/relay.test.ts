import type { Dispatcher } from 'undici'
import { expect, test } from 'vitest'
import type { Reading } from '../core/entry.ts'
import { bytesOf, RECORDINGS } from '../providers/conformance/replay.ts'
import { relay } from './relay.ts'
import { callOf, FakeResponse } from './relay.test.fixture.ts'

const MIB = 1024 * 1024

test.each([
  ['openai-chat', 'plain'],
  ['bedrock-converse', 'stream'],
])(
  'F18: an answer that ends in the middle is an error of the provider, however cleanly it ends: %s, %s',
  async (...of) => {
    const recording = RECORDINGS.find(({ format, name }) => format === of[0] && name === of[1])!
    const response = new FakeResponse()
    const readings: Reading[] = []
    let handler!: Dispatcher.DispatchHandler
    const started = { pause() {}, resume() {}, abort() {} } as unknown as Dispatcher.DispatchController
    const booked = (reading: Reading) => readings.push(reading)
    const relayed = relay(callOf(recording, response, 'abort', booked, (given) => (handler = given)))
    handler.onRequestStart?.(started, undefined)
    handler.onResponseStart?.(started, 200, recording.response.headers, 'OK')
    const half = bytesOf(recording).subarray(0, 60)
    handler.onResponseData?.(started, half)
    handler.onResponseEnd?.(started, {})
    await relayed
    expect(readings).toMatchObject([{ outcome: 'upstream_error', evidence: 'estimated' }])
    expect(Buffer.concat(response.sent)).toEqual(half)
  },
)

test('B20: what a provider sends behind the end of an answer does not fill the memory', async () => {
  const recording = RECORDINGS.find(({ format, name }) => format === 'gemini-generate' && name === 'stream')!
  const response = new FakeResponse()
  const readings: Reading[] = []
  let handler!: Dispatcher.DispatchHandler
  const aborted: Error[] = []
  const controller = { pause() {}, resume() {}, abort: (error: Error) => aborted.push(error) }
  const started = controller as unknown as Dispatcher.DispatchController
  const booked = (reading: Reading) => readings.push(reading)
  const relayed = relay(callOf(recording, response, 'abort', booked, (given) => (handler = given)))
  handler.onRequestStart?.(started, undefined)
  handler.onResponseStart?.(started, 200, recording.response.headers, 'OK')
  handler.onResponseData?.(started, bytesOf(recording))
  const more = Buffer.concat([Buffer.from(': '), Buffer.alloc(MIB - 4, 'x'), Buffer.from('\n\n')])
  for (let sent = 0; aborted.length === 0 && sent < 64 * MIB; sent += more.length)
    handler.onResponseData?.(started, more)
  expect(aborted[0]?.message).toContain('behind its end')
  handler.onResponseError?.(started, aborted[0]!)
  await relayed
  expect(readings).toMatchObject([{ outcome: 'upstream_error', evidence: 'reported' }])
  expect(response.destroyed).toBe(true)
})
