import type { Entry } from '../entry.ts'
import type { Hold } from '../hold.ts'
import type { Price } from '../price.ts'

/** Where calls are kept that were let through while the ledger could not be reached, until it has them. */
export interface Spool {
  /** Keeps that a call will be made. Where it rejects, nothing says so, and the call must not be made. */
  open(intent: SpooledIntent): Promise<void>
  /** Keeps how a call ended that was opened here. Where it rejects, it is not kept, and may be tried again. */
  end(end: SpooledEnd): Promise<void>
  /** The ledger has the call: it is kept no longer. */
  drop(id: string): Promise<void>
  /**
   * Says that this process lives, and answers the calls of those that do not: from now on they are kept for this one. To be
   * asked more often than the lease of a process lasts.
   */
  adopt(): Promise<readonly SpooledCall[]>
  /** What is left belongs to whoever asks next. */
  close(): Promise<void>
}

/** Durable before the first byte goes upstream: with it alone, a call whose process died can be booked. */
export interface SpooledIntent {
  readonly hold: Hold
  readonly prices: readonly Price[]
}

/** Durable before the client sees its answer's end. */
export interface SpooledEnd {
  readonly entry: Entry
  readonly prices: readonly Price[]
}

/** A call as it was found: what was damaged, or never came, is undefined; never both. */
export interface SpooledCall {
  readonly intent: SpooledIntent | undefined
  readonly end: SpooledEnd | undefined
}
