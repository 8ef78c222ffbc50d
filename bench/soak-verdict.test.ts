import { expect, test } from 'vitest'
import { flushesIn } from './slow-sync.ts'
import { type Reading, verdictOf } from './soak-verdict.ts'

function reading(minute: number, more: Partial<Reading> = {}): Reading {
  const handles = { TCPServerWrap: 1, Timeout: 3 }
  return { minute, rssMiB: 100, heapBytes: 50e6, externalBytes: 1e6, descriptors: 20, handles, ...more }
}
const minutes = (heapBytes: (minute: number) => number) =>
  Array.from({ length: 30 }, (_, index) => reading(index + 1, { heapBytes: heapBytes(index + 1) }))
const quiet = reading(Number.NaN)

test('a heap that grows to the end fails, one that wavers or fills its caches first does not', () => {
  const failed = (heapBytes: (minute: number) => number) =>
    verdictOf({ before: quiet, readings: minutes(heapBytes), after: quiet }).failed
  expect(failed((minute) => 50e6 + minute * 0.5e6)).toBe(true)
  expect(failed((minute) => 50e6 + minute * 0.05e6)).toBe(false)
  expect(failed((minute) => 50e6 + (minute % 2) * 10e6)).toBe(false)
  expect(failed((minute) => (minute < 3 ? 30e6 : 50e6))).toBe(false)
})

test('what stays open fails, but for timers', () => {
  const failed = (after: Partial<Reading>) =>
    verdictOf({ before: quiet, readings: [], after: reading(Number.NaN, after) }).failed
  expect(failed({})).toBe(false)
  expect(failed({ handles: { TCPServerWrap: 1, Timeout: 9 } })).toBe(false)
  expect(failed({ handles: { TCPServerWrap: 1, TCPSocketWrap: 1 } })).toBe(true)
  expect(failed({ descriptors: 21 })).toBe(true)
})

test('flushes are summed over the processes that told of them', () => {
  expect(flushesIn('100 500000000\n300 1700000000\n')).toEqual({ flushes: 400, meanMs: 5.5 })
})
