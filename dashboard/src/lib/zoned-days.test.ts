import fc from 'fast-check'
import { expect, test } from 'vitest'
import { addDays, startOfDay, startOfMonth } from './zoned-days.ts'

const at = (text: string) => Date.parse(text)

test('a day begins at the midnight of its zone, also where the clock changes on it', () => {
  expect(startOfDay(at('2026-11-22T14:03:00Z'), 'Europe/Amsterdam')).toBe(at('2026-11-21T23:00:00Z'))
  expect(startOfDay(at('2026-11-21T23:00:00Z'), 'Europe/Amsterdam')).toBe(at('2026-11-21T23:00:00Z'))
  expect(startOfDay(at('2026-10-25T22:59:59.999Z'), 'Europe/Amsterdam')).toBe(at('2026-10-24T22:00:00Z'))
  expect(startOfDay(at('2026-03-29T12:00:00Z'), 'Europe/Amsterdam')).toBe(at('2026-03-28T23:00:00Z'))
  expect(startOfDay(at('2026-11-22T14:03:00Z'), 'Asia/Kathmandu')).toBe(at('2026-11-21T18:15:00Z'))
})

test('a day whose midnight the clock jumps over begins where it jumps to', () => {
  expect(startOfDay(at('2026-04-24T12:00:00Z'), 'Africa/Cairo')).toBe(at('2026-04-23T22:00:00Z'))
})

test('days are counted by the clock: the day of a change is as long as it is', () => {
  const before = at('2026-10-23T22:00:00Z')
  expect(addDays(before, 2, 'Europe/Amsterdam')).toBe(at('2026-10-25T23:00:00Z'))
  expect(addDays(before + 1000, 2, 'Europe/Amsterdam')).toBe(before + 1000 + 2 * 86_400_000)
})

test('months begin at the midnight of their first day, across years too', () => {
  expect(startOfMonth(at('2026-11-22T14:03:00Z'), 'Europe/Amsterdam')).toBe(at('2026-10-31T23:00:00Z'))
  expect(startOfMonth(at('2026-01-05T00:00:00Z'), 'UTC', -1)).toBe(at('2025-12-01T00:00:00Z'))
})

test('a midnight is the start of its own day, and the next day starts after it, in any zone', () => {
  const zones = ['UTC', 'Europe/Amsterdam', 'America/New_York', 'Asia/Kathmandu', 'Australia/Lord_Howe', 'Africa/Cairo']
  fc.assert(
    fc.property(fc.constantFrom(...zones), fc.integer({ min: 0, max: at('2040-01-01T00:00:00Z') }), (zone, ms) => {
      const start = startOfDay(ms, zone)
      const next = addDays(start, 1, zone)
      expect(start).toBeLessThanOrEqual(ms)
      expect(next).toBeGreaterThan(ms)
      expect(startOfDay(start, zone)).toBe(start)
      expect(startOfDay(next - 1, zone)).toBe(start)
    }),
    { numRuns: 300 },
  )
})
