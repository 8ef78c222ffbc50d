/** The span over which a limit counts. Calendar windows follow a zone's own days, 23 and 25 hours long where clocks change. */
export type Window =
  | { readonly kind: 'lifetime' }
  | { readonly kind: 'calendar'; readonly unit: CalendarUnit; readonly zone: string }
  | { readonly kind: 'minute' }
export const CALENDAR_UNITS = ['hour', 'day', 'week', 'month'] as const
export type CalendarUnit = (typeof CALENDAR_UNITS)[number]

/** Half-open: startMs is in, endMs is out. Milliseconds since the epoch. */
export interface Range {
  readonly startMs: number
  readonly endMs: number
}

/** The largest instant that a Date can hold (ECMA-262, 21.4.1.1): the end of windows that have none. */
export const FOREVER_MS = 8_640_000_000_000_000
const ALWAYS: Range = { startMs: 0, endMs: FOREVER_MS }

/** The window's range that contains the instant. Throws RangeError on a zone that the IANA database does not have. */
export function rangeAt(window: Window, atMs: number): Range {
  if (window.kind !== 'calendar') return ALWAYS
  const cached = lastRange.get(window)
  if (cached && cached.startMs <= atMs && atMs < cached.endMs) return cached
  const range = calendarRange(window.unit, window.zone, atMs)
  lastRange.set(window, range)
  return range
}

/** When the window containing the instant ends and what it counts begins anew; null for windows that never do so at once. */
export function resetsAtMs(window: Window, atMs: number): number | null {
  return window.kind === 'calendar' ? rangeAt(window, atMs).endMs : null
}

/** Calendar arithmetic costs tens of microseconds and its answer changes once an hour at most. */
const lastRange = new WeakMap<Window, Range>()

function calendarRange(unit: CalendarUnit, zone: string, atMs: number): Range {
  const at = Temporal.Instant.fromEpochMilliseconds(atMs).toZonedDateTimeISO(zone)
  if (unit === 'hour') return hourRange(at)
  const start = startOf(unit, at)
  return { startMs: start.epochMilliseconds, endMs: startOf(unit, next(unit, start)).epochMilliseconds }
}

const HOUR_MS = 3_600_000

/**
 * The hour on the zone's clock. It ends early where the clock changes within it: Lord Howe's moves by half an hour, so
 * that rounding wall-clock times would lead back into the hour before.
 */
function hourRange(at: Temporal.ZonedDateTime): Range {
  const offsetMs = at.offsetNanoseconds / 1_000_000
  const wholeMs = Math.floor((at.epochMilliseconds + offsetMs) / HOUR_MS) * HOUR_MS - offsetMs
  const last = at.add({ nanoseconds: 1 }).getTimeZoneTransition('previous')?.epochMilliseconds ?? wholeMs
  const following = at.getTimeZoneTransition('next')?.epochMilliseconds ?? FOREVER_MS
  return { startMs: Math.max(wholeMs, last), endMs: Math.min(wholeMs + HOUR_MS, following) }
}

function startOf(unit: Exclude<CalendarUnit, 'hour'>, at: Temporal.ZonedDateTime): Temporal.ZonedDateTime {
  switch (unit) {
    case 'day':
      return at.startOfDay()
    case 'week':
      return at.subtract({ days: at.dayOfWeek - 1 }).startOfDay()
    case 'month':
      return at.with({ day: 1 }).startOfDay()
  }
}

function next(unit: Exclude<CalendarUnit, 'hour'>, start: Temporal.ZonedDateTime): Temporal.ZonedDateTime {
  return start.add({ [`${unit}s`]: 1 })
}
