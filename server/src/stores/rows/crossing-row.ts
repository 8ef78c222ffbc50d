import type { Crossing } from '../../core/crossing.ts'
import { type Columns, type Row, text } from './columns.ts'

export const CROSSING_COLUMNS: Columns<Crossing> = [
  ['tenant_id', (crossing) => crossing.tenantId],
  ['crossing_id', (crossing) => crossing.id],
  ['limit_id', (crossing) => crossing.limitId],
  ['counter_id', (crossing) => crossing.counterId],
  ['threshold', (crossing) => crossing.threshold],
  ['amount', (crossing) => crossing.amount],
  ['settled', (crossing) => crossing.settled],
  ['at_ms', (crossing) => crossing.atMs],
]

export function crossingFrom(row: Row): Crossing {
  return {
    id: text(row.crossing_id),
    tenantId: text(row.tenant_id),
    limitId: text(row.limit_id),
    counterId: text(row.counter_id),
    threshold: Number(row.threshold),
    amount: row.amount as bigint,
    settled: row.settled as bigint,
    atMs: Number(row.at_ms),
  }
}
