import type { Limit, Metric, ScopeKind } from './limit.ts'
import { rangeAt, type Window } from './window.ts'

/**
 * What a counter counts: a metric of a scope in [startMs, endMs). It belongs to what it counts, not to a limit, so that
 * an edited limit finds what was already used. A sliding minute has one counter for all time, kept in sub-buckets.
 */
export interface CounterKey {
  readonly tenantId: string
  readonly scopeKind: ScopeKind
  readonly scopeId: string
  readonly metric: Metric
  readonly window: Window['kind']
  readonly startMs: number
  readonly endMs: number
}

/** What was used and what is set aside. Nothing is ever admitted beyond settled + held. */
export interface CounterValue {
  readonly settled: bigint
  readonly held: bigint
}

/** The counter that a limit reads at an instant. */
export function counterOf(limit: Limit, atMs: number): CounterKey {
  const { startMs, endMs } = rangeAt(limit.window, atMs)
  return {
    tenantId: limit.tenantId,
    scopeKind: limit.scope.kind,
    scopeId: limit.scope.id,
    metric: limit.metric,
    window: limit.window.kind,
    startMs,
    endMs,
  }
}

/** The id of the counter that a limit reads at an instant, remembered, since every call asks for the same few. */
export function counterIdOf(limit: Limit, atMs: number): string {
  const { startMs } = rangeAt(limit.window, atMs)
  const last = lastIds.get(limit)
  if (last?.startMs === startMs) return last.id
  const id = counterId(counterOf(limit, atMs))
  lastIds.set(limit, { startMs, id })
  return id
}
const lastIds = new WeakMap<Limit, { readonly startMs: number; readonly id: string }>()

/** A counter's key as text: unambiguous, since ids are escaped, and the primary key in every store. */
export function counterId(key: CounterKey): string {
  const parts = [key.tenantId, key.scopeKind, key.scopeId, key.metric, key.window, key.startMs, key.endMs]
  return parts.map((part) => encodeURIComponent(part)).join('/')
}

/** The metric of a counter, and whether it is a sliding minute: all that its moves ask of its id. */
export function metricOf(id: string): Metric {
  return id.split('/', 4)[3] as Metric
}
export function isMinute(id: string): boolean {
  return id.split('/', 5)[4] === 'minute'
}

/** The inverse of counterId. */
export function parseCounterId(id: string): CounterKey {
  const [tenantId, scopeKind, scopeId, metric, window, startMs, endMs] = id.split('/').map(decodeURIComponent)
  return { tenantId, scopeKind, scopeId, metric, window, startMs: Number(startMs), endMs: Number(endMs) } as CounterKey
}
