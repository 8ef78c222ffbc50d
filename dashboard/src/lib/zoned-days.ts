const DAY_MS = 86_400_000

interface WallDay {
  readonly year: number
  /** 1 to 12; what lies outside of that is carried, as Date.UTC does. */
  readonly month: number
  readonly day: number
}

/** Midnight of the day that the instant is in. Where a day begins at 01:00, because the clock jumps, that is its start. */
export function startOfDay(ms: number, zone: string): number {
  return firstInstant(wallDay(ms, zone), zone)
}

/** Midnight of the first day of the month that the instant is in, or of one so many months later. */
export function startOfMonth(ms: number, zone: string, monthsLater = 0): number {
  const { year, month } = wallDay(ms, zone)
  return firstInstant({ year, month: month + monthsLater, day: 1 }, zone)
}

/** The same time of the clock so many days later, where the instant is a midnight; otherwise as many times 24 hours. */
export function addDays(ms: number, days: number, zone: string): number {
  if (startOfDay(ms, zone) !== ms) return ms + days * DAY_MS
  const { year, month, day } = wallDay(ms, zone)
  return firstInstant({ year, month, day: day + days }, zone)
}

function wallDay(ms: number, zone: string): WallDay {
  const wall = new Date(ms + offsetMs(ms, zone))
  return { year: wall.getUTCFullYear(), month: wall.getUTCMonth() + 1, day: wall.getUTCDate() }
}

/** The offset before or after a jump may be the right one: the earliest candidate that lies in the day is its start. */
function firstInstant({ year, month, day }: WallDay, zone: string): number {
  const wall = Date.UTC(year, month - 1, day)
  const candidates = [wall - DAY_MS, wall, wall + DAY_MS].map((guess) => wall - offsetMs(guess, zone))
  const inDay = candidates.filter((ms) => ms + offsetMs(ms, zone) >= wall)
  return Math.min(...(inDay.length > 0 ? inDay : candidates))
}

const formats = new Map<string, Intl.DateTimeFormat>()

/** What the zone's clock is ahead of UTC at the instant. */
function offsetMs(ms: number, zone: string): number {
  let format = formats.get(zone)
  if (!format) {
    const parts = { year: 'numeric', month: 'numeric', day: 'numeric' } as const
    const clock = { hour: 'numeric', minute: 'numeric', second: 'numeric', hourCycle: 'h23' } as const
    format = new Intl.DateTimeFormat('en-US', { ...parts, ...clock, calendar: 'gregory', timeZone: zone })
    formats.set(zone, format)
  }
  const of = Object.fromEntries(format.formatToParts(ms).map(({ type, value }) => [type, Number(value)]))
  const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = of
  return Date.UTC(year, month - 1, day, hour, minute, second) - Math.floor(ms / 1000) * 1000
}
