import { EXIT, Failure } from './failure.ts'

/** A day (`2026-11-30`, its beginning in the zone) or an instant, as the API takes it. */
export function instantOf(text: string, zone: string): string {
  try {
    if (/^\d{4}-\d\d-\d\d$/.test(text))
      return Temporal.PlainDate.from(text).toZonedDateTime(zone).toInstant().toString()
    return Temporal.Instant.from(text).toString()
  } catch {
    throw new Failure(
      `${JSON.stringify(text)} in ${zone} is no day and no instant. Write 2026-11-30, or 2026-11-30T09:15:00Z.`,
      EXIT.usage,
    )
  }
}

/** The zone of this machine. */
export function ownZone(): string {
  const zone = Temporal.Now.timeZoneId()
  return /^[A-Za-z]/.test(zone) ? zone : 'UTC'
}
