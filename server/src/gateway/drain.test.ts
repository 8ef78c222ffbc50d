import { expect, test, vi } from 'vitest'
import { drains } from './drain.ts'

test('drains are bounded by number and bytes, and a place that is given back can be taken again', () => {
  const onLimit = vi.fn()
  const bounded = drains({ atOnce: 1, timeMs: 60_000, bytes: 10 })
  const first = bounded.begin(onLimit)!
  expect(bounded.begin(onLimit)).toBeUndefined()
  first.took(10)
  expect(onLimit).not.toHaveBeenCalled()
  first.took(1)
  first.took(1)
  expect(onLimit).toHaveBeenCalledTimes(1)
  first.end()
  expect(bounded.begin(onLimit)).toBeDefined()
})

test('a drain that lasts too long is told so', () => {
  vi.useFakeTimers()
  const onLimit = vi.fn()
  drains({ atOnce: 1, timeMs: 1_000, bytes: 10 }).begin(onLimit)
  vi.advanceTimersByTime(1_001)
  expect(onLimit).toHaveBeenCalledTimes(1)
  vi.useRealTimers()
})
