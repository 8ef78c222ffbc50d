import type { Identity } from './account.ts'
import type { Scope } from './limit.ts'

/** Names that clients choose and that become dimensions of rollups: a tenant gets only so many new ones in a day. */
export interface FewNames {
  /** Whether the model keeps its own name; one that was kept today keeps it all day. */
  keeps(tenantId: string, provider: string, model: string, atMs: number): boolean
}

/** What entries and rollups call a model for which the day has no more room. */
const OTHER_NAME = 'other'

/** Who serves what, as it is called. */
interface Names {
  readonly provider: string
  readonly model: string
}

/**
 * The names that an entry goes by: its own while the day has room for them, else `other`. One that a limit goes by is
 * always kept, so that none is dodged by many others; what stands beside it is not.
 */
export function namesFor(names: FewNames, { tenant, limits }: Identity, own: Names, atMs: number): Names {
  if (names.keeps(tenant.id, own.provider, own.model, atMs)) return own
  const kept = (kind: Scope['kind'], id: string) =>
    limits.some(({ scope }) => scope.kind === kind && scope.id === id) ? id : OTHER_NAME
  return { provider: kept('provider', own.provider), model: kept('model', own.model) }
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
