import type { DatabaseSync } from 'node:sqlite'
import { afterAttempt } from '../../core/delivery.ts'
import type { Claim, DeliveryStore } from '../../core/ports/delivery-store.ts'
import type { Row } from '../rows/columns.ts'
import { crossingFrom } from '../rows/crossing-row.ts'
import { deliveryFrom } from '../rows/delivery-row.ts'
import { answering, type Transactions } from './transaction.ts'

export function sqliteDeliveryStore(
  database: DatabaseSync,
  { write, reached }: Transactions,
  nowMs: () => number,
): DeliveryStore {
  const all = { readBigInts: true }
  const selectDue = database.prepare(
    `SELECT tenant_id, crossing_id FROM deliveries WHERE channel = ? AND due_ms <= ?
     ORDER BY due_ms, tenant_id, crossing_id LIMIT ?`,
  )
  const take = database.prepare(
    `UPDATE deliveries SET attempts = attempts + 1, due_ms = ?
     WHERE tenant_id = ? AND crossing_id = ? AND channel = ? RETURNING *`,
    all,
  )
  const selectCrossing = database.prepare('SELECT * FROM crossings WHERE tenant_id = ? AND crossing_id = ?', all)
  const endAttempt = database.prepare(
    `UPDATE deliveries SET due_ms = ?, tried_ms = ?, error = ?
     WHERE tenant_id = ? AND crossing_id = ? AND channel = ? AND attempts = ? AND due_ms IS NOT NULL`,
  )
  const selectWaiting = database.prepare(
    `SELECT * FROM deliveries WHERE channel = ? AND due_ms IS NOT NULL
     ORDER BY due_ms, tenant_id, crossing_id LIMIT ?`,
    all,
  )
  const selectOf = database.prepare(
    'SELECT * FROM deliveries WHERE tenant_id = ? AND crossing_id IN (SELECT value FROM json_each(?))',
    all,
  )
  const due = (channel: string, most: number) => selectDue.all(channel, nowMs(), most) as unknown as Due[]

  return {
    async claim(channel, most, leaseMs) {
      // Mostly there is nothing, and nobody's commit has to wait for that answer.
      if ((await answering(() => due(channel, 1))).length === 0) return []
      return write(() =>
        due(channel, most).map(({ tenant_id: tenantId, crossing_id: crossingId }): Claim => {
          const delivery = deliveryFrom(take.get(nowMs() + leaseMs, tenantId, crossingId, channel) as Row)
          reached('delivery taken')
          return { delivery, crossing: crossingFrom(selectCrossing.get(tenantId, crossingId) as Row) }
        }),
      )
    },
    end: (delivery, end) =>
      write(() => {
        const { tenantId, crossingId, channel, attempts, dueMs, triedMs, error } = afterAttempt(delivery, end, nowMs())
        const { changes } = endAttempt.run(dueMs, triedMs, error, tenantId, crossingId, channel, attempts)
        reached('attempt ended')
        return changes === 1
      }),
    waiting: (channel, most) =>
      answering(() => selectWaiting.all(channel, most).map((row) => deliveryFrom(row as Row))),
    ofCrossings: (tenantId, crossingIds) =>
      answering(() => selectOf.all(tenantId, JSON.stringify(crossingIds)).map((row) => deliveryFrom(row as Row))),
  }
}

interface Due {
  readonly tenant_id: string
  readonly crossing_id: string
}
