import type { DatabaseSync } from 'node:sqlite'
import { type CounterValue, isMinute } from '../../core/counter.ts'
import { EMPTY_MINUTE, minuteAfter, minuteFreesAtMs, type MinuteRow, minuteValue } from '../../core/minute.ts'
import type { Answer, CounterAdd } from '../../core/plan.ts'
import { minuteFrom, minuteText } from '../rows/minute-text.ts'

/** A counter as its row has it. `minute` is there for sliding minutes only, whose value depends on the instant. */
export interface CounterRow {
  readonly value: CounterValue
  readonly minute: MinuteRow | null
}

/** Reads and writes rows of counters. */
export interface CounterRows {
  get(counterId: string): CounterRow
  put(counterId: string, tenantId: string, row: CounterRow): void
}

export function counterRows(database: DatabaseSync): CounterRows {
  const select = database.prepare('SELECT settled, held, buckets FROM counters WHERE counter_id = ?', {
    readBigInts: true,
    returnArrays: true,
  })
  const upsert = database.prepare(`
    INSERT INTO counters (counter_id, tenant_id, settled, held, buckets) VALUES (?, ?, ?, ?, ?)
    ON CONFLICT (counter_id) DO UPDATE SET settled = excluded.settled, held = excluded.held, buckets = excluded.buckets`)
  return {
    get(counterId) {
      const row = select.get(counterId) as unknown as [bigint, bigint, string | null] | undefined
      if (!row) return { value: NOTHING, minute: isMinute(counterId) ? EMPTY_MINUTE : null }
      const [settled, held, buckets] = row
      return { value: { settled, held }, minute: isMinute(counterId) ? minuteFrom(buckets) : null }
    },
    put(counterId, tenantId, { value, minute }) {
      upsert.run(counterId, tenantId, value.settled, value.held, minute && minuteText(minute))
    },
  }
}

export const NOTHING: CounterValue = { settled: 0n, held: 0n }

/** What the counter says at an instant. */
export function valueAt({ value, minute }: CounterRow, nowMs: number): CounterValue {
  return minute ? minuteValue(minute, nowMs) : value
}

/** The counter after a move. */
export function moved(row: CounterRow, add: Omit<CounterAdd, 'counterId' | 'ceiling'>, nowMs: number): CounterRow {
  if (row.minute) return { value: NOTHING, minute: minuteAfter(row.minute, add.countedAtMs, nowMs, add) }
  return { value: { settled: row.value.settled + add.settled, held: row.value.held + add.held }, minute: null }
}

/** The counters of one batch: each is read once and written once, however many plans move it. */
export interface CounterBatch {
  /** The first ceiling that the adds would break together, or undefined; moves nothing. */
  missed(adds: readonly CounterAdd[]): Answer | undefined
  move(tenantId: string, adds: readonly CounterAdd[]): void
  write(written: () => void): void
}

export function counterBatch(rows: CounterRows, nowMs: number): CounterBatch {
  const loaded = new Map<string, CounterRow>()
  const changed = new Map<string, string>()

  function load(counterId: string): CounterRow {
    let row = loaded.get(counterId)
    if (!row) loaded.set(counterId, (row = rows.get(counterId)))
    return row
  }

  return {
    missed(adds) {
      for (const add of adds) {
        if (add.ceiling === null) continue
        const row = load(add.counterId)
        const after = valueAt(moved(row, add, nowMs), nowMs)
        if (after.settled + after.held <= add.ceiling) continue
        const freesAtMs = row.minute ? (minuteFreesAtMs(row.minute, nowMs) ?? null) : null
        return { kind: 'missed', counterId: add.counterId, value: valueAt(row, nowMs), freesAtMs }
      }
      return undefined
    },
    move(tenantId, adds) {
      for (const add of adds) {
        loaded.set(add.counterId, moved(load(add.counterId), add, nowMs))
        changed.set(add.counterId, tenantId)
      }
    },
    write(written) {
      for (const [counterId, tenantId] of changed) {
        rows.put(counterId, tenantId, loaded.get(counterId)!)
        written()
      }
    },
  }
}
