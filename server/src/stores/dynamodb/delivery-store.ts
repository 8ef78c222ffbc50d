import { afterAttempt, type ChannelName, CHANNELS, type Delivery } from '../../core/delivery.ts'
import type { DeliveryStore } from '../../core/ports/delivery-store.ts'
import { CROSSING_COLUMNS, crossingFrom } from '../rows/crossing-row.ts'
import { rowOf, text, whole } from './attributes.ts'
import { answering } from './commit.ts'
import type { Connection } from './connection.ts'
import { deliveryDraft, deliveryIn, dueIndex } from './delivery-items.ts'
import { crossingKey, deliveryKey, instantText, keyText } from './keys.ts'
import { indexName, INDEXES, looked } from './page-queries.ts'
import { FOREVER_MS } from '../../core/window.ts'

export function dynamoDeliveryStore(options: {
  readonly connection: Connection
  readonly nowMs: () => number
  readonly reached: (point: string) => void
}): DeliveryStore {
  const { connection, nowMs, reached } = options

  /** Those that are due up to an instant, as the index has them: it is a little late. */
  async function due(channel: ChannelName, untilMs: number, most: number): Promise<Delivery[]> {
    const rows = connection.query({
      IndexName: indexName(INDEXES.byCall),
      KeyConditionExpression: 'pk2 = :pk AND sk2 < :end',
      ExpressionAttributeValues: { ':pk': text(dueIndex(channel)), ':end': text(instantText(untilMs + 1)) },
    })
    const found: Delivery[] = []
    for await (const item of looked(connection, rows)) {
      const delivery = deliveryIn(item)
      if (delivery.dueMs === null || delivery.dueMs > untilMs) continue
      found.push(delivery)
      if (found.length === most) break
    }
    return found.toSorted((a, b) => a.dueMs! - b.dueMs!)
  }

  /** Puts what has become of a delivery, unless somebody else has since; answers whether. */
  async function replace(before: Delivery, after: Delivery): Promise<boolean> {
    const seen = [
      { kind: 'equals', name: 'attempts', value: whole(before.attempts) },
      { kind: 'equals', name: 'due_ms', value: whole(before.dueMs!) },
    ] as const
    answering(() => reached('sending'))
    const outcome = await connection.transact([deliveryDraft(after, seen)])
    if (outcome.kind === 'unknown') throw outcome.error
    if (outcome.kind === 'done') reached('committed')
    return outcome.kind === 'done'
  }

  return {
    async claim(channel, most, leaseMs) {
      const found = await due(channel, nowMs(), most)
      const taken = await Promise.all(
        found.map(async (before) => {
          const delivery = { ...before, attempts: before.attempts + 1, dueMs: nowMs() + leaseMs }
          return (await replace(before, delivery)) ? [delivery] : []
        }),
      )
      const deliveries = taken.flat()
      const keyOf = ({ tenantId, crossingId }: Delivery) => crossingKey(tenantId, crossingId)
      const crossings = await connection.getMany(deliveries.map(keyOf))
      return deliveries.map((delivery) => {
        const item = crossings.get(keyText(keyOf(delivery)))!
        return { delivery, crossing: crossingFrom(rowOf(CROSSING_COLUMNS, item)) }
      })
    },
    end: (delivery, end) => replace(delivery, afterAttempt(delivery, end, nowMs())),
    waiting: (channel, most) => due(channel, FOREVER_MS - 1, most),
    async ofCrossings(tenantId, crossingIds) {
      const keys = crossingIds.flatMap((id) => CHANNELS.map((channel) => deliveryKey(tenantId, id, channel)))
      return [...(await connection.getMany(keys)).values()].map(deliveryIn)
    },
  }
}
