import { counterIdOf } from '../core/counter.ts'
import type { ChannelName } from '../core/delivery.ts'
import { PublicError, StoreUnavailable } from '../core/errors.ts'
import type { Hold, HoldEnd } from '../core/hold.ts'
import type { Limit } from '../core/limit.ts'
import type { Refusal } from '../core/refusal.ts'
import type { KnownRefusals } from '../core/ports/known-refusals.ts'
import type { LedgerStore } from '../core/ports/ledger-store.ts'
import type { Verdict } from '../core/ports/simulation.ts'
import type { Price } from '../core/price.ts'
import { endHold, type Ended } from './end.ts'
import { type FailOpen, type FailOpenOptions, openFailOpen } from './fail-open.ts'
import { groupCommit } from './group-commit.ts'
import { withKnownRefusals } from './known-refusals.ts'
import { keepLease } from './lease.ts'
import { type IngestedEvent, isHard, planIngest } from './plans.ts'
import { withPricesOnce } from './prices-once.ts'
import { refusals } from './refusals.ts'
import { type Obstacle, reserve, type Reserved, type ReserveRequest } from './reserve.ts'
import { shadowObstacles } from './shadows.ts'
import { thresholds } from './thresholds.ts'
import { verdicts } from './verdicts.ts'
import { sweep } from './sweep.ts'

/** The verbs of the ledger. Everything they promise is in README.md beside this file. */
export interface Ledger {
  readonly writerId: string
  reserve(request: ReserveRequest): Promise<Reserved>
  /**
   * What follows where `reserve` rejected: the attempt goes without the ledger, where it may, and is booked later. Else it throws
   * why not, most often the cause.
   */
  letThrough(request: ReserveRequest, cause: unknown): Promise<Held>
  /** What `reserve` would answer now, by the same code, and how each limit stands to it. Changes nothing. */
  wouldReserve(request: ReserveRequest): Promise<{ readonly reserved: Reserved; readonly verdicts: readonly Verdict[] }>
  /** Counts a call that was not admitted, and keeps it as a sample. Nobody waits for it. */
  refuse(refusal: Refusal): void
  /** What limits in shadow mode would have refused. */
  shadowObstacles(hold: Hold, limits: readonly Limit[]): Promise<readonly Obstacle[]>
  /** Writes the thresholds that these limits have crossed. */
  watch(limits: readonly Limit[], atMs: number): Promise<void>
  end(hold: Hold, end: HoldEnd, prices?: readonly Price[]): Promise<Ended>
  /** Books what happened elsewhere, once per ingest key. Throws `conflict` where the id was used for another event. */
  ingest(event: IngestedEvent): Promise<Ingested>
  /** What the user's own hard token limits leave, undefined where there is none. */
  remainingTokens(limits: readonly Limit[], atMs: number): Promise<bigint | undefined>
  /** Ends the holds of dead writers; answers how many. */
  sweep(): Promise<number>
  /** The last commit failed, so the next may fail too. */
  readonly isFailing: boolean
  /** Calls that went without the ledger; undefined where none may and none did. */
  readonly failOpen: Pick<FailOpen, 'depth' | 'hasRoom'> | undefined
  /** Waits until everything queued is committed, then lets go of the lease. */
  close(): Promise<void>
}

export type Held = Extract<Reserved, { kind: 'held' }>

export type Ingested =
  | { readonly kind: 'ingested' | 'duplicate'; readonly entryId: string }
  /** The tenant's limits or keys have changed since they were read. */
  | { readonly kind: 'stale' }

export interface LedgerOptions {
  readonly store: LedgerStore
  /** Unique for each process that writes. */
  readonly writerId: string
  readonly leaseMs: number
  /** Over what people are told of thresholds that are crossed from now on. */
  readonly tellOver?: readonly ChannelName[]
  /** What spares the store the calls beyond a full minute, where there is something. */
  readonly knownRefusals?: KnownRefusals | undefined
  /** Lets calls through while the store cannot be reached, where that is wanted. */
  readonly failOpen?: FailOpenOptions | undefined
  /** Told after each commit of this process. */
  readonly onCommitted: () => void
  /** Told of failures of the work that nobody waits for: renewing the lease and sweeping. */
  readonly onError: (error: unknown) => void
}

/** Opens the ledger for writing: takes a lease, and from then on sweeps up after writers that died. */
export async function openLedger(options: LedgerOptions): Promise<Ledger> {
  const { store, writerId, leaseMs, tellOver = [], knownRefusals, onCommitted, onError } = options
  const commits = withPricesOnce(groupCommit(store, writerId, onCommitted))
  const refused = refusals(commits, onError)
  const watch = thresholds(commits, store, tellOver)
  const admit = withKnownRefusals(commits.submit, knownRefusals)
  const failOpen = options.failOpen && (await openFailOpen({ ...options.failOpen, commits, store, watch, leaseMs }))
  const lease = await keepLease({ store, writerId, leaseMs, onError, everyRenewal: () => sweep(commits, store) })

  return {
    writerId,
    reserve: (request) => reserve(admit, writerId, request),
    async letThrough(request, cause) {
      if (!failOpen || !(cause instanceof StoreUnavailable)) throw cause
      const reserved = await reserve((plan) => failOpen.admit(plan, cause), writerId, request)
      if (reserved.kind !== 'held') throw cause
      return reserved
    },
    failOpen,
    async wouldReserve(request) {
      const reserved = await reserve(store.check, writerId, request)
      return { reserved, verdicts: await verdicts(store, request, reserved) }
    },
    refuse: refused.add,
    shadowObstacles: (hold, limits) => shadowObstacles(store, hold, limits),
    watch,
    end: (hold, end, prices = []) =>
      failOpen?.has(hold.id) ? failOpen.end(hold, end, prices) : endHold(commits, store, hold, end, prices),
    async ingest(event) {
      const { entry, key } = event
      const answer = await commits.submit(planIngest(event))
      if (answer.kind === 'committed') {
        watch(event.limits, entry.countedAtMs).catch(onError)
        return { kind: 'ingested', entryId: entry.id }
      }
      if (answer.kind === 'stale') return { kind: 'stale' }
      if (answer.kind !== 'duplicate') throw new Error(`an ingest was answered ${answer.kind}`)
      if (answer.digest === key.digest) return { kind: 'duplicate', entryId: answer.entryId }
      throw new PublicError('conflict', `The id ${key.id} of source ${key.source} was used for another event.`, {
        field: 'id',
      })
    },
    remainingTokens: (limits, atMs) => remainingTokens(store, limits, atMs),
    sweep: () => sweep(commits, store),
    get isFailing() {
      return commits.isFailing
    },
    async close() {
      await lease.release()
      await failOpen?.close()
      await refused.flush()
      await commits.drained()
    },
  }
}

async function remainingTokens(
  store: LedgerStore,
  limits: readonly Limit[],
  atMs: number,
): Promise<bigint | undefined> {
  let least: bigint | undefined
  for (const limit of limits) {
    if (limit.scope.kind !== 'user' || limit.metric !== 'tokens' || !isHard(limit)) continue
    const { settled, held } = await store.counter(counterIdOf(limit, atMs), atMs)
    const left = limit.amount - settled - held
    if (least === undefined || left < least) least = left > 0n ? left : 0n
  }
  return least
}
