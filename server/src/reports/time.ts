import { PublicError } from '../core/errors.ts'
import { GRAINS } from '../core/rollup.ts'
import type { Range } from '../core/window.ts'

/** An instant as people and JSON write it: ISO 8601 in UTC. */
export function isoTime(atMs: number): string {
  return new Date(atMs).toISOString()
}

/** What a report was asked for: instants, or nothing for today in the zone. */
export interface Asked {
  readonly fromMs?: number
  readonly toMs?: number
  /** IANA. */
  readonly zone: string
}

/** The half-open range that a report is about. Rollups begin on quarters of an hour, so the range must, too. */
export function reportRange({ fromMs, toMs, zone }: Asked, nowMs: number): Range {
  const today = Temporal.Instant.fromEpochMilliseconds(nowMs).toZonedDateTimeISO(ianaZone(zone)).startOfDay()
  const startMs = fromMs ?? today.epochMilliseconds
  const endMs = toMs ?? today.add({ days: 1 }).startOfDay().epochMilliseconds
  requireQuarter(startMs, 'from')
  requireQuarter(endMs, 'to')
  if (startMs >= endMs)
    throw new PublicError(
      'invalid_field',
      `The range is empty: from is ${isoTime(startMs)}, to is ${isoTime(endMs)}.`,
      {
        field: fromMs === undefined ? 'to' : 'from',
      },
    )
  return { startMs, endMs }
}

/** The zone in its usual spelling. Refuses what the IANA database does not have, and plain offsets, which know no days. */
export function ianaZone(zone: string, field = 'zone'): string {
  try {
    const { timeZoneId } = Temporal.Instant.fromEpochMilliseconds(0).toZonedDateTimeISO(zone)
    if (/^[A-Za-z]/.test(timeZoneId)) return timeZoneId
  } catch {
    // Refused below, as an offset is.
  }
  throw new PublicError('invalid_field', `${field} is no time zone of the IANA database, such as Europe/Amsterdam.`, {
    field,
  })
}

function requireQuarter(atMs: number, field: string): void {
  if (atMs % GRAINS.quarter === 0) return
  const before = isoTime(Math.floor(atMs / GRAINS.quarter) * GRAINS.quarter)
  throw new PublicError('invalid_field', `${field} must be on a quarter of an hour; the last one is ${before}.`, {
    field,
  })
}
