import type { Limit } from '../core/limit.ts'
import type { Crossing } from '../core/crossing.ts'
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

/** Thresholds that were crossed, newest first, with the limits that they are of. */
export async function listCrossings(store: Pick<ReportStore, 'crossings' | 'limits'>, tenantId: string, limit: number) {
  const [crossings, limits] = await Promise.all([store.crossings(tenantId, limit), store.limits(tenantId)])
  const byId = new Map(limits.map((one) => [one.id, one]))
  return crossings.map((crossing) => crossingRow(crossing, byId.get(crossing.limitId)))
}

function crossingRow({ id, limitId, threshold, amount, settled, atMs }: Crossing, limit: Limit | undefined) {
  const of = limit ? { scope: limit.scope, metric: limit.metric, window: limit.window } : null
  return { id, limitId, threshold, amount, settled, at: isoTime(atMs), limit: of }
}
