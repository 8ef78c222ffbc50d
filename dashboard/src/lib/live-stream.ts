import { afterLiveEvent, type LiveEvent, nextPollMs, STARTING } from './live-state.ts'

const RETRY_MS = [500, 1000, 2000, 4000]
const HIDDEN_MS = 60_000

/**
 * Keeps one stream of hints open while the page is seen, polls while it is not open, and tells what state that leaves.
 * Hints carry no data: `refresh` reads again what is on the page.
 */
export function createLive(refresh: () => void) {
  let state = STARTING
  let stream: EventSource | undefined
  let failures = 0
  let retryTimer: ReturnType<typeof setTimeout> | undefined
  let pollTimer: ReturnType<typeof setTimeout> | undefined
  let hiddenTimer: ReturnType<typeof setTimeout> | undefined
  let running = false
  const listeners = new Set<() => void>()

  const dispatch = (event: LiveEvent) => {
    const next = afterLiveEvent(state, event)
    const phaseChanged = next.phase !== state.phase
    state = next
    if (phaseChanged) schedulePoll()
    for (const listener of listeners) listener()
  }

  function schedulePoll() {
    clearTimeout(pollTimer)
    const ms = running ? nextPollMs(state.phase) : null
    if (ms === null) return
    pollTimer = setTimeout(() => {
      refresh()
      schedulePoll()
    }, ms)
  }

  function open() {
    clearTimeout(retryTimer)
    stream?.close()
    if (!running) return
    stream = new EventSource('/api/live')
    stream.addEventListener('open', () => {
      failures = 0
      dispatch({ kind: 'opened', atMs: Date.now() })
      // Whatever happened while nobody told us.
      refresh()
    })
    stream.addEventListener('hint', () => refresh())
    stream.addEventListener('error', () => {
      stream?.close()
      dispatch({ kind: 'lost' })
      // The first loss asks at once, so that a server that is gone is known within a second.
      if (failures === 0) refresh()
      retryTimer = setTimeout(open, RETRY_MS[Math.min(failures++, RETRY_MS.length - 1)])
    })
  }

  function pause() {
    clearTimeout(retryTimer)
    clearTimeout(pollTimer)
    stream?.close()
    stream = undefined
    running = false
  }

  function resume() {
    if (running) return
    running = true
    open()
    schedulePoll()
  }

  const onVisibility = () => {
    clearTimeout(hiddenTimer)
    if (document.hidden) hiddenTimer = setTimeout(pause, HIDDEN_MS)
    else resume()
  }

  return {
    start() {
      document.addEventListener('visibilitychange', onVisibility)
      resume()
      return () => {
        document.removeEventListener('visibilitychange', onVisibility)
        clearTimeout(hiddenTimer)
        pause()
      }
    },
    answered: () => dispatch({ kind: 'answered', atMs: Date.now() }),
    unanswered: () => dispatch({ kind: 'unanswered' }),
    state: () => state,
    subscribe(listener: () => void) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
  }
}
export type Live = ReturnType<typeof createLive>
