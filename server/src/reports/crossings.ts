import { alertText } from '../core/alert.ts'
import type { Crossing } from '../core/crossing.ts'
import { type Delivery, stateOf } from '../core/delivery.ts'
import type { Limit } from '../core/limit.ts'
import type { DeliveryStore } from '../core/ports/delivery-store.ts'
import type { ReportStore } from '../core/ports/report-store.ts'
import { isoTime } from './time.ts'

/** Thresholds that were crossed, newest first, with the limits that they are of, and how people were told. */
export async function listCrossings(
  store: Pick<ReportStore, 'crossings' | 'limits'>,
  deliveries: Pick<DeliveryStore, 'ofCrossings'>,
  { tenantId, limit }: { readonly tenantId: string; readonly limit: number },
) {
  const [crossings, limits] = await Promise.all([store.crossings(tenantId, limit), store.limits(tenantId)])
  const ids = crossings.map(({ id }) => id)
  const told = Map.groupBy(await deliveries.ofCrossings(tenantId, ids), ({ crossingId }) => crossingId)
  const byId = new Map(limits.map((one) => [one.id, one]))
  return crossings.map((crossing) => ({
    ...crossingRow(crossing, byId.get(crossing.limitId)),
    deliveries: (told.get(crossing.id) ?? []).map(deliveryReport),
  }))
}

function crossingRow(crossing: Crossing, limit: Limit | undefined) {
  const { id, limitId, threshold, amount, settled, atMs } = crossing
  const of = limit ? { scope: limit.scope, metric: limit.metric, window: limit.window } : null
  const text = alertText(crossing, limit?.window ?? null)
  return { id, limitId, threshold, amount, settled, at: isoTime(atMs), text, limit: of }
}

/** How a delivery does. While an attempt is under way, `nextAt` is when it counts as lost. */
export function deliveryReport(delivery: Delivery) {
  const { channel, attempts, dueMs, triedMs, error } = delivery
  return {
    ...{ channel, state: stateOf(delivery), attempts },
    lastAt: triedMs === null ? null : isoTime(triedMs),
    nextAt: dueMs === null || dueMs === 0 ? null : isoTime(dueMs),
    error,
  }
}
