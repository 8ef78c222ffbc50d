import type { TenantLimits } from '../core/account.ts'
import { PublicError, type StoreUnavailable } from '../core/errors.ts'
import { type Hold, type HoldEnd, spooledEntryOf } from '../core/hold.ts'
import type { Answer, Plan } from '../core/plan.ts'
import type { Spool, SpooledEnd } from '../core/ports/spool.ts'
import type { Price } from '../core/price.ts'
import type { Ended } from './end.ts'
import { type BookedNews, type BookingOptions, delay, spooledCalls } from './spooled-calls.ts'

/** What lets calls through while the ledger cannot be reached, and how many. */
export interface FailOpenOptions {
  readonly spool: Spool
  /** How many calls of a tenant may have gone without the ledger and not be in it yet; 0 lets none through. */
  readonly mostCalls: (tenantId: string) => number
  readonly limitsOf: (tenantId: string) => Promise<TenantLimits>
  readonly nowMs: () => number
  readonly told: FailOpenNews
  /** Told of what goes wrong with the spool, or with calls in it, and is tried again. */
  readonly onError: (error: unknown) => void
}

/** For logs and metrics. Nothing that listens may throw. */
export interface FailOpenNews extends BookedNews {
  /** A first call goes without the ledger. */
  began(mostCalls: number): void
  /** So many calls of processes that died, or stopped, were found. */
  found(calls: number): void
}

/** The calls that went without the ledger, and those that still may. */
export interface FailOpen {
  readonly depth: number
  hasRoom(tenantId: string): boolean
  /** Opens the plan's hold in the spool, as durably as the ledger would. Throws, mostly the cause, where it may not go. */
  admit(plan: Plan, cause: StoreUnavailable): Promise<Answer>
  has(holdId: string): boolean
  end(hold: Hold, end: HoldEnd, prices: readonly Price[]): Promise<Ended>
  close(): Promise<void>
}

const RETRY_MS = 500
const SIGNS_PER_LEASE = 3
/** How long a start waits for what is booked late. */
const START_MS = 10_000

/** Opens fail-open: takes over what others have left, and books it before anybody calls where the ledger is there. */
export async function openFailOpen(
  options: FailOpenOptions & Pick<BookingOptions, 'commits' | 'store' | 'watch'> & { readonly leaseMs: number },
): Promise<FailOpen> {
  const { spool, mostCalls, told, onError, leaseMs } = options
  const calls = spooledCalls({
    ...options,
    told: {
      expired: told.expired,
      over(count) {
        isOn = false
        told.over(count)
      },
    },
  })
  /** Calls go without the ledger, or wait to be booked. */
  let isOn = false

  async function admit({ open: hold, adds, prices = [] }: Plan, cause: StoreUnavailable): Promise<Answer> {
    if (!hold) throw cause
    const { id, tenantId } = hold
    const most = mostCalls(tenantId)
    if (most === 0) throw cause
    // What was used of a limit is not known; what is more than all of it would not pass in any case.
    const missed = adds.find(({ ceiling, held }) => ceiling !== null && held > ceiling)
    if (missed)
      return { kind: 'missed', counterId: missed.counterId, value: { settled: 0n, held: 0n }, freesAtMs: null }
    if (calls.countOf(tenantId) >= most) throw full(most)
    const intent = { hold, prices }
    calls.add(id, { tenantId, intent })
    try {
      await spool.open(intent)
    } catch (error) {
      calls.remove(id)
      onError(error)
      throw cause
    }
    if (!isOn) told.began(most)
    isOn = true
    return { kind: 'committed', seq: null }
  }

  async function end(hold: Hold, how: HoldEnd, prices: readonly Price[]): Promise<Ended> {
    if (calls.hasEnded(hold.id)) return { kind: 'already_ended', as: 'spooled' }
    const last: SpooledEnd = { entry: spooledEntryOf(hold, how), prices }
    calls.end(hold.id, last)
    // In the spool, or in the ledger where that is quicker: an end is never lost while the process lives.
    while (calls.has(hold.id))
      try {
        await spool.end(last)
        break
      } catch (error) {
        onError(error)
        calls.book()
        await delay(RETRY_MS)
      }
    calls.book()
    return { kind: 'ended', entry: last.entry }
  }

  /** What a dead process left: where it does not say how a call ended, that counts in full, as any hold of the dead. */
  async function adopt(): Promise<void> {
    const found = await spool.adopt()
    for (const { intent, end: known } of found) {
      const last = known ?? { entry: spooledEntryOf(intent!.hold, { kind: 'expire' }), prices: intent!.prices }
      const { id, tenantId } = last.entry
      calls.add(id, { tenantId, intent })
      calls.end(id, last, known ? 'known' : 'orphan')
    }
    if (found.length > 0) told.found(found.length)
    calls.book()
  }

  await adopt()
  await Promise.race([calls.booked(), delay(START_MS)])
  const timer = setInterval(() => void adopt().catch(onError), leaseMs / SIGNS_PER_LEASE)
  timer.unref()
  return {
    get depth() {
      return calls.size
    },
    hasRoom: (tenantId) => calls.countOf(tenantId) < mostCalls(tenantId),
    admit,
    has: calls.has,
    end,
    async close() {
      clearInterval(timer)
      await calls.close()
      await spool.close()
    },
  }
}

function full(most: number): PublicError {
  const gone = most === 1 ? 'a call has' : `${most} calls have`
  return new PublicError(
    'ledger_unavailable',
    `The ledger cannot be written now, and ${gone} gone without it, which is as many as may (fail_open).`,
    { retryAfterSeconds: 1 },
  )
}
