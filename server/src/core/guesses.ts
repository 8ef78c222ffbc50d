import { networkOf } from './network.ts'
import { throttle } from './throttle.ts'

/** A hundred wrong keys or sessions at once, then a hundred a minute: programs with an old key ask again and again. */
const GUESSES = { most: 100, everyMs: 600 }

/** Counts what was presented and is no credential, for each network; who presents one is never kept waiting. */
export interface Guesses {
  /** Of one more wrong credential, by an address: 0, or how many seconds it has to wait before it is told so again. */
  waitSeconds(address: string): number
}

export function openGuesses(now: () => number): Guesses {
  const { take } = throttle(GUESSES.most, GUESSES.everyMs, now)
  return { waitSeconds: (address) => take(networkOf(address)) }
}
