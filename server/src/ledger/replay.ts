import type { TenantLimits } from '../core/account.ts'
import { counterIdOf } from '../core/counter.ts'
import { StoreUnavailable } from '../core/errors.ts'
import type { Hold } from '../core/hold.ts'
import { applying, type Limit } from '../core/limit.ts'
import type { LedgerStore } from '../core/ports/ledger-store.ts'
import type { SpooledEnd } from '../core/ports/spool.ts'
import type { GroupCommit } from './group-commit.ts'
import { planSpooled } from './plans.ts'

/** Limits, or the hold of a lost answer, may change between being read and the commit. */
const MOST_TRIES = 20

/** What booking needs, chosen and wired elsewhere. */
export interface Replay {
  readonly commits: Pick<GroupCommit, 'submit'>
  readonly store: Pick<LedgerStore, 'hold' | 'entry'>
  readonly limitsOf: (tenantId: string) => Promise<TenantLimits>
  readonly nowMs: () => number
}

/**
 * Books a call that was let through without the ledger, once: its id is the entry's, which a store takes only once. Answers the
 * limits that it counted in; undefined where it was there already. Rejects with StoreUnavailable.
 */
export async function bookSpooled(
  { commits, store, limitsOf, nowMs }: Replay,
  { entry, prices }: SpooledEnd,
  intent: Hold | undefined,
): Promise<readonly Limit[] | undefined> {
  for (let tries = 0; tries < MOST_TRIES; tries++) {
    const { limits: all, tenantVersion } = await limitsOf(entry.tenantId)
    const limits = applying(all, entry)
    // Where the answer to its reserve was lost, what that set aside may be there: then this is its end.
    const hold = await store.hold(entry.id)
    const counted = limits.filter((limit) => isCounted(limit, entry.countedAtMs, nowMs(), intent))
    const answer = await commits.submit(planSpooled({ entry, prices, hold, limits: counted, tenantVersion }))
    if (answer.kind === 'committed') return counted
    if (answer.kind !== 'stale') throw new Error(`a spooled call was answered ${answer.kind}`)
    if (answer.what === 'hold' && (await store.entry(entry.id))) return undefined
  }
  throw new StoreUnavailable(`the call ${entry.id} could not be booked: others are always quicker`)
}

/**
 * Whether the limit's counter of that instant has everything else that belongs into it: it is the one of now, which was filled
 * when the limit came, or it was there when the call was admitted.
 */
function isCounted(limit: Limit, atMs: number, nowMs: number, intent: Hold | undefined): boolean {
  const id = counterIdOf(limit, atMs)
  return intent?.counters.includes(id) === true || id === counterIdOf(limit, nowMs)
}
