import { EventEmitter } from 'node:events'
import { expect, test } from 'vitest'
import type { Demand } from '../core/bound.ts'
import { PublicError } from '../core/errors.ts'
import type { RequestBody } from '../core/ports/format.ts'
import type { TranslatedCall, Translation } from '../core/ports/translation.ts'
import { FORMATS } from '../providers/formats/all.ts'
import type { Arrival } from './arrival.ts'
import type { Gateway } from './gateway.ts'
import { translate } from './translate.ts'

/** For tests: a call whose model speaks Converse alone, and what its client was told. */
function arriving(answer: Translation['answer'], destroyed = false) {
  const asked: TranslatedCall[] = []
  const told = { status: 0, headers: {} as Record<string, string>, body: '' }
  const response = Object.assign(new EventEmitter(), {
    destroyed,
    req: { complete: true },
    writeHead: (status: number, headers: Record<string, string>) => Object.assign(told, { status, headers }),
    write: (piece: string) => ((told.body += piece), !response.destroyed),
    end: (rest: Buffer | string = '') => void (told.body += rest.toString()),
    destroy: () => (response.destroyed = true),
  })
  const gateway = {
    translation: { answer: (call: TranslatedCall) => (asked.push(call), answer(call)) },
    nowMs: () => 0,
  } as unknown as Gateway
  const request = { headers: { authorization: 'Bearer key', 'x-token-trackr-label-a': 'b', cookie: 'c' } }
  const arrival = { id: 'outer', format: FORMATS['openai-chat'], request, response } as unknown as Arrival
  const run = () => translate(gateway, arrival, { json: {} } as RequestBody, { model: 'm', stream: true } as Demand)
  return { run, asked, told, response }
}
async function* pieces(...texts: string[]) {
  yield* texts
}
const answered = { status: 200, contentType: 'text/event-stream', headers: {} }

test('for a client that left while its body was read, nothing is asked and nobody waits', async () => {
  const { run, asked } = arriving(async () => ({ ...answered, pieces: pieces('a', 'b') }), true)
  await run()
  expect(asked).toEqual([])
})

test('a client that leaves while it does not read ends the translated call', async () => {
  const { run, asked, response } = arriving(async () => ({ ...answered, pieces: pieces('a', 'b') }))
  response.write = () => (queueMicrotask(() => response.emit('close')), false)
  await run()
  expect(asked[0]!.signal.aborted).toBe(true)
  expect(asked[0]!.headers).toEqual({ 'x-token-trackr-label-a': 'b' })
})

test('what the native route refused is told under its own call, and is not refused a second time', async () => {
  const refusal = new PublicError('limit_reached', 'The limit is reached.', { retryAfterSeconds: 7 }).body
  const { run, told } = arriving(async () => ({ refusal, callId: 'inner' }))
  await run()
  expect(told).toMatchObject({ status: 429, headers: { 'x-token-trackr-call-id': 'inner', 'retry-after': '7' } })
  expect(JSON.parse(told.body).error.code).toBe('limit_reached')
})
