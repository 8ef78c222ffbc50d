import type { CounterValue } from '../counter.ts'
import type { PlacedEntry } from '../entry.ts'
import type { Hold } from '../hold.ts'
import type { Answer, Plan } from '../plan.ts'

/** Where the ledger is kept. Every method rejects with StoreUnavailable where the engine cannot answer. */
export interface LedgerStore {
  /** The most plans that one commit takes. */
  readonly maxPlansPerCommit: number

  /**
   * Commits plans in order, durably, each whole or not at all, and answers each. Where an engine cannot commit so much at
   * once, fewer are answered, at least the first: those after them were not tried. Where it rejects, none of them
   * happened. Entries get consecutive sequences of the writer; a plan that is not committed uses none.
   */
  commit(writerId: string, plans: readonly Plan[]): Promise<readonly Answer[]>

  /** What `commit` would answer to the plan now, but no sequence: nothing is changed, and nothing is promised. */
  check(plan: Plan): Promise<Answer>

  counter(counterId: string, nowMs: number): Promise<CounterValue>
  hold(id: string): Promise<Hold | undefined>
  entry(id: string): Promise<PlacedEntry | undefined>

  /** Takes or renews a writer's lease, for so long from now on the store's own clock. */
  renewLease(writerId: string, ttlMs: number): Promise<void>
  /** Up to `limit` open holds of writers whose lease has run out on the store's clock. */
  orphanedHolds(limit: number): Promise<readonly Hold[]>

  /**
   * Something that changes whenever any process has committed what people can see, which leases and settings are not:
   * compared, never ordered.
   */
  watermark(): Promise<string>
  close(): Promise<void>
}
