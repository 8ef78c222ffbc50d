import { afterAttempt } from '../../core/delivery.ts'
import type { DeliveryStore } from '../../core/ports/delivery-store.ts'
import { crossingFrom } from '../rows/crossing-row.ts'
import { deliveryFrom } from '../rows/delivery-row.ts'
import type { Connection, Connections } from './connection.ts'
import type { Transactions } from './transaction.ts'

/** `testMs` is the store's clock, for tests; null is the database's own. */
export function postgresDeliveryStore(
  { ask }: Connections,
  { write, reached }: Transactions,
  testMs: () => number | null,
): DeliveryStore {
  async function nowMs(connection: Connection): Promise<number> {
    const [clock] = await connection.query(`SELECT ${NOW_MS} AS now_ms`, [testMs()])
    return Number(clock!.now_ms)
  }

  return {
    async claim(channel, most, leaseMs) {
      // Mostly there is nothing, which one question tells.
      if ((await ask(SELECT_ANY_DUE, [testMs(), channel])).length === 0) return []
      return write(async (connection) => {
        const rows = await connection.query(CLAIM, [testMs(), channel, most, leaseMs])
        reached('deliveries taken')
        return rows
          .toSorted((a, b) => Number(a.place) - Number(b.place))
          .map((row) => ({ delivery: deliveryFrom(row), crossing: crossingFrom(row) }))
      })
    },
    end: (delivery, end) =>
      write(async (connection) => {
        const after = afterAttempt(delivery, end, await nowMs(connection))
        const { tenantId, crossingId, channel, attempts, dueMs, triedMs, error } = after
        const ended = await connection.query(END, [dueMs, triedMs, error, tenantId, crossingId, channel, attempts])
        reached('attempt ended')
        return ended.length === 1
      }),
    waiting: async (channel, most) => (await ask(SELECT_WAITING, [channel, most])).map(deliveryFrom),
    ofCrossings: async (tenantId, crossingIds) => (await ask(SELECT_OF, [tenantId, crossingIds])).map(deliveryFrom),
  }
}

const NOW_MS = 'coalesce($1::bigint, floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint)'

const SELECT_ANY_DUE = {
  name: 'any delivery due',
  text: `SELECT 1 AS due FROM deliveries WHERE channel = $2 AND due_ms <= ${NOW_MS} LIMIT 1`,
}
/** Who comes at the same time passes over what is being taken. */
const CLAIM = {
  name: 'claim deliveries',
  text: `
    WITH due AS (
      SELECT tenant_id, crossing_id, row_number() OVER (ORDER BY due_ms, tenant_id, crossing_id) AS place FROM (
        SELECT tenant_id, crossing_id, due_ms FROM deliveries WHERE channel = $2 AND due_ms <= ${NOW_MS}
        ORDER BY due_ms, tenant_id, crossing_id LIMIT $3 FOR UPDATE SKIP LOCKED) AS taken
    ), claimed AS (
      UPDATE deliveries SET attempts = attempts + 1, due_ms = ${NOW_MS} + $4::bigint FROM due
      WHERE deliveries.tenant_id = due.tenant_id AND deliveries.crossing_id = due.crossing_id AND channel = $2
      RETURNING deliveries.*, place
    )
    SELECT * FROM claimed JOIN crossings USING (tenant_id, crossing_id)`,
}
const END = {
  name: 'end attempt',
  text: `
    UPDATE deliveries SET due_ms = $1, tried_ms = $2, error = $3
    WHERE tenant_id = $4 AND crossing_id = $5 AND channel = $6 AND attempts = $7 AND due_ms IS NOT NULL RETURNING 1`,
}
const SELECT_WAITING = {
  name: 'waiting deliveries',
  text: `SELECT * FROM deliveries WHERE channel = $1 AND due_ms IS NOT NULL
    ORDER BY due_ms, tenant_id, crossing_id LIMIT $2`,
}
const SELECT_OF = {
  name: 'deliveries of crossings',
  text: 'SELECT * FROM deliveries WHERE tenant_id = $1 AND crossing_id = ANY($2)',
}
