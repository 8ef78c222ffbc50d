import type { Hold } from '../../core/hold.ts'
import { type Columns, type Row, text } from './columns.ts'
import { ATTEMPT_COLUMNS, attemptFrom } from './entry-row.ts'

export const HOLD_COLUMNS: Columns<Hold> = [
  ['hold_id', (hold) => hold.id],
  ['writer_id', (hold) => hold.writerId],
  ['version', (hold) => hold.version],
  ...ATTEMPT_COLUMNS,
  ['counted_at_ms', (hold) => hold.countedAtMs],
  ['bound_input_tokens', ({ bound }) => bound?.inputTokens ?? null],
  ['bound_output_tokens', ({ bound }) => bound?.outputTokens ?? null],
  ['bound_cost_nano_usd', (hold) => hold.boundCostNanoUsd],
  ['price_version', (hold) => hold.priceVersion],
  ['counters', (hold) => hold.counters.join(' ')],
]

export function holdFrom(row: Row): Hold {
  return {
    id: text(row.hold_id),
    writerId: text(row.writer_id),
    version: Number(row.version),
    ...attemptFrom(row),
    countedAtMs: Number(row.counted_at_ms),
    bound:
      row.bound_input_tokens === null
        ? null
        : { inputTokens: Number(row.bound_input_tokens), outputTokens: Number(row.bound_output_tokens) },
    boundCostNanoUsd: row.bound_cost_nano_usd as bigint | null,
    priceVersion: row.price_version as string | null,
    counters: countersFrom(row.counters),
  }
}

function countersFrom(counters: Row[string] | undefined): string[] {
  return counters === '' ? [] : text(counters).split(' ')
}
