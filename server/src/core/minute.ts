import type { CounterValue } from './counter.ts'

/**
 * A sliding minute: one row of 5-second sub-buckets, each with what was settled and held for calls counted in it.
 * A sub-bucket counts as long as any of it is inside the last 60 seconds, so the limit holds in every 60 seconds
 * (check Q23), at the price of remembering up to 5 seconds too long.
 */
export interface MinuteRow {
  readonly buckets: readonly MinuteBucket[]
}
export interface MinuteBucket extends CounterValue {
  readonly startMs: number
}

export const EMPTY_MINUTE: MinuteRow = { buckets: [] }
const BUCKET_MS = 5_000
const MINUTE_MS = 60_000

/** Settled and held in the 60 seconds that end now. */
export function minuteValue(row: MinuteRow, nowMs: number): CounterValue {
  let settled = 0n
  let held = 0n
  for (const bucket of row.buckets)
    if (isAlive(bucket, nowMs)) {
      settled += bucket.settled
      held += bucket.held
    }
  return { settled, held }
}

/**
 * The row after an amount moved in the sub-bucket of `countedAtMs`. A sub-bucket older than a minute is dropped, with
 * whatever still comes for it: it can no longer decide anything.
 */
export function minuteAfter(row: MinuteRow, countedAtMs: number, nowMs: number, add: CounterValue): MinuteRow {
  const startMs = Math.floor(countedAtMs / BUCKET_MS) * BUCKET_MS
  const alive = row.buckets.filter((bucket) => isAlive(bucket, nowMs))
  const target = alive.find((bucket) => bucket.startMs === startMs) ?? { startMs, settled: 0n, held: 0n }
  // A hold whose sub-bucket a faster clock has dropped has nothing to give back: negative sums would make room.
  const held = target.held + add.held
  const moved = { startMs, settled: target.settled + add.settled, held: held > 0n ? held : 0n }
  if (!isAlive(moved, nowMs)) return { buckets: alive }
  const others = alive.filter((bucket) => bucket.startMs !== startMs)
  return { buckets: [...others, moved].toSorted((a, b) => a.startMs - b.startMs) }
}

/** When the oldest sub-bucket that counts anything leaves the minute, so that waiting helps; undefined where none does. */
export function minuteFreesAtMs(row: MinuteRow, nowMs: number): number | undefined {
  const oldest = row.buckets.find((bucket) => isAlive(bucket, nowMs) && bucket.settled + bucket.held > 0n)
  return oldest && oldest.startMs + BUCKET_MS + MINUTE_MS
}

function isAlive(bucket: MinuteBucket, nowMs: number): boolean {
  return bucket.startMs + BUCKET_MS + MINUTE_MS > nowMs
}
