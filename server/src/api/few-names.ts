/** Names that clients choose and that become dimensions of rollups: a tenant gets only so many new ones in a day. */
export interface FewNames {
  /** Whether the model keeps its own name; one that was kept today keeps it all day. */
  keeps(tenantId: string, provider: string, model: string, atMs: number): boolean
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
