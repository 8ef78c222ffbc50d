import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { CALENDAR_UNITS, type CalendarUnit, FOREVER_MS, rangeAt, type Window } from './window.ts'

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS
const ZONES = [
  'UTC',
  'Europe/Amsterdam',
  'America/New_York',
  'America/Sao_Paulo',
  'America/St_Johns',
  'America/Havana',
  'Australia/Lord_Howe',
  'Asia/Kathmandu',
  'Asia/Kolkata',
  'Asia/Shanghai',
  'Asia/Tehran',
  'Asia/Beirut',
  'Africa/Cairo',
  'Africa/Casablanca',
  'Pacific/Apia',
  'Pacific/Chatham',
  'Pacific/Kiritimati',
  'America/Nuuk',
  'America/Santiago',
  'Antarctica/Troll',
  'Asia/Gaza',
  'Atlantic/Azores',
  'Pacific/Marquesas',
  'Asia/Amman',
]
const calendar = (unit: CalendarUnit, zone: string): Window => ({ kind: 'calendar', unit, zone })

/** Instants of 2020 to 2036, half of them within three hours of a change of some zone's clock. */
const changes = new Map(ZONES.map((zone) => [zone, changesOf(zone)]))
const zoned = fc.constantFrom(...ZONES).chain((zone) => {
  const known = changes.get(zone)!
  const anywhere = fc.integer({ min: Date.UTC(2020, 0, 1), max: Date.UTC(2036, 0, 1) })
  const near = fc
    .tuple(fc.constantFrom(...(known.length > 0 ? known : [0])), fc.integer({ min: -3 * HOUR_MS, max: 3 * HOUR_MS }))
    .map(([change, off]) => change + off)
  return fc.record({ zone: fc.constant(zone), atMs: known.length > 0 ? fc.oneof(anywhere, near) : anywhere })
})

function changesOf(zone: string): number[] {
  const found: number[] = []
  let at = Temporal.Instant.fromEpochMilliseconds(Date.UTC(2020, 0, 1)).toZonedDateTimeISO(zone)
  for (;;) {
    const next = at.getTimeZoneTransition('next')
    if (next === null || next.epochMilliseconds > Date.UTC(2036, 0, 1)) return found
    found.push(next.epochMilliseconds)
    at = next
  }
}

/** The zone's calendar as Intl shows it: an implementation apart from the one under test. */
const clocks = new Map<string, Intl.DateTimeFormat>()
function labelOf(unit: CalendarUnit, zone: string, atMs: number): string {
  const clock =
    clocks.get(zone) ??
    new Intl.DateTimeFormat('en-GB', {
      timeZone: zone,
      hourCycle: 'h23',
      calendar: 'iso8601',
      year: 'numeric',
      month: '2-digit',
      day: '2-digit',
      hour: '2-digit',
    })
  clocks.set(zone, clock)
  const parts = new Map(clock.formatToParts(atMs).map(({ type, value }) => [type, value]))
  const [year, month, day] = ['year', 'month', 'day'].map((part) => Number(parts.get(part as 'year')))
  if (unit === 'month') return `${year}-${month}`
  const dayNumber = Date.UTC(year!, month! - 1, day) / DAY_MS
  // Day 0 was a Thursday, so weeks that begin on Monday change three days later.
  if (unit === 'week') return `week ${Math.floor((dayNumber + 3) / 7)}`
  return unit === 'day' ? `${dayNumber}` : `${dayNumber} ${parts.get('hour')}`
}

const unit = fc.constantFrom(...CALENDAR_UNITS)

test('T01: a window is its zone’s own hour, day, week or month: it has the instant, and begins and ends where that changes', () => {
  fc.assert(
    fc.property(unit, zoned, (of, { zone, atMs }) => {
      const { startMs, endMs } = rangeAt(calendar(of, zone), atMs)
      const label = labelOf(of, zone, atMs)
      expect(startMs <= atMs && atMs < endMs).toBe(true)
      expect(labelOf(of, zone, startMs)).toBe(label)
      expect(labelOf(of, zone, endMs - 1)).toBe(label)
      // A repeated hour (the clock goes back) has the same name twice and is two windows.
      if (of !== 'hour') {
        expect(labelOf(of, zone, startMs - 1)).not.toBe(label)
        expect(labelOf(of, zone, endMs)).not.toBe(label)
      } else expect(endMs - startMs).toBeLessThanOrEqual(HOUR_MS)
    }),
    { numRuns: 1500 },
  )
})

test('windows are half-open and leave no gap: each begins where the one before it ends', () => {
  fc.assert(
    fc.property(unit, zoned, (of, { zone, atMs }) => {
      const { startMs, endMs } = rangeAt(calendar(of, zone), atMs)
      expect(rangeAt(calendar(of, zone), startMs)).toEqual({ startMs, endMs })
      expect(rangeAt(calendar(of, zone), endMs - 1)).toEqual({ startMs, endMs })
      expect(rangeAt(calendar(of, zone), endMs).startMs).toBe(endMs)
      expect(rangeAt(calendar(of, zone), startMs - 1).endMs).toBe(startMs)
    }),
    { numRuns: 1500 },
  )
})

test('what is remembered of a window never changes an answer', () => {
  fc.assert(
    fc.property(
      unit,
      fc.constantFrom(...ZONES),
      fc.array(fc.integer({ min: 0, max: 4 * DAY_MS })),
      (of, zone, offsets) => {
        const window = calendar(of, zone)
        for (const offset of offsets) {
          const atMs = Date.UTC(2026, 9, 23) + offset
          expect(rangeAt(window, atMs)).toEqual(rangeAt(calendar(of, zone), atMs))
        }
      },
    ),
  )
})

test.each([
  ['Europe/Amsterdam', '2026-03-29T12:00Z', 23],
  ['Europe/Amsterdam', '2026-10-25T12:00Z', 25],
  ['Australia/Lord_Howe', '2026-04-05T02:00Z', 24.5],
  ['Australia/Lord_Howe', '2026-10-04T02:00Z', 23.5],
  ['Africa/Cairo', '2026-04-24T12:00Z', 23],
  ['Asia/Shanghai', '2026-05-05T12:00Z', 24],
])('T01: the day in %s around %s has %d hours', (zone, at, hours) => {
  const { startMs, endMs } = rangeAt(calendar('day', zone), Date.parse(at))
  expect((endMs - startMs) / HOUR_MS).toBe(hours)
})

test('T02: in Asia/Shanghai a new day begins at 16:00 UTC, with a window of its own', () => {
  const window = calendar('day', 'Asia/Shanghai')
  const reset = Date.UTC(2026, 4, 5, 16)
  expect(rangeAt(window, reset - 1).endMs).toBe(reset)
  expect(rangeAt(window, reset).startMs).toBe(reset)
})

test('an hour in a zone of three quarters begins at a quarter past in UTC', () => {
  const { startMs } = rangeAt(calendar('hour', 'Asia/Kathmandu'), Date.UTC(2026, 0, 1, 12, 20))
  expect(new Date(startMs).toISOString()).toBe('2026-01-01T12:15:00.000Z')
})

test('a lifetime and a sliding minute have one range for all time, and an unknown zone is refused', () => {
  expect(rangeAt({ kind: 'lifetime' }, 5)).toEqual({ startMs: 0, endMs: FOREVER_MS })
  expect(rangeAt({ kind: 'minute' }, 5)).toEqual({ startMs: 0, endMs: FOREVER_MS })
  expect(() => rangeAt(calendar('day', 'Mars/Olympus'), 5)).toThrow(RangeError)
})
