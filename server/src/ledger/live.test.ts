import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { HintChannel } from '../core/ports/hint-channel.ts'
import { liveHints } from './live.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())
const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms)

/** A process that listens, a store that somebody commits to, and a channel, which several processes may share. */
function setUp(channel?: Channel) {
  const store = { commits: 0, looks: 0 }
  const watermark = async () => {
    store.looks += 1
    return String(store.commits)
  }
  const live = liveHints({ watermark }, (error) => expect.unreachable(String(error)), channel)
  const hints: string[] = []
  const leave = live.subscribe((hint) => hints.push(hint))
  return { store, live, hints, leave }
}

interface Channel extends HintChannel {
  isReached: boolean
  told: number
  say(text: string): void
}
function aChannel(): Channel {
  const listeners: ((text: string) => void)[] = []
  const channel: Channel = {
    ...{ isReached: true, told: 0 },
    say: (text) => void (channel.isReached && listeners.forEach((listener) => listener(text))),
    tell: () => channel.say(`told ${(channel.told += 1)}`),
    listen: (listener) => void listeners.push(listener),
  }
  return channel
}

test('without a channel the store is looked at twice a second while somebody listens', async () => {
  const { store, hints, leave } = setUp()
  await pass(5_000)
  expect([store.looks, hints]).toEqual([10, ['0']])
  store.commits += 1
  await pass(500)
  expect(hints).toEqual(['0', '1'])
  leave()
  await pass(5_000)
  expect(store.looks).toBe(11)
})

test('with a channel hints come by it, and the store is looked at every ten seconds', async () => {
  const channel = aChannel()
  const { store, hints } = setUp(channel)
  await pass(600)
  expect([store.looks, hints]).toEqual([1, ['0']])
  channel.say('of another process')
  expect(hints).toEqual(['0', 'of another process'])
  // Somebody who is not on the channel has committed.
  store.commits += 1
  await pass(10_000)
  expect([store.looks, hints.at(-1)]).toEqual([2, '1'])
})

test('while the channel is not reached, the store is looked at as often as without one', async () => {
  const channel = aChannel()
  const { store, hints } = setUp(channel)
  await pass(600)
  channel.isReached = false
  store.commits += 1
  await pass(5_000)
  expect([store.looks, hints]).toEqual([11, ['0', '1']])
  channel.isReached = true
  channel.say('again')
  await pass(5_000)
  expect([store.looks, hints]).toEqual([11, ['0', '1', 'again']])
})

test('however much is committed, it is told twice a second at most, the last of it too, and heard twice a second', async () => {
  const channel = aChannel()
  const { live, hints } = setUp(channel)
  for (let turn = 0; turn < 100; turn += 1) {
    live.committed()
    for (let other = 0; other < 5; other += 1) channel.say('of another process')
    await pass(20)
  }
  expect(channel.told).toBeLessThanOrEqual(5)
  expect(hints.length).toBeLessThanOrEqual(6)
  const before = channel.told
  await pass(499)
  expect(channel.told).toBe(before)
  await pass(1_000)
  live.committed()
  live.committed()
  await pass(500)
  expect(channel.told).toBe(before + 2)
})
