import type { IncomingMessage } from 'node:http'
import { expect, test } from 'vitest'
import type { Identity } from '../core/account.ts'
import type { PublicError } from '../core/errors.ts'
import { openGuesses } from '../core/guesses.ts'
import { identify } from './identify.ts'

const ALICE = { key: { id: 'key_1' } } as Identity

/** For tests: what identifying answers, by requests of addresses, at a clock that can be set. */
function door() {
  const clock = { nowMs: 0 }
  const guesses = openGuesses(() => clock.nowMs)
  const gateway = {
    identify: async (key: string) => (key === 'good' ? ALICE : undefined),
    guessAgainSeconds: ({ socket }: IncomingMessage) => guesses.waitSeconds(socket.remoteAddress!),
  }
  const ask = async (key: string | undefined, remoteAddress = '198.51.100.7') => {
    const headers = key === undefined ? {} : { authorization: `Bearer ${key}` }
    try {
      return await identify(gateway, { headers, socket: { remoteAddress } } as unknown as IncomingMessage)
    } catch (error) {
      const { code, retryAfterSeconds } = (error as PublicError).body
      return retryAfterSeconds === undefined ? code : `${code} for ${retryAfterSeconds} s`
    }
  }
  return { clock, ask, gateway }
}

test('S09: who presents wrong keys without end is told to wait, by address; who presents a key never is', async () => {
  const { clock, ask } = door()
  for (let n = 0; n < 100; n++) {
    expect(await ask(n % 2 === 0 ? `wrong ${n}` : undefined)).toBe('unauthenticated')
    expect(await ask('good')).toBe(ALICE)
  }
  for (let n = 0; n < 3; n++) expect(await ask('wrong')).toBe('rate_limited for 1 s')
  expect(await ask('good')).toBe(ALICE)
  expect(await ask('wrong', '198.51.100.8')).toBe('unauthenticated')
  clock.nowMs = 600
  expect(await ask('wrong')).toBe('unauthenticated')
  expect(await ask('wrong')).toBe('rate_limited for 1 s')
})

test('S01: a key in the query counts on routes that take it there, and a header goes before it', async () => {
  const { gateway } = door()
  const asking = (url: string, headers: object) =>
    ({ url, headers, socket: { remoteAddress: '198.51.100.9' } }) as unknown as IncomingMessage
  const good = asking('/v1beta/models?alt=sse&key=good', {})
  expect(await identify(gateway, good, true)).toBe(ALICE)
  expect(await identify(gateway, asking('/v1beta/models', { 'x-goog-api-key': 'good' }), true)).toBe(ALICE)
  for (const refused of [
    identify(gateway, good),
    identify(gateway, asking('/v1beta/models?key=good', { 'x-goog-api-key': 'wrong' }), true),
    identify(gateway, asking("/v1beta/models?key='%20OR%201=1--", {}), true),
  ])
    await expect(refused).rejects.toMatchObject({ body: { code: 'unauthenticated' } })
})

test('S09: addresses without end take no memory without end', async () => {
  const { ask } = door()
  for (let n = 0; n < 100; n++) await ask('wrong', 'first')
  expect(await ask('wrong', 'first')).toMatch('rate_limited')
  for (let n = 0; n < 10_000; n++) await ask('wrong', `address ${n}`)
  expect(await ask('wrong', 'first')).toBe('unauthenticated')
})
