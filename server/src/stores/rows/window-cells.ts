import type { CounterKey } from '../../core/counter.ts'
import type { SumsQuery, Where } from '../../core/ports/report-store.ts'
import { GRAINS } from '../../core/rollup.ts'
import type { Range } from '../../core/window.ts'

/**
 * What cells know of a counter. They are by when entries happened, and windows by when they were counted: what a window
 * counts is what happened in its whole quarters of an hour, with the entries that were counted in those and happened outside,
 * without those that happened in them and were counted outside, and with what is counted at its edges.
 */
export interface WindowCells {
  /** The whole quarters of the window; empty where cells do not know the scope. */
  readonly whole: Range
  /** What only entries know. There are none in the zones of today, whose days begin on a quarter of an hour. */
  readonly edges: readonly Range[]
}

export function windowCells({ tenantId, scopeKind, scopeId, startMs, endMs }: CounterKey): WindowCells {
  // Of a tenant, only its own cells are read: another's id names nobody here.
  const isKnown = scopeKind === 'tenant' ? scopeId === tenantId : scopeKind !== 'label'
  const firstMs = isKnown ? Math.min(endMs, toQuarter(Math.ceil, Math.max(0, startMs))) : endMs
  const lastMs = Math.max(firstMs, toQuarter(Math.floor, endMs))
  const edges = [
    { startMs, endMs: firstMs },
    { startMs: lastMs, endMs },
  ]
  return { whole: { startMs: firstMs, endMs: lastMs }, edges: edges.filter((edge) => edge.startMs < edge.endMs) }
}

/** Whether entries have to be read for it, however many there are: beside the transaction then (past.ts). A minute has few. */
export function isReadBeside(key: CounterKey): boolean {
  return key.window !== 'minute' && windowCells(key).edges.length > 0
}

function toQuarter(round: (quarters: number) => number, ms: number): number {
  return round(ms / GRAINS.quarter) * GRAINS.quarter
}

/**
 * The question of what happened in the range, in the counter's scope.
 *
 * @param userIds Who has ever used the key, where the counter is of one: of a user, and so of a few, only their own cells are read.
 */
export function happenedIn(range: Range, key: CounterKey, userIds: readonly string[]): SumsQuery {
  const { tenantId, scopeKind, scopeId, window } = key
  const where: Where = {
    ...(scopeKind === 'user' && { userId: scopeId }),
    ...(scopeKind === 'key' && { userId: userIds, keyId: scopeId }),
    ...((scopeKind === 'provider' || scopeKind === 'model') && { [scopeKind]: scopeId }),
  }
  const isPersonal = scopeKind === 'user' || scopeKind === 'key'
  const cube = isPersonal || window === 'lifetime' ? 'account' : 'quality'
  return { tenantId, cube, grain: 'quarter', range, by: [], where, byTime: false }
}

const Q = GRAINS.quarter
/** Of an instant before 1970 the remainder is below zero. */
const quarterOf = (COLUMN: string) => `${COLUMN} - ((${COLUMN} % ${Q}) + ${Q}) % ${Q}`
/** In SQL: counted in another quarter of an hour than that in which it happened. What was no event told later is soon ruled out. */
export const QUARTERS_APART = `counted_at_ms <> occurred_at_ms
  AND ${quarterOf('counted_at_ms')} <> ${quarterOf('occurred_at_ms')}`
/** What finds them, by either of their instants, with the other one beside it. */
export const MAKE_QUARTERS_APART = `
  CREATE INDEX entries_apart_by_counted ON entries (tenant_id, counted_at_ms, occurred_at_ms) WHERE ${QUARTERS_APART};
  CREATE INDEX entries_apart_by_occurred ON entries (tenant_id, occurred_at_ms, counted_at_ms) WHERE ${QUARTERS_APART};`
export const FORGET_QUARTERS_APART = `
  DROP INDEX entries_apart_by_occurred;
  DROP INDEX entries_apart_by_counted;`
