import { addDays, startOfDay, startOfMonth } from './zoned-days.ts'

export const PRESETS = ['today', '24h', '7d', '30d', 'month'] as const
export type Preset = (typeof PRESETS)[number]
export type Bucket = 'quarter' | 'hour' | 'day'

/** A half-open range of time on quarters of an hour, and the equal one before it that it is compared with. */
export interface Range {
  /** Null where the address names the two ends. */
  readonly preset: Preset | null
  readonly fromMs: number
  readonly toMs: number
  readonly previousFromMs: number
  readonly previousToMs: number
  /** How fine its trend is read: at most about a hundred buckets. */
  readonly bucket: Bucket
}

export interface RangeParameters {
  readonly range: string | null
  readonly from: string | null
  readonly to: string | null
}

const QUARTER_MS = 900_000
const HOUR_MS = 3_600_000
/** A range ends after now by so much at least, so that what just happened is in it until the clock is looked at again. */
const AHEAD_MS = 60_000

/** What the address says, or the preset where it says nothing that can be read. */
export function readRange({ range, from, to }: RangeParameters, zone: string, nowMs: number, preset: Preset): Range {
  const fromMs = instant(from)
  const toMs = instant(to)
  if (fromMs !== null && toMs !== null && fromMs < toMs) return between(fromMs, toMs, zone)
  return presetRange(isPreset(range) ? range : preset, zone, nowMs)
}

export function isPreset(name: string | null): name is Preset {
  return (PRESETS as readonly (string | null)[]).includes(name)
}

function presetRange(preset: Preset, zone: string, nowMs: number): Range {
  const toMs = Math.ceil((nowMs + AHEAD_MS) / QUARTER_MS) * QUARTER_MS
  const today = startOfDay(nowMs, zone)
  const spans: Record<Preset, readonly [from: number, back: (ms: number) => number]> = {
    today: [today, (ms) => addDays(ms, -1, zone)],
    '24h': [toMs - 24 * HOUR_MS, (ms) => ms - 24 * HOUR_MS],
    '7d': [addDays(today, -6, zone), (ms) => addDays(ms, -7, zone)],
    '30d': [addDays(today, -29, zone), (ms) => addDays(ms, -30, zone)],
    month: [startOfMonth(nowMs, zone), (ms) => startOfMonth(ms, zone, -1)],
  }
  const [fromMs, back] = spans[preset]
  const previousFromMs = back(fromMs)
  // A short month has ended by the day that a long one has come to.
  const previousToMs = Math.min(previousFromMs + (toMs - fromMs), fromMs)
  return { preset, fromMs, toMs, previousFromMs, previousToMs, bucket: bucketOf(fromMs, toMs) }
}

function between(fromMs: number, toMs: number, zone: string): Range {
  const previousFromMs = shifted(fromMs, toMs, -1, zone).fromMs
  return { preset: null, fromMs, toMs, previousFromMs, previousToMs: fromMs, bucket: bucketOf(fromMs, toMs) }
}

/**
 * The range one length earlier or later. What begins at a midnight moves by whole days, and a whole month by months, so
 * that a change of the clock moves nothing off its day.
 */
export function shiftRange({ preset, fromMs, toMs }: Range, direction: 1 | -1, zone: string) {
  if (preset === 'month') {
    const start = startOfMonth(fromMs, zone, direction)
    return { fromMs: start, toMs: startOfMonth(start, zone, 1) }
  }
  if (preset === null && startOfMonth(fromMs, zone) === fromMs && startOfMonth(fromMs, zone, 1) === toMs) {
    const start = startOfMonth(fromMs, zone, direction)
    return { fromMs: start, toMs: startOfMonth(start, zone, 1) }
  }
  if (preset === null || preset === '24h') return shifted(fromMs, toMs, direction, zone)
  return shifted(fromMs, addDays(startOfDay(toMs - 1, zone), 1, zone), direction, zone)
}

function shifted(fromMs: number, toMs: number, direction: 1 | -1, zone: string) {
  if (startOfDay(fromMs, zone) !== fromMs || startOfDay(toMs, zone) !== toMs) {
    const length = toMs - fromMs
    return { fromMs: fromMs + direction * length, toMs: toMs + direction * length }
  }
  const days = Math.round((toMs - fromMs) / (24 * HOUR_MS)) * direction
  return { fromMs: addDays(fromMs, days, zone), toMs: addDays(toMs, days, zone) }
}

function bucketOf(fromMs: number, toMs: number): Bucket {
  const hours = (toMs - fromMs) / HOUR_MS
  if (hours <= 4) return 'quarter'
  return hours <= 80 ? 'hour' : 'day'
}

/** An instant of the address, on the quarter of an hour that it lies in; null where it is none. */
function instant(text: string | null): number | null {
  const ms = text === null ? Number.NaN : Date.parse(text)
  return Number.isNaN(ms) ? null : Math.floor(ms / QUARTER_MS) * QUARTER_MS
}
