import { expect, test } from 'vitest'
import { retryAfterMs } from './failure.ts'

const NOW_MS = Date.UTC(2026, 10, 22, 12)

test.each([
  [{ 'retry-after': '7' }, 7_000],
  [{ 'retry-after': 'Sun, 22 Nov 2026 12:00:30 GMT' }, 30_000],
  [{ 'retry-after': 'Sun, 22 Nov 2026 11:00:00 GMT' }, 0],
  [{ 'retry-after-ms': '1500', 'retry-after': '2' }, 1_500],
  [{ 'retry-after': 'soon' }, undefined],
  [{}, undefined],
])('what %o asks for', (headers, expected) => {
  expect(retryAfterMs(headers, NOW_MS)).toBe(expected)
})
