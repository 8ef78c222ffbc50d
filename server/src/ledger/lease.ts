import type { LedgerStore } from '../core/ports/ledger-store.ts'

/** Renewed this many times within its length, so that one lost renewal kills nobody. */
const RENEWALS_PER_LEASE = 3

/**
 * Keeps a writer's lease alive, and does a chore after every renewal, never twice at once. After an outage it does none for as
 * long as a lease lasts: whoever could not renew its own says nothing by those of others that have run out too.
 */
export async function keepLease(options: {
  readonly store: Pick<LedgerStore, 'renewLease'>
  readonly writerId: string
  readonly leaseMs: number
  readonly everyRenewal: () => Promise<unknown>
  readonly onError: (error: unknown) => void
}): Promise<{ release(): Promise<void> }> {
  const { store, writerId, leaseMs, everyRenewal, onError } = options
  await store.renewLease(writerId, leaseMs)
  let round = Promise.resolve()
  let renewalsToWait = 0
  const renew = async () => {
    try {
      await store.renewLease(writerId, leaseMs)
      if (renewalsToWait > 0) renewalsToWait--
      else await everyRenewal()
    } catch (error) {
      renewalsToWait = RENEWALS_PER_LEASE
      onError(error)
    }
  }
  const timer = setInterval(() => {
    round = round.then(renew)
  }, leaseMs / RENEWALS_PER_LEASE)
  timer.unref()
  return {
    /** The lease is left to run out: holds that are still open stay this writer's until then. */
    async release() {
      clearInterval(timer)
      await round
    },
  }
}
