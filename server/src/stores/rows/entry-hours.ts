import type { EntryQuery } from '../../core/ports/report-store.ts'
import { GRAINS } from '../../core/rollup.ts'
import { FOREVER_MS, type Range } from '../../core/window.ts'
import { DIMENSION_COLUMNS, numberOrNull, type Row, type Value } from './columns.ts'

/** An hour with entries such as are looked for, and how many; the newest comes first. */
interface Hour {
  readonly startMs: number
  readonly entries: number
}

/** Of so few hours all entries are read in order: that ends at the page's last row, however many there are. */
const FEW_HOURS = 3

/** What cells of the cube `quality` know of a question about entries; undefined where that does not say which there are. */
export function cellsAsked(
  query: EntryQuery,
): { names: string[]; values: Value[]; fromMs: number; toMs: number } | undefined {
  const { userId, keyId, callId, quarantined, provider, model, outcome, evidence, range, before } = query
  if ([userId, keyId, callId, quarantined].some((value) => value !== undefined)) return undefined
  const asked = Object.entries({ provider, model, outcome, evidence }).filter(([, value]) => value !== undefined)
  if (asked.length === 0) return undefined
  return {
    names: asked.map(([name]) => DIMENSION_COLUMNS[name as keyof typeof DIMENSION_COLUMNS]),
    values: asked.map(([, value]) => value as Value),
    fromMs: (range?.startMs ?? -FOREVER_MS) - GRAINS.hour,
    toMs: Math.min(range?.endMs ?? FOREVER_MS, (before?.occurredAtMs ?? FOREVER_MS) + 1),
  }
}

export function hourFrom(row: Row): Hour {
  return { startMs: numberOrNull(row.start_ms)!, entries: Number(row.entries) }
}

/**
 * Where the page's entries are, hour by hour or as one range from the oldest hour on. The newest hour may hold entries that are
 * newer than the page: it counts for nothing.
 */
export function rangesOf(hours: readonly Hour[], limit: number): Range[] {
  const needed: Hour[] = []
  let sure = 0
  for (const hour of hours) {
    if (sure >= limit) break
    if (needed.length > 0) sure += hour.entries
    needed.push(hour)
  }
  const ranges = needed.map(({ startMs }) => ({ startMs, endMs: startMs + GRAINS.hour }))
  const [newest] = ranges
  const oldest = ranges.at(-1)
  return newest && oldest && ranges.length <= FEW_HOURS ? [{ startMs: oldest.startMs, endMs: newest.endMs }] : ranges
}
