import { StoreUnavailable } from '../core/errors.ts'
import type { Hold } from '../core/hold.ts'
import type { Limit } from '../core/limit.ts'
import type { Spool, SpooledEnd } from '../core/ports/spool.ts'
import type { Price } from '../core/price.ts'
import { bookSpooled, type Replay } from './replay.ts'

/** A call that went without the ledger. */
export interface Gone {
  readonly tenantId: string
  /** Undefined where it was found without. */
  readonly intent: { readonly hold: Hold; readonly prices: readonly Price[] } | undefined
}

/** What is told of calls that are booked later than they were made. Nothing that listens may throw. */
export interface BookedNews {
  /** A call was booked at its bound, since its process died: nobody was told of its end before. */
  expired(entry: SpooledEnd['entry']): void
  /** All calls that went without the ledger are in it. */
  over(calls: number): void
}

export interface BookingOptions extends Replay {
  readonly spool: Pick<Spool, 'drop'>
  readonly told: BookedNews
  /** Writes the thresholds that these limits have crossed. */
  readonly watch: (limits: readonly Limit[], atMs: number) => Promise<void>
  readonly onError: (error: unknown) => void
}

const FIRST_RETRY_MS = 100
const LAST_RETRY_MS = 2_000
const BOOKED_AT_ONCE = 32

/** The calls that went without the ledger and are not in it yet: whatever has ended is booked as soon as that can be. */
export function spooledCalls(options: BookingOptions) {
  const { spool, told, watch, onError } = options
  const calls = new Map<string, Gone>()
  const ended = new Map<string, SpooledEnd>()
  const orphans = new Set<string>()
  const counts = new Map<string, number>()
  let booked = 0
  let isClosed = false
  let isBooking = false
  let booking = Promise.resolve()

  function add(id: string, call: Gone): void {
    calls.set(id, call)
    counts.set(call.tenantId, (counts.get(call.tenantId) ?? 0) + 1)
  }

  function remove(id: string): void {
    const call = calls.get(id)
    if (!call) return
    calls.delete(id)
    ended.delete(id)
    counts.set(call.tenantId, counts.get(call.tenantId)! - 1)
  }

  function book(): void {
    if (isBooking || isClosed) return
    isBooking = true
    booking = bookAll()
  }

  /** One call alone tells whether the ledger is there, and the others follow. One that fails goes behind them. */
  async function bookAll(): Promise<void> {
    let atOnce = 1
    let retryMs = FIRST_RETRY_MS
    while (ended.size > 0) {
      if (isClosed) break
      const some = [...ended.entries().take(atOnce)]
      const results = await Promise.allSettled(some.map(([id, end]) => bookOne(id, end)))
      if (results.every(({ status }) => status === 'fulfilled')) {
        atOnce = BOOKED_AT_ONCE
        retryMs = FIRST_RETRY_MS
        continue
      }
      atOnce = 1
      await delay(retryMs)
      retryMs = Math.min(LAST_RETRY_MS, retryMs * 2)
    }
    isBooking = false
  }

  async function bookOne(id: string, end: SpooledEnd): Promise<void> {
    try {
      const limits = await bookSpooled(options, end, calls.get(id)?.intent?.hold)
      if (limits) watch(limits, end.entry.countedAtMs).catch(onError)
    } catch (error) {
      ended.delete(id)
      ended.set(id, end)
      if (!(error instanceof StoreUnavailable)) onError(error)
      throw error
    }
    remove(id)
    booked++
    if (orphans.delete(id)) told.expired(end.entry)
    await spool.drop(id).catch(onError)
    if (calls.size > 0 || booked === 0) return
    told.over(booked)
    booked = 0
  }

  return {
    get size() {
      return calls.size
    },
    has: (id: string) => calls.has(id),
    hasEnded: (id: string) => ended.has(id),
    countOf: (tenantId: string) => counts.get(tenantId) ?? 0,
    add,
    /** It was not made. */
    remove,
    /** `orphan`: nobody knows how it ended. */
    end(id: string, end: SpooledEnd, how: 'known' | 'orphan' = 'known'): void {
      ended.set(id, end)
      if (how === 'orphan') orphans.add(id)
    },
    book,
    /** Resolves when nothing that has ended is left to be booked. */
    booked: () => booking,
    async close(): Promise<void> {
      isClosed = true
      await booking
    },
  }
}

export const delay = (ms: number) => new Promise<void>((resolve) => void setTimeout(resolve, ms))
