import type { ServerResponse } from 'node:http'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import type { Dispatcher } from 'undici'
import { expect, test } from 'vitest'
import { bytesOf, RECORDINGS } from '../providers/conformance/replay.ts'
import { openClient } from './client.ts'
import { openCalls } from './open-calls.ts'
import { relay } from './relay.ts'
import { callOf, FakeResponse } from './relay.test.fixture.ts'

// What outlives young collections waits for a full one, and then there are full ones all the time: a fifth of a gateway's
// processor time went into them. A literal with a getter does that, and so does a Set through which calls come and go.
setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as (options?: { type: 'minor' }) => void

/** How many of the calls are still in memory when 100 young collections ran meanwhile, one after each fiftieth. */
async function survivors(call: () => object): Promise<number> {
  const calls: WeakRef<object>[] = []
  for (let made = 1; made <= 5_000; made++) {
    calls.push(new WeakRef(call()))
    if (made % 50 > 0) continue
    // A WeakRef keeps what it points at until the turn is over.
    await new Promise(setImmediate)
    collect({ type: 'minor' })
  }
  await new Promise(setImmediate)
  collect({ type: 'minor' })
  collect({ type: 'minor' })
  return calls.filter((each) => each.deref()).length
}

test("a client's side of an answer dies young", async () => {
  const made = await survivors(() => {
    const response = {} as ServerResponse
    openClient(response)
    return response
  })
  expect(made).toBeLessThan(100)
  expect(made).toBeLessThan(100)
})

test('a call that is over dies young, however many are open for long', async () => {
  const calls = openCalls()
  for (let stream = 0; stream < 300; stream++) calls.begin(() => stream)
  const open: (() => void)[] = []
  const made = await survivors(() => {
    const call = {}
    open.push(calls.begin(() => call))
    if (open.length > 30) open.shift()!()
    return call
  })
  expect(calls.count).toBe(330)
  expect(made).toBeLessThan(100)
})

// Of 500 open streams, each with a long prompt, the prompts are most of the memory; and a full collection looks at all of it.
test('an open stream keeps of its request the text alone, which is read again where it must be', async () => {
  const recording = RECORDINGS.find(({ format, name }) => format === 'openai-chat' && name === 'stream-usage-asked')!
  let handler!: Dispatcher.DispatchHandler
  const sent = (given: Dispatcher.DispatchHandler) => void (handler = given)
  const call = callOf(recording, new FakeResponse(), 'abort', () => {}, sent)
  const json = new WeakRef(call.body.json)
  const started = { rawHeaders: [Buffer.from('x')] } as unknown as Dispatcher.DispatchController
  void relay(call)
  handler.onRequestStart?.(started, undefined)
  handler.onResponseStart?.(started, 200, recording.response.headers, 'OK')
  handler.onResponseData?.(started, bytesOf(recording).subarray(0, 300))
  await new Promise(setImmediate)
  collect()
  expect(json.deref()).toBeUndefined()
  expect(started.rawHeaders).toBeNull()
  expect({ ...call.body.json }).toEqual(JSON.parse(call.body.text))
})
