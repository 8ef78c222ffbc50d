import type { DatabaseSync } from 'node:sqlite'
import { MOST_SAMPLES_PER_QUARTER, type Refusal, type RefusalBatch, type RefusalCount } from '../../core/refusal.ts'
import type { RefusalSum } from '../../core/ports/report-store.ts'
import { GRAINS } from '../../core/rollup.ts'
import { placeholders } from './columns.ts'
import { type Columns, insertInto, type Row, text, type Value } from './entry-row.ts'

const COLUMNS: Columns<Refusal> = [
  ['tenant_id', (refusal) => refusal.tenantId],
  ['at_ms', (refusal) => refusal.atMs],
  ['refusal_id', (refusal) => refusal.id],
  ['call_id', (refusal) => refusal.callId],
  ['user_id', (refusal) => refusal.userId],
  ['key_id', (refusal) => refusal.keyId],
  ['provider', (refusal) => refusal.provider],
  ['model', (refusal) => refusal.model],
  ['code', (refusal) => refusal.code],
  ['limit_id', (refusal) => refusal.limitId],
  ['shadow', (refusal) => (refusal.shadow ? 1 : 0)],
  ['message', (refusal) => refusal.message],
  ['details', (refusal) => JSON.stringify(refusal.details)],
]
const COUNT_COLUMNS = ['tenant_id', 'start_ms', 'user_id', 'model', 'code', 'limit_id', 'shadow']

/** The refusals of one batch: equal counts become one, and samples are put as long as their quarter has room. */
export interface RefusalRows {
  add(refusals: RefusalBatch): void
  write(written: () => void): void
}

export function refusalRows(database: DatabaseSync): () => RefusalRows {
  const insert = database.prepare(`${insertInto('refusals', COLUMNS)} ON CONFLICT DO NOTHING`)
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
          insert.run(...COLUMNS.map(([, value]) => value(sample)))
          written()
        }
      },
    }
  }
}

/** The values of COUNT_COLUMNS. */
function countValues({ tenantId, startMs, userId, model, code, limitId, shadow }: RefusalCount): Value[] {
  return [tenantId, startMs, userId, model ?? '', code, limitId ?? '', shadow ? 1 : 0]
}

export function refusalFrom(row: Row): Refusal {
  return {
    id: text(row.refusal_id),
    callId: text(row.call_id),
    atMs: Number(row.at_ms),
    tenantId: text(row.tenant_id),
    userId: text(row.user_id),
    keyId: text(row.key_id),
    provider: row.provider as string | null,
    model: row.model as string | null,
    code: row.code as Refusal['code'],
    limitId: row.limit_id as string | null,
    shadow: row.shadow === 1n,
    message: text(row.message),
    details: JSON.parse(text(row.details)) as Refusal['details'],
  }
}

export function refusalSumFrom(row: Row): RefusalSum {
  return {
    tenantId: text(row.tenant_id),
    userId: text(row.user_id),
    model: text(row.model) || null,
    code: row.code as RefusalSum['code'],
    limitId: text(row.limit_id) || null,
    shadow: row.shadow === 1n,
    count: Number(row.count),
  }
}
