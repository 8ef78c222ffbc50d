import { EMPTY_MINUTE, type MinuteRow } from '../../core/minute.ts'

/** Sub-buckets as text, `startMs:settled:held` apart by spaces. */
export function minuteText({ buckets }: MinuteRow): string {
  return buckets.map(({ startMs, settled, held }) => `${startMs}:${settled}:${held}`).join(' ')
}

export function minuteFrom(text: string | null | undefined): MinuteRow {
  if (!text) return EMPTY_MINUTE
  const buckets = text.split(' ').map((bucket) => {
    const [startMs, settled, held] = bucket.split(':')
    return { startMs: Number(startMs), settled: BigInt(settled!), held: BigInt(held!) }
  })
  return { buckets }
}
