import { counterId, type CounterKey, counterOf } from '../../core/counter.ts'
import { heldAmounts } from '../../core/hold.ts'
import type { Limit } from '../../core/limit.ts'
import { EMPTY_MINUTE, minuteAfter, type MinuteRow } from '../../core/minute.ts'
import type { Row } from '../rows/columns.ts'
import { holdFrom } from '../rows/hold-row.ts'
import type { Past } from '../rows/past.ts'
import type { Connection } from './connection.ts'
import { entryAmounts, IN_SCOPE, settledOf, settledSince } from './seed-sums.ts'

/** A sliding minute remembers 65 seconds; nothing older needs to be read for it. */
const MINUTE_READS_MS = 65_000

/**
 * Fills the counter that a new limit reads with what entries and open holds say, and adds it to those holds, so that
 * their ends move it. To be run while no commit of the tenant can be, with what was read of it before.
 */
export async function seedCounter(
  connection: Connection,
  limit: Limit,
  { atMs, past, nowMs, reached }: { atMs: number; past: Past; nowMs: number; reached: (point: string) => void },
): Promise<void> {
  const key = counterOf(limit, atMs)
  const id = counterId(key)
  const counter = filling(key.window === 'minute', nowMs)
  if (key.window === 'minute')
    for (const row of await entriesOfMinute(connection, key, nowMs))
      counter.add(Number(row.counted_at_ms), row.amount as bigint, 0n)
  else counter.add(0, await settledIn(connection, key, past), 0n)
  for (const row of await openHolds(connection, key)) {
    const { countedAtMs, ...hold } = holdFrom(row)
    counter.add(countedAtMs, 0n, heldAmounts(hold)[limit.metric])
    if (hold.counters.includes(id)) continue
    await connection.query('UPDATE holds SET counters = $1, version = version + 1 WHERE hold_id = $2', [
      ...[[...hold.counters, id].join(' '), hold.id],
    ])
    reached('hold moved along')
  }
  const { settled, held, buckets } = counter.columns()
  await connection.query(PUT_COUNTER, [id, limit.tenantId, settled, held, buckets])
  reached('counter seeded')
}

const PUT_COUNTER = `
  INSERT INTO counters (counter_id, tenant_id, settled, held, buckets) VALUES ($1, $2, $3, $4, $5)
  ON CONFLICT (counter_id) DO UPDATE SET settled = excluded.settled, held = excluded.held, buckets = excluded.buckets`

/** A counter that is being filled. */
function filling(isMinute: boolean, nowMs: number) {
  let settled = 0n
  let held = 0n
  let minute: MinuteRow = EMPTY_MINUTE
  return {
    add(countedAtMs: number, moreSettled: bigint, moreHeld: bigint): void {
      if (isMinute) minute = minuteAfter(minute, countedAtMs, nowMs, { settled: moreSettled, held: moreHeld })
      else {
        settled += moreSettled
        held += moreHeld
      }
    },
    columns: () => ({
      settled,
      held,
      buckets: isMinute ? minute.buckets.flatMap((one) => [one.startMs, one.settled, one.held]) : null,
    }),
  }
}

async function settledIn(connection: Connection, key: CounterKey, past: Past): Promise<bigint> {
  const before = past.settled.get(counterId(key))
  return before === undefined ? settledOf(connection, key) : before + (await settledSince(connection, key, past))
}

function entriesOfMinute(connection: Connection, key: CounterKey, nowMs: number): Promise<Row[]> {
  const since = { startMs: nowMs - MINUTE_READS_MS, endMs: key.endMs }
  return entryAmounts(connection, key, since, 'amount, counted_at_ms')
}

/** Few at any time, so that no index is worth its upkeep. */
function openHolds(connection: Connection, key: CounterKey): Promise<Row[]> {
  return connection.query(
    `SELECT * FROM holds WHERE tenant_id = $1 AND ${IN_SCOPE[key.scopeKind]}
     AND counted_at_ms >= $3 AND counted_at_ms < $4 ORDER BY hold_id FOR UPDATE`,
    [key.tenantId, key.scopeId, key.startMs, key.endMs],
  )
}
