import type { Limit } from './limit.ts'

/** Names that clients choose and that become dimensions of rollups: a tenant gets only so many new ones in a day. */
export interface FewNames {
  /** Whether the model keeps its own name; one that was kept today keeps it all day. */
  keeps(tenantId: string, provider: string, model: string, atMs: number): boolean
}

/** What entries and rollups call a model for which the day has no more room. */
export const OTHER_NAME = 'other'

/** Whether a limit goes by the name: such a one is always kept, so that none is dodged by many others. */
export function isLimitedByName(limits: readonly Limit[], provider: string, model: string): boolean {
  return limits.some(
    ({ scope }) =>
      (scope.kind === 'model' && scope.id === model) || (scope.kind === 'provider' && scope.id === provider),
  )
}

const DAY_MS = 86_400_000

/** Counted by when names arrive: by when calls happened, every day of the past would have room for as many. */
export function fewNames(mostPerDay: number): FewNames {
  const kept = new Map<string, { readonly day: number; readonly names: Set<string> }>()
  return {
    keeps(tenantId, provider, model, atMs) {
      const day = Math.floor(atMs / DAY_MS)
      const before = kept.get(tenantId)
      const today = before?.day === day ? before : { day, names: new Set<string>() }
      kept.set(tenantId, today)
      const name = JSON.stringify([provider, model])
      if (!today.names.has(name) && today.names.size >= mostPerDay) return false
      today.names.add(name)
      return true
    },
  }
}
