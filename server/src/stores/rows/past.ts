import { type Row, text } from './columns.ts'

/**
 * What counters of new limits start from where that takes long to read (window-cells.ts): all of one instant, read before the
 * transaction that puts the limits, while everybody commits. Entries never change and each writer's sequence has no gap, so the
 * transaction adds those beyond the sequences, and the sum is exact.
 */
export interface Past {
  /** What was settled, by the ids of the counters. */
  readonly settled: ReadonlyMap<string, bigint>
  /** The last sequence of each writer. */
  readonly sequences: ReadonlyMap<string, number>
}

export const NO_PAST: Past = { settled: new Map(), sequences: new Map() }

/** A writer's entries beyond a sequence. */
export interface Unseen {
  readonly writerId: string
  readonly after: number
}

export const SELECT_SEQUENCES = 'SELECT writer_id, seq FROM writers'

export function sequencesFrom(rows: readonly Row[]): Map<string, number> {
  return new Map(rows.map((row) => [text(row.writer_id), Number(row.seq)]))
}

/** What the past has not seen, by the sequences of now. */
export function unseen({ sequences }: Past, now: ReadonlyMap<string, number>): Unseen[] {
  return [...now]
    .map(([writerId, seq]) => ({ writerId, seq, after: sequences.get(writerId) ?? 0 }))
    .filter(({ seq, after }) => seq > after)
}
