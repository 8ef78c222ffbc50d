import { afterAll, beforeAll, expect, test } from 'vitest'
import { Agent, getGlobalDispatcher, setGlobalDispatcher } from 'undici'
import { chatOverConverse } from './chat-over-converse.ts'
import { type Loopback, openLoopback } from './loopback.ts'

let door: Loopback
const before = getGlobalDispatcher()
beforeAll(async () => {
  door = await openLoopback()
})
afterAll(async () => {
  setGlobalDispatcher(before)
  await door.close()
})

test('a model may think longer than fetch waits by itself: how long is the native route’s to say', async () => {
  setGlobalDispatcher(new Agent({ headersTimeout: 1 }))
  const message = { role: 'assistant', content: [{ text: 'Hello' }] }
  const answered = JSON.stringify({ output: { message }, usage: {}, stopReason: 'end_turn' })
  door.answerBy((_request, response) => {
    response.setHeader('content-type', 'application/json')
    // The clock of such timeouts goes by seconds.
    setTimeout(() => response.end(answered), 2_500)
    return true
  })
  const answer = await chatOverConverse(door).answer({
    ...{ id: 'c', model: 'm', stream: false, key: 'k', headers: {}, atMs: 0, signal: new AbortController().signal },
    body: { model: 'm', messages: [{ role: 'user', content: 'Hi' }] },
  })
  expect(answer).toMatchObject({ status: 200 })
})
