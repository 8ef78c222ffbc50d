import type { ChannelName, Delivery } from '../../core/delivery.ts'
import { type Columns, numberOrNull, type Row, text } from './columns.ts'

export const DELIVERY_COLUMNS: Columns<Delivery> = [
  ['tenant_id', (delivery) => delivery.tenantId],
  ['crossing_id', (delivery) => delivery.crossingId],
  ['channel', (delivery) => delivery.channel],
  ['attempts', (delivery) => delivery.attempts],
  ['due_ms', (delivery) => delivery.dueMs],
  ['tried_ms', (delivery) => delivery.triedMs],
  ['error', (delivery) => delivery.error],
]

export function deliveryFrom(row: Row): Delivery {
  return {
    tenantId: text(row.tenant_id),
    crossingId: text(row.crossing_id),
    channel: text(row.channel) as ChannelName,
    attempts: Number(row.attempts),
    dueMs: numberOrNull(row.due_ms),
    triedMs: numberOrNull(row.tried_ms),
    error: row.error === null ? null : text(row.error),
  }
}
