import type { Refusal, RefusalCount } from '../core/refusal.ts'
import { GRAINS } from '../core/rollup.ts'
import type { GroupCommit } from './group-commit.ts'
import { fairSamples, type Samples } from './samples.ts'

/** Refusals come in floods, and nobody waits for them: they are written together, this often. */
const EVERY_MS = 250
const SAMPLES_PER_WRITE = 20

/** Counts refusals, and keeps some of them with their reasons. A crash loses those of the last moment. */
export interface Refusals {
  add(refusal: Refusal): void
  /** Writes what is waiting. */
  flush(): Promise<void>
}

interface Waiting {
  readonly counts: Map<string, RefusalCount>
  readonly samples: Samples
}

export function refusals(commits: GroupCommit, onError: (error: unknown) => void): Refusals {
  let byTenant = new Map<string, Waiting>()
  let timer: NodeJS.Timeout | undefined

  async function flush(): Promise<void> {
    clearTimeout(timer)
    timer = undefined
    const waiting = byTenant
    byTenant = new Map()
    for (const [tenantId, { counts, samples }] of waiting)
      await commits.submit({
        tenantId,
        adds: [],
        rollups: [],
        refusals: { counts: [...counts.values()], samples: samples.kept() },
      })
  }
  return {
    add(refusal) {
      const { tenantId } = refusal
      const waiting: Waiting = byTenant.get(tenantId) ?? {
        counts: new Map(),
        samples: fairSamples(SAMPLES_PER_WRITE),
      }
      byTenant.set(tenantId, waiting)
      count(waiting.counts, refusal)
      waiting.samples.add(refusal)
      timer ??= setTimeout(() => void flush().catch(onError), EVERY_MS)
    },
    flush,
  }
}

function count(counts: Map<string, RefusalCount>, refusal: Refusal): void {
  const { tenantId, userId, model, code, limitId, shadow, atMs } = refusal
  const startMs = Math.floor(atMs / GRAINS.quarter) * GRAINS.quarter
  const key = JSON.stringify([userId, model, code, limitId, shadow, startMs])
  const before = counts.get(key)?.count ?? 0
  counts.set(key, { tenantId, userId, model, code, limitId, shadow, startMs, count: before + 1 })
}
