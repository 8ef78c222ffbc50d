/** Sees when something keeps the event loop from turning: until it turns again, nobody is answered. */
export interface EventLoopWatch {
  /** The longest lag since this was asked before. */
  longestLagMs(): number
  close(): void
}

const LOOK_EVERY_MS = 50
/** Garbage collection and large commits take less. */
const BLOCKED_MS = 500

/**
 * By a timer of our own: Node's histogram of delays forgets the one that just ended when it is reset before its next
 * sample, as it is wherever another timer was due first.
 */
export function watchEventLoop(onBlocked: (durationMs: number) => void): EventLoopWatch {
  let longestMs = 0
  let lookedAtMs = performance.now()
  const timer = setInterval(() => {
    const nowMs = performance.now()
    const lagMs = Math.max(0, nowMs - lookedAtMs - LOOK_EVERY_MS)
    lookedAtMs = nowMs
    longestMs = Math.max(longestMs, lagMs)
    if (lagMs >= BLOCKED_MS) onBlocked(lagMs)
  }, LOOK_EVERY_MS)
  timer.unref()
  return {
    longestLagMs() {
      const lagMs = longestMs
      longestMs = 0
      return lagMs
    },
    close: () => clearInterval(timer),
  }
}
