import type { DatabaseSync } from 'node:sqlite'
import { counterId, type CounterKey, counterOf } from '../../core/counter.ts'
import { heldAmounts } from '../../core/hold.ts'
import type { Limit } from '../../core/limit.ts'
import { EMPTY_MINUTE } from '../../core/minute.ts'
import type { Row } from '../rows/columns.ts'
import { holdFrom } from '../rows/hold-row.ts'
import type { Past } from '../rows/past.ts'
import { type CounterRow, counterRows, moved, NOTHING } from './counters.ts'
import { entryAmounts, IN_SCOPE, settledOf, settledSince } from './seed-sums.ts'

/** A sliding minute remembers 65 seconds; nothing older needs to be read for it. */
const MINUTE_READS_MS = 65_000

/**
 * Fills the counter that a new limit reads with what entries and open holds say, and adds it to those holds, so that
 * their ends move it. To be run inside a write transaction, with what was read of it before.
 */
export function counterSeed(database: DatabaseSync, nowMs: () => number, reached: (point: string) => void) {
  const counters = counterRows(database)
  const addCounter = database.prepare('UPDATE holds SET counters = ?, version = version + 1 WHERE hold_id = ?')

  return (limit: Limit, atMs: number, past: Past): void => {
    const key = counterOf(limit, atMs)
    const id = counterId(key)
    const now = nowMs()
    let row: CounterRow =
      key.window === 'minute'
        ? minuteOf(database, key, now)
        : { value: { settled: settledIn(database, key, past), held: 0n }, minute: null }
    for (const holdRow of openHolds(database, key)) {
      const { countedAtMs, ...hold } = holdFrom(holdRow)
      row = moved(row, { settled: 0n, held: heldAmounts(hold)[limit.metric], countedAtMs }, now)
      if (hold.counters.includes(id)) continue
      addCounter.run([...hold.counters, id].join(' '), hold.id)
      reached('hold moved along')
    }
    counters.put(id, limit.tenantId, row)
    reached('counter seeded')
  }
}

function settledIn(database: DatabaseSync, key: CounterKey, past: Past): bigint {
  const before = past.settled.get(counterId(key))
  return before === undefined ? settledOf(database, key) : before + settledSince(database, key, past)
}

function minuteOf(database: DatabaseSync, key: CounterKey, nowMs: number): CounterRow {
  let row: CounterRow = { value: NOTHING, minute: EMPTY_MINUTE }
  const since = { startMs: nowMs - MINUTE_READS_MS, endMs: key.endMs }
  for (const entry of entryAmounts(database, key, since, 'amount, counted_at_ms'))
    row = moved(row, { settled: entry.amount as bigint, held: 0n, countedAtMs: Number(entry.counted_at_ms) }, nowMs)
  return row
}

/** Few at any time, so that no index is worth its upkeep. */
function openHolds(database: DatabaseSync, key: CounterKey): Row[] {
  return database
    .prepare(
      `SELECT * FROM holds WHERE tenant_id = :tenantId AND ${IN_SCOPE[key.scopeKind]}
       AND counted_at_ms >= :startMs AND counted_at_ms < :endMs`,
      { readBigInts: true },
    )
    .all({ tenantId: key.tenantId, scopeId: key.scopeId, startMs: key.startMs, endMs: key.endMs }) as Row[]
}
