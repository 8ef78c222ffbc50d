import type { RefusalSum, ReportStore } from '../../core/ports/report-store.ts'
import { MOST_SAMPLES_PER_QUARTER, reasonsOf, type Refusal, type RefusalBatch } from '../../core/refusal.ts'
import { GRAINS } from '../../core/rollup.ts'
import type { Range } from '../../core/window.ts'
import { keyOf, type State } from './reference-state.ts'

/** Counts all refusals, and keeps the samples that their quarter of an hour has room for. */
export function refuse({ refusals, refusalCounts }: State, { counts, samples }: RefusalBatch): void {
  for (const { count, ...of } of counts) {
    const id = JSON.stringify(of, Object.keys(of).toSorted())
    refusalCounts.set(id, { ...of, count: (refusalCounts.get(id)?.count ?? 0) + count })
  }
  for (const sample of samples) {
    const id = keyOf(sample.tenantId, sample.id)
    const beside = [...refusals.values()].filter(
      ({ tenantId, atMs }) => tenantId === sample.tenantId && quarterOf(atMs) === quarterOf(sample.atMs),
    )
    if (!refusals.has(id) && beside.length < MOST_SAMPLES_PER_QUARTER) refusals.set(id, sample)
  }
}

/** What reports ask of refusals and crossings. */
export function referenceRefusals(
  now: () => State,
): Pick<ReportStore, 'refusals' | 'refusalCounts' | 'refusalReasons' | 'crossings'> {
  return {
    async refusals({ tenantId, limit, before, userId, code, callId }) {
      return [...now().refusals.values()]
        .filter((refusal) => refusal.tenantId === tenantId)
        .filter((refusal) => userId === undefined || refusal.userId === userId)
        .filter((refusal) => code === undefined || refusal.code === code)
        .filter((refusal) => callId === undefined || refusal.callId === callId)
        .filter((refusal) => !before || isNewer(before, refusal))
        .toSorted((a, b) => (isNewer(a, b) ? -1 : 1))
        .slice(0, limit)
    },
    refusalCounts: async (tenantId, range) => sumsIn(now(), tenantId, range),
    refusalReasons: async ({ tenantId, range, ...of }) => reasonsOf(sumsIn(now(), tenantId, range), of),
    async crossings(tenantId, limit) {
      const own = [...now().crossings.values()].filter((crossing) => crossing.tenantId === tenantId)
      return own.toSorted((a, b) => (isNewer(a, b) ? -1 : 1)).slice(0, limit)
    },
  }
}

function quarterOf(atMs: number): number {
  return Math.floor(atMs / GRAINS.quarter)
}

/** Whether a comes before b where the newest come first. */
function isNewer(a: Pick<Refusal, 'atMs' | 'id'>, b: Pick<Refusal, 'atMs' | 'id'>): boolean {
  return a.atMs > b.atMs || (a.atMs === b.atMs && a.id > b.id)
}

function sumsIn({ refusalCounts }: State, tenantId: string, range: Range): RefusalSum[] {
  const sums = new Map<string, RefusalSum>()
  for (const { startMs, count, ...of } of refusalCounts.values()) {
    if (of.tenantId !== tenantId || startMs < range.startMs || startMs >= range.endMs) continue
    const id = JSON.stringify([of.userId, of.model, of.code, of.limitId, of.shadow])
    sums.set(id, { ...of, count: (sums.get(id)?.count ?? 0) + count })
  }
  return [...sums.values()]
}
