import type { Delivery } from '../../core/delivery.ts'
import { DELIVERY_COLUMNS, deliveryFrom } from '../rows/delivery-row.ts'
import { type Item, itemOf, rowOf, text } from './attributes.ts'
import { deliveryKey, instantText } from './keys.ts'
import type { Condition, Draft } from './transaction.ts'

/** The partition of an index that has the deliveries of a channel which have not ended, in the order in which they are due. */
export const dueIndex = (channel: string) => `due#${channel}`

/** A delivery as an item; only as long as it has not ended is it in the index. */
export function deliveryDraft(delivery: Delivery, conditions: readonly Condition[] = []): Draft {
  const { tenantId, crossingId, channel, dueMs } = delivery
  const key = deliveryKey(tenantId, crossingId, channel)
  const place = dueMs !== null && {
    pk2: text(dueIndex(channel)),
    sk2: text(`${instantText(dueMs)}#${tenantId}#${key.sk}`),
  }
  return { kind: 'put', key, item: { ...itemOf(DELIVERY_COLUMNS, delivery), ...place }, conditions }
}

export function deliveryIn(item: Item): Delivery {
  return deliveryFrom(rowOf(DELIVERY_COLUMNS, item))
}
