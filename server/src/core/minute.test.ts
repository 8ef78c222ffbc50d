import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { EMPTY_MINUTE, minuteAfter, minuteFreesAtMs, type MinuteRow, minuteValue } from './minute.ts'

/** What comes: after how long, how much is set aside, and how much less of it is used in the end, and when. */
const call = fc.record({
  gapMs: fc.oneof(
    fc.nat(200),
    fc.nat(5_000),
    fc.nat(70_000),
    fc.constantFrom(0, 1, 4_999, 5_000, 59_999, 60_000, 65_000),
  ),
  amount: fc.integer({ min: 1, max: 5 }),
  used: fc.integer({ min: 0, max: 5 }),
  settleAfterMs: fc.oneof(fc.nat(3_000), fc.nat(200_000)),
})

interface Admitted {
  readonly atMs: number
  amount: bigint
}

test('Q23: whatever the traffic, what is admitted in any 60 seconds never exceeds the limit', () => {
  fc.assert(
    fc.property(fc.nat(10_000), fc.array(call, { maxLength: 120 }), fc.bigInt(1n, 20n), (startMs, calls, limit) => {
      let row: MinuteRow = EMPTY_MINUTE
      const admitted: Admitted[] = []
      const ends: { dueMs: number; used: bigint; of: Admitted }[] = []
      let nowMs = startMs
      for (const { gapMs, amount, used, settleAfterMs } of calls) {
        nowMs += gapMs
        for (const end of ends.filter(({ dueMs }) => dueMs <= nowMs)) {
          const spent = end.used < end.of.amount ? end.used : end.of.amount
          row = minuteAfter(row, end.of.atMs, nowMs, { settled: spent, held: -end.of.amount })
          end.of.amount = spent
          ends.splice(ends.indexOf(end), 1)
        }
        const { settled, held } = minuteValue(row, nowMs)
        expect(settled >= 0n && held >= 0n).toBe(true)
        if (settled + held + BigInt(amount) > limit) continue
        row = minuteAfter(row, nowMs, nowMs, { settled: 0n, held: BigInt(amount) })
        const one = { atMs: nowMs, amount: BigInt(amount) }
        admitted.push(one)
        ends.push({ dueMs: nowMs + settleAfterMs, used: BigInt(used), of: one })
      }
      // By brute force: every window of 60 seconds that ends with a call, each call counted at what it was admitted for
      // or, once it ended, what it used.
      for (const { atMs } of admitted) {
        const inside = admitted.filter((other) => other.atMs <= atMs && other.atMs > atMs - 60_000)
        expect(inside.reduce((sum, other) => sum + other.amount, 0n) <= limit).toBe(true)
      }
    }),
    { numRuns: 500 },
  )
})

test('Q23: a burst at 59.9 s and one at 60.1 s are in one minute', () => {
  const row = minuteAfter(EMPTY_MINUTE, 59_900, 59_900, { settled: 100n, held: 0n })
  expect(minuteValue(row, 60_100)).toEqual({ settled: 100n, held: 0n })
})

test('a call counts for 60 seconds, and for at most 65', () => {
  fc.assert(
    fc.property(fc.nat(1_000_000), fc.nat(100_000), (atMs, laterMs) => {
      const row = minuteAfter(EMPTY_MINUTE, atMs, atMs, { settled: 1n, held: 0n })
      const { settled } = minuteValue(row, atMs + laterMs)
      if (laterMs < 60_000) expect(settled).toBe(1n)
      if (laterMs >= 65_000) expect(settled).toBe(0n)
    }),
  )
})

test('the minute frees when the oldest sub-bucket that counts anything leaves it, and not a millisecond before', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat(60_000), fc.bigInt(0n, 3n)), { minLength: 1 }), (moves) => {
      let row: MinuteRow = EMPTY_MINUTE
      for (const [atMs, settled] of moves) row = minuteAfter(row, atMs, 60_000, { settled, held: 0n })
      const before = minuteValue(row, 60_000).settled
      const freesAtMs = minuteFreesAtMs(row, 60_000)
      if (before === 0n) expect(freesAtMs).toBeUndefined()
      else {
        expect(minuteValue(row, freesAtMs! - 1).settled).toBe(before)
        expect(minuteValue(row, freesAtMs!).settled < before).toBe(true)
      }
    }),
  )
})

test('what ends after its sub-bucket is gone moves nothing, on a clock that runs ahead or behind', () => {
  const held = minuteAfter(EMPTY_MINUTE, 0, 0, { settled: 0n, held: 7n })
  expect(minuteAfter(held, 0, 65_000, { settled: 3n, held: -7n })).toEqual(EMPTY_MINUTE)
  const droppedByAFasterClock = minuteAfter(held, 70_000, 70_000, { settled: 1n, held: 0n })
  const late = minuteAfter(droppedByAFasterClock, 0, 10_000, { settled: 3n, held: -7n })
  expect(minuteValue(late, 10_000)).toEqual({ settled: 4n, held: 0n })
})

test('a row stays small: as many sub-buckets as a minute has, and one', () => {
  let row: MinuteRow = EMPTY_MINUTE
  for (let atMs = 0; atMs < 600_000; atMs += 777) {
    row = minuteAfter(row, atMs, atMs, { settled: 1n, held: 0n })
    expect(row.buckets.length).toBeLessThanOrEqual(13)
  }
})
