import type { CounterValue } from '../../core/counter.ts'
import { type Row, text } from '../rows/columns.ts'
import type { Connections } from './connection.ts'

interface Waiting {
  readonly id: string
  readonly resolve: (value: CounterValue) => void
  readonly reject: (error: unknown) => void
}

/** Reads counters. Those that are asked for together, as a list of limits does, are one question. */
export function counterReads(connections: Connections): (id: string, atMs: number) => Promise<CounterValue> {
  const waitingAt = new Map<number, Waiting[]>()

  async function ask(atMs: number): Promise<void> {
    const waiting = waitingAt.get(atMs)!
    waitingAt.delete(atMs)
    try {
      const rows = await connections.ask(SELECT_COUNTERS, [waiting.map(({ id }) => id), atMs])
      const values = new Map(rows.map((row) => [text(row.counter_id), valueOf(row)]))
      for (const { id, resolve } of waiting) resolve(values.get(id) ?? { settled: 0n, held: 0n })
    } catch (error) {
      for (const { reject } of waiting) reject(error)
    }
  }

  return (id, atMs) =>
    new Promise((resolve, reject) => {
      const waiting = waitingAt.get(atMs)
      if (waiting) return void waiting.push({ id, resolve, reject })
      waitingAt.set(atMs, [{ id, resolve, reject }])
      queueMicrotask(() => void ask(atMs))
    })
}

function valueOf(row: Row): CounterValue {
  return { settled: row.settled as bigint, held: row.held as bigint }
}

const SELECT_COUNTERS = {
  name: 'counters',
  text: `
    SELECT counter_id, coalesce(value.settled, counters.settled) AS settled, coalesce(value.held, counters.held) AS held
    FROM counters LEFT JOIN LATERAL minute_value(buckets, $2) AS value ON buckets IS NOT NULL
    WHERE counter_id = ANY ($1)`,
}
