import type { LedgerStore } from '../core/ports/ledger-store.ts'
import { endHold } from './end.ts'
import type { GroupCommit } from './group-commit.ts'

const HOLDS_PER_SWEEP = 500

/**
 * Ends the holds of writers whose lease ran out: each at its bound, since nobody knows any more what it used. Any
 * number of processes may sweep at once; each hold still ends once.
 */
export async function sweep(commits: GroupCommit, store: LedgerStore): Promise<number> {
  const orphans = await store.orphanedHolds(HOLDS_PER_SWEEP)
  const ends = await Promise.all(orphans.map((hold) => endHold(commits, store, hold, { kind: 'expire' }, [])))
  return ends.filter((end) => end.kind === 'ended').length
}
