import type { Range } from './range.ts'
import { startOfDay } from './zoned-days.ts'

const DAY = { year: 'numeric', month: '2-digit', day: '2-digit' } as const
const CLOCK = { hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23' } as const

/** The browser's zone, as IANA names it: every time on the page is told in it. */
export function browserZone(): string {
  return Intl.DateTimeFormat().resolvedOptions().timeZone || 'UTC'
}

/** "14:03:21" in the zone. */
export function clockTime(instant: string | number, zone: string): string {
  return new Intl.DateTimeFormat('en-GB', { ...CLOCK, timeZone: zone }).format(new Date(instant))
}

/** "14:03:21" today, "21 Nov 14:03" on any other day. */
export function shortTime(instant: string, zone: string, nowMs: number): string {
  if (sameDay(instant, nowMs, zone)) return clockTime(instant, zone)
  const date = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short', timeZone: zone })
  return `${date.format(new Date(instant))} ${clockTime(instant, zone).slice(0, 5)}`
}

/** "22 November 2026 at 14:03:21.204 Europe/Amsterdam": everything, for whoever looks closer. */
export function fullTime(instant: string, zone: string): string {
  const date = new Intl.DateTimeFormat('en-GB', { dateStyle: 'long', timeZone: zone }).format(new Date(instant))
  const milliseconds = String(new Date(instant).getUTCMilliseconds()).padStart(3, '0')
  return `${date} at ${clockTime(instant, zone)}.${milliseconds} ${zone}`
}

/** "22 Nov 2026, 14:03:21" in the zone. */
export function dateAndTime(instant: string, zone: string): string {
  return `${dateOnly(instant, zone)}, ${clockTime(instant, zone)}`
}

/** "22 Nov 2026" in the zone. */
export function dateOnly(instant: string, zone: string): string {
  return new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeZone: zone }).format(new Date(instant))
}

/** "Sunday 22 November" in the zone. */
export function dayName(instant: string | number, zone: string): string {
  const parts = { weekday: 'long', day: 'numeric', month: 'long', timeZone: zone } as const
  return new Intl.DateTimeFormat('en-GB', parts).format(new Date(instant))
}

/** "UTC+1", as it is at that instant. */
export function zoneOffset(zone: string, instant: number): string {
  const parts = new Intl.DateTimeFormat('en-GB', { timeZone: zone, timeZoneName: 'shortOffset' }).formatToParts(instant)
  const name = parts.find((part) => part.type === 'timeZoneName')?.value ?? 'GMT'
  return name === 'GMT' ? 'UTC+0' : name.replace('GMT', 'UTC')
}

/** 812 → "812 ms", 4210 → "4.21 s", 75000 → "1 min 15 s". */
export function duration(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)} ms`
  if (ms < 59_995) return `${(ms / 1000).toFixed(2)} s`
  const seconds = Math.round(ms / 1000)
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ${seconds % 60} s`
  return `${Math.floor(seconds / 3600)} h ${Math.floor((seconds % 3600) / 60)} min`
}

function sameDay(instant: string, nowMs: number, zone: string): boolean {
  const day = new Intl.DateTimeFormat('en-CA', { ...DAY, timeZone: zone })
  return day.format(new Date(instant)) === day.format(nowMs)
}

/** "22 Nov 00:00 – now", "16 – 22 Nov", "15 Nov 08:00 – 16 Nov 08:00": a half-open range, whole days by their names. */
export function rangeText(range: Pick<Range, 'preset' | 'fromMs' | 'toMs'>, zone: string): string {
  const { preset, fromMs, toMs } = range
  const wholeDays = startOfDay(fromMs, zone) === fromMs && startOfDay(toMs, zone) === toMs
  if (preset === null && wholeDays) {
    const [first, last] = [dayOnly(fromMs, zone), dayOnly(toMs - 1, zone)]
    return first === last ? first : `${first} – ${last}`
  }
  const from = startOfDay(fromMs, zone) === fromMs ? dayOnly(fromMs, zone) : dayAndMinute(fromMs, zone)
  return `${from} – ${preset === null ? dayAndMinute(toMs, zone) : 'now'}`
}

/** "22 Nov 2026". */
function dayOnly(ms: number, zone: string): string {
  return dateOnly(new Date(ms).toISOString(), zone)
}

/** "22 Nov 14:00". */
export function dayAndMinute(ms: number, zone: string): string {
  return `${dayAndMonth(ms, zone)} ${clockTime(ms, zone).slice(0, 5)}`
}

/** "22 Nov". */
export function dayAndMonth(ms: number, zone: string): string {
  return new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short', timeZone: zone }).format(ms)
}

/** "in 4 h 12 min", "in 3 days", "now" for what has passed. */
export function untilText(instant: string, nowMs: number): string {
  const minutes = Math.ceil((Date.parse(instant) - nowMs) / 60_000)
  if (minutes <= 0) return 'now'
  if (minutes < 60) return `in ${minutes} min`
  const hours = Math.floor(minutes / 60)
  if (hours < 48) return `in ${hours} h${minutes % 60 ? ` ${minutes % 60} min` : ''}`
  return `in ${Math.floor(hours / 24)} days`
}

/** Whether `zone` is one that this browser knows. */
export function isZone(zone: string): boolean {
  try {
    return Intl.DateTimeFormat('en', { timeZone: zone }) !== undefined
  } catch {
    return false
  }
}
