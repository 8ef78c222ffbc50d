import type { Entry } from '../core/entry.ts'
import type { AlreadyEnded, Hold, HoldEnd } from '../core/hold.ts'
import type { Price } from '../core/price.ts'
import type { LedgerStore } from '../core/ports/ledger-store.ts'
import type { GroupCommit } from './group-commit.ts'
import { planEnd } from './plans.ts'

export type Ended = { readonly kind: 'ended'; readonly entry: Entry } | AlreadyEnded

/**
 * Ends a hold once. Where somebody ended it before, nothing changes and the answer says how. The promise stays open
 * through any failure of the store: an end is never lost while the process lives.
 */
export async function endHold(
  commits: GroupCommit,
  store: LedgerStore,
  hold: Hold,
  end: HoldEnd,
  prices: readonly Price[],
): Promise<Ended> {
  for (let current = hold; ;) {
    const plan = planEnd(current, end, prices)
    const answer = await commits.submitUntilAnswered(plan)
    if (answer.kind === 'committed') return { kind: 'ended', entry: plan.entry }
    if (answer.kind !== 'stale') throw new Error(`the end of a hold was answered ${answer.kind}`)
    // A new limit has moved the hold, or the hold has ended.
    const moved = await store.hold(hold.id)
    if (!moved) return { kind: 'already_ended', as: await endingOf(store, hold.id) }
    current = moved
  }
}

async function endingOf(store: LedgerStore, holdId: string): Promise<AlreadyEnded['as']> {
  const entry = await store.entry(holdId)
  if (!entry) throw new Error(`hold ${holdId} is neither open nor ended`)
  return entry.ending
}
