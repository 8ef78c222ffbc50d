import type { Plan } from '../core/plan.ts'
import type { LedgerStore } from '../core/ports/ledger-store.ts'

export interface StoreObserver {
  /** These plans of one batch are durable. */
  committed(plans: readonly Plan[], durationMs: number): void
  storeFailed(): void
}

/** A store that tells how it is doing, and how many holds this process has open. */
export interface ObservedStore extends LedgerStore {
  readonly openHolds: () => number
}

export function observedStore(store: LedgerStore, observer: StoreObserver): ObservedStore {
  const holds = new Set<string>()
  return {
    ...store,
    openHolds: () => holds.size,
    async commit(writerId, plans) {
      const startedAtMs = performance.now()
      try {
        const answers = await store.commit(writerId, plans)
        const committed = plans.filter((_plan, index) => answers[index]?.kind === 'committed')
        for (const { open, end } of committed) {
          if (open) holds.add(open.id)
          if (end) holds.delete(end.id)
        }
        observer.committed(committed, performance.now() - startedAtMs)
        return answers
      } catch (error) {
        observer.storeFailed()
        throw error
      }
    },
  }
}
