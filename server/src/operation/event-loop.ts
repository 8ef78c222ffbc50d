import { monitorEventLoopDelay } from 'node:perf_hooks'

/** Sees when something keeps the event loop from turning: until it turns again, nobody is answered. */
export interface EventLoopWatch {
  /** The longest lag since this was asked before. */
  longestLagMs(): number
  close(): void
}

const LOOK_EVERY_MS = 1_000
const RESOLUTION_MS = 20
/** Garbage collection and large commits take less. */
const BLOCKED_MS = 500

export function watchEventLoop(onBlocked: (durationMs: number) => void): EventLoopWatch {
  const delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS })
  delay.enable()
  let longestMs = 0
  const look = () => {
    // Before the first sample it says 0.
    const lagMs = delay.max / 1e6
    delay.reset()
    longestMs = Math.max(longestMs, lagMs)
    if (lagMs >= BLOCKED_MS) onBlocked(lagMs)
  }
  const timer = setInterval(look, LOOK_EVERY_MS)
  timer.unref()
  return {
    longestLagMs() {
      look()
      const lagMs = longestMs
      longestMs = 0
      return lagMs
    },
    close() {
      clearInterval(timer)
      delay.disable()
    },
  }
}
