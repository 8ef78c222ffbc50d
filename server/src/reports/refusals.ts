import type { RefusalQuery, ReportStore } from '../core/ports/report-store.ts'
import type { Refusal } from '../core/refusal.ts'
import { isoTime } from './time.ts'

/** A page of the refusals that were kept, newest first: a sample, of which the counts are in the summary. */
export async function listRefusals(store: Pick<ReportStore, 'refusals'>, query: RefusalQuery) {
  const found = await store.refusals({ ...query, limit: query.limit + 1 })
  const page = found.slice(0, query.limit)
  const last = page.at(-1)
  return {
    refusals: page.map(refusalRow),
    nextBefore: last && found.length > page.length ? { atMs: last.atMs, id: last.id } : null,
  }
}

export function refusalRow(refusal: Refusal) {
  const { id, callId, userId, keyId, provider, model, code, limitId, shadow, message, details } = refusal
  return {
    id,
    callId,
    at: isoTime(refusal.atMs),
    userId,
    keyId,
    provider,
    model,
    code,
    limitId,
    shadow,
    message,
    details,
  }
}
