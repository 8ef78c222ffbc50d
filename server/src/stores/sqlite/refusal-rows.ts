import type { DatabaseSync } from 'node:sqlite'
import { MOST_SAMPLES_PER_QUARTER, type Refusal, type RefusalBatch } from '../../core/refusal.ts'
import { GRAINS } from '../../core/rollup.ts'
import type { Value } from '../rows/columns.ts'
import { COUNT_COLUMNS, countValues, REFUSAL_COLUMNS } from '../rows/refusal-row.ts'
import { insertInto, placeholders, valuesOf } from './insert.ts'

/** The refusals of one batch: equal counts become one, and samples are put as long as their quarter has room. */
export interface RefusalRows {
  add(refusals: RefusalBatch): void
  write(written: () => void): void
}

export function refusalRows(database: DatabaseSync): () => RefusalRows {
  const insert = database.prepare(`${insertInto('refusals', REFUSAL_COLUMNS)} ON CONFLICT DO NOTHING`)
  const samplesFrom = database.prepare(
    'SELECT count(*) AS samples FROM refusals WHERE tenant_id = ? AND at_ms >= ? AND at_ms < ?',
  )
  const upsertCount = database.prepare(`
    INSERT INTO refusal_counts (${COUNT_COLUMNS.join(', ')}, count) VALUES ${placeholders(COUNT_COLUMNS.length + 1)}
    ON CONFLICT (${COUNT_COLUMNS.join(', ')}) DO UPDATE SET count = count + excluded.count`)

  function hasRoom({ tenantId, atMs }: Refusal): boolean {
    const startMs = Math.floor(atMs / GRAINS.quarter) * GRAINS.quarter
    const { samples } = samplesFrom.get(tenantId, startMs, startMs + GRAINS.quarter) as { samples: number }
    return samples < MOST_SAMPLES_PER_QUARTER
  }

  return () => {
    const counts = new Map<string, { readonly values: readonly Value[]; count: number }>()
    const samples: Refusal[] = []
    return {
      add(refusals) {
        for (const one of refusals.counts) {
          const values = countValues(one)
          const id = JSON.stringify(values)
          const there = counts.get(id)
          if (there) there.count += one.count
          else counts.set(id, { values, count: one.count })
        }
        samples.push(...refusals.samples)
      },
      write(written) {
        for (const { values, count } of counts.values()) {
          upsertCount.run(...values, count)
          written()
        }
        for (const sample of samples) {
          if (!hasRoom(sample)) continue
          insert.run(...valuesOf(REFUSAL_COLUMNS, sample))
          written()
        }
      },
    }
  }
}
