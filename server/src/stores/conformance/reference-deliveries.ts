import { afterAttempt, type ChannelName, type Delivery } from '../../core/delivery.ts'
import type { DeliveryStore } from '../../core/ports/delivery-store.ts'
import { keyOf, type State } from './reference-state.ts'

/** Deliveries in memory. */
export function referenceDeliveries(state: State, nowMs: () => number): DeliveryStore {
  const { deliveries, crossings } = state
  const put = (delivery: Delivery) =>
    void deliveries.set(keyOf(delivery.tenantId, delivery.crossingId, delivery.channel), delivery)
  const waiting = (channel: ChannelName) =>
    [...deliveries.values()]
      .filter((delivery): delivery is Delivery & { dueMs: number } => delivery.dueMs !== null)
      .filter((delivery) => delivery.channel === channel)
      .toSorted((a, b) => a.dueMs - b.dueMs || (placeOf(a) < placeOf(b) ? -1 : 1))

  return {
    async claim(channel, most, leaseMs) {
      const due = waiting(channel).filter(({ dueMs }) => dueMs <= nowMs())
      return due.slice(0, most).map((before) => {
        const delivery = { ...before, attempts: before.attempts + 1, dueMs: nowMs() + leaseMs }
        put(delivery)
        return { delivery, crossing: crossings.get(keyOf(delivery.tenantId, delivery.crossingId))! }
      })
    },
    async end(delivery, end) {
      const there = deliveries.get(keyOf(delivery.tenantId, delivery.crossingId, delivery.channel))
      if (there?.attempts !== delivery.attempts || there.dueMs === null) return false
      put(afterAttempt(delivery, end, nowMs()))
      return true
    },
    waiting: async (channel, most) => waiting(channel).slice(0, most),
    ofCrossings: async (tenantId, crossingIds) =>
      [...deliveries.values()].filter((one) => one.tenantId === tenantId && crossingIds.includes(one.crossingId)),
  }
}

function placeOf({ tenantId, crossingId }: Delivery): string {
  return `${tenantId} ${crossingId}`
}
