import { counterIdOf } from '../core/counter.ts'
import { type Crossing, crossed } from '../core/crossing.ts'
import type { ChannelName } from '../core/delivery.ts'
import type { Limit } from '../core/limit.ts'
import type { LedgerStore } from '../core/ports/ledger-store.ts'
import type { GroupCommit } from './group-commit.ts'

/** What this process remembers of crossings that are written; what it forgets is written again, to no effect. */
const MOST_REMEMBERED = 100_000

/**
 * Writes the thresholds that limits have crossed, each once for each window. It looks at how things stand and not at
 * what moved, so that whatever was missed when a process died is found by the next call. Over these channels people
 * are to be told of each, which is written in the same commit.
 */
export function thresholds(
  commits: GroupCommit,
  store: Pick<LedgerStore, 'counter'>,
  tellOver: readonly ChannelName[],
) {
  const written = new Set<string>()

  async function news(limit: Limit, atMs: number): Promise<Crossing[]> {
    const counterId = counterIdOf(limit, atMs)
    const value = await store.counter(counterId, atMs)
    return crossed(limit, counterId, value, atMs).filter(({ id }) => !written.has(id))
  }
  return async (limits: readonly Limit[], atMs: number): Promise<void> => {
    // A sliding minute has no window in which a threshold could be crossed once.
    const watched = limits.filter(({ thresholds: some, window }) => some?.length && window.kind !== 'minute')
    if (watched.length === 0) return
    const crossings = (await Promise.all(watched.map((limit) => news(limit, atMs)))).flat()
    const [first] = crossings
    if (!first) return
    await commits.submit({ tenantId: first.tenantId, adds: [], rollups: [], crossings, tellOver })
    if (written.size > MOST_REMEMBERED) written.clear()
    for (const { id } of crossings) written.add(id)
  }
}
