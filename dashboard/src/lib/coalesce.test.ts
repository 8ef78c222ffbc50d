import { expect, test } from 'vitest'
import { coalesced, type Timing } from './coalesce.ts'

const settle = async () => {
  for (let turn = 0; turn < 5; turn++) await Promise.resolve()
}

/** A clock that moves only when it is told to. */
function handClock() {
  let now = 0
  let waiting: { at: number; run: () => void }[] = []
  const timing: Timing = { now: () => now, later: (run, ms) => void waiting.push({ at: now + ms, run }) }
  const pass = async (ms: number) => {
    now += ms
    const due = waiting.filter(({ at }) => at <= now)
    waiting = waiting.filter(({ at }) => at > now)
    for (const { run } of due) run()
    await settle()
  }
  return { timing, pass }
}

test('a storm of hints is one run at once and one after the gap', async () => {
  const clock = handClock()
  let runs = 0
  const hint = coalesced(() => Promise.resolve(runs++), 500, clock.timing)
  for (let times = 0; times < 20; times++) hint()
  await settle()
  expect(runs).toBe(1)
  await clock.pass(499)
  expect(runs).toBe(1)
  await clock.pass(1)
  expect(runs).toBe(2)
  await clock.pass(10_000)
  expect(runs).toBe(2)
})

test('a hint during a slow run is not lost, and runs never overlap', async () => {
  const clock = handClock()
  const ends: (() => void)[] = []
  const hint = coalesced(() => new Promise<void>((end) => ends.push(end)), 500, clock.timing)
  hint()
  hint()
  await clock.pass(2000)
  expect(ends).toHaveLength(1)
  ends[0]?.()
  await settle()
  await clock.pass(1999)
  expect(ends).toHaveLength(1)
  await clock.pass(1)
  expect(ends).toHaveLength(2)
})

test('a run that fails does not end the refreshing', async () => {
  const clock = handClock()
  let runs = 0
  const hint = coalesced(() => Promise.reject(new Error(`run ${runs++}`)), 500, clock.timing)
  hint()
  await settle()
  await clock.pass(500)
  hint()
  await settle()
  expect(runs).toBe(2)
})
