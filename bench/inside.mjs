// Loaded before a proxy. SIGUSR2 makes it tell one line about itself: how late its event loop turned since it was asked
// before, its memory (after a collection, where Node was told to expose one), and what it holds open.
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { isMainThread } from 'node:worker_threads'

const RESOLUTION_MS = 5

if (isMainThread) {
  const delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS })
  delay.enable()
  // The histogram's figures are of whole turns of its timer.
  const lateMs = (nanoseconds) => Math.max(0, nanoseconds / 1e6 - RESOLUTION_MS)
  process.on('SIGUSR2', () => {
    const lagP99Ms = lateMs(delay.percentile(99))
    const lagMaxMs = lateMs(delay.max)
    globalThis.gc?.()
    delay.reset()
    const handles = {}
    for (const name of process.getActiveResourcesInfo()) handles[name] = (handles[name] ?? 0) + 1
    const { heapUsed: heapBytes, external: externalBytes } = process.memoryUsage()
    console.log(JSON.stringify({ event: 'inside', lagP99Ms, lagMaxMs, heapBytes, externalBytes, handles }))
  })
}
