/** What a coalescer needs of its surroundings: a clock and a timer. */
export interface Timing {
  now(): number
  later(run: () => void, ms: number): void
}

const BROWSER: Timing = {
  now: () => performance.now(),
  later: (run, ms) => void setTimeout(run, ms),
}

/**
 * Folds a storm of hints into few runs: the first runs at once, those that come during a run or within the gap are
 * one run afterwards. Runs never overlap, and after a slow run there is a pause as long as the
 * run itself, so that a server under load is asked less.
 */
export function coalesced(run: () => Promise<unknown>, gapMs: number, timing: Timing = BROWSER): () => void {
  let busy = false
  let again = false
  const start = async () => {
    busy = true
    again = false
    const startedAt = timing.now()
    await run().catch(() => undefined)
    const took = timing.now() - startedAt
    timing.later(
      () => {
        busy = false
        if (again) void start()
      },
      Math.max(gapMs - took, took),
    )
  }
  return () => {
    if (busy) again = true
    else void start()
  }
}
