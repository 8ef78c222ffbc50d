import { expect, test } from 'vitest'
import { clockTime, duration, fullTime, shortTime, zoneOffset } from './time.ts'

const AMSTERDAM = 'Europe/Amsterdam'

test('times are told in the zone, today without the day', () => {
  const now = Date.parse('2026-11-22T13:30:00Z')
  expect(shortTime('2026-11-22T13:03:21.204Z', AMSTERDAM, now)).toBe('14:03:21')
  expect(shortTime('2026-11-21T23:30:00Z', AMSTERDAM, now)).toBe('00:30:00')
  expect(shortTime('2026-11-21T22:30:00Z', AMSTERDAM, now)).toBe('21 Nov 23:30')
  expect(clockTime('2026-11-22T23:00:00Z', AMSTERDAM)).toBe('00:00:00')
  expect(fullTime('2026-11-22T13:03:21.204Z', AMSTERDAM)).toBe('22 November 2026 at 14:03:21.204 Europe/Amsterdam')
})

test('the offset is the one of that instant', () => {
  expect(zoneOffset(AMSTERDAM, Date.parse('2026-07-01T00:00:00Z'))).toBe('UTC+2')
  expect(zoneOffset(AMSTERDAM, Date.parse('2026-12-01T00:00:00Z'))).toBe('UTC+1')
  expect(zoneOffset('UTC', 0)).toBe('UTC+0')
})

test('a duration takes the unit that fits', () => {
  expect([0, 812, 4210, 59_999, 75_000, 3_720_000].map(duration)).toEqual([
    '0 ms',
    '812 ms',
    '4.21 s',
    '1 min 0 s',
    '1 min 15 s',
    '1 h 2 min',
  ])
})
