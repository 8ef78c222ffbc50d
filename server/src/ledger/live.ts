import type { HintChannel } from '../core/ports/hint-channel.ts'
import type { LedgerStore } from '../core/ports/ledger-store.ts'
import { coalesce } from './coalesce.ts'

/** Tells listeners that something was committed, by this process or another; never what. */
export interface LiveHints {
  /** At most two hints a second, however much is committed. */
  subscribe(listener: (watermark: string) => void): () => void
  /** To be called after each commit of this process. */
  committed(): void
}

const HINT_EVERY_MS = 500
/** Hints of a channel may be lost, and not everybody who commits need be on it. */
const LOOK_ANYWAY_MS = 10_000

/**
 * Looks at the store twice a second while somebody listens: other processes commit too. Where they tell each other by a
 * channel, it looks seldom, and again as often while the channel is not reached.
 */
export function liveHints(
  store: Pick<LedgerStore, 'watermark'>,
  onError: (error: unknown) => void,
  channel?: HintChannel,
): LiveHints {
  const listeners = new Set<(watermark: string) => void>()
  let timer: NodeJS.Timeout | undefined
  let last: string | undefined
  let soon: NodeJS.Immediate | undefined
  let lastHintAt = 0
  let lastLookAt = -Infinity

  const hint = (watermark: string) => {
    lastHintAt = performance.now()
    for (const listener of listeners) listener(watermark)
  }
  const heard = coalesce(hint, HINT_EVERY_MS)
  const others = channel && coalesce(() => channel.tell(), HINT_EVERY_MS)
  channel?.listen(heard.ask)

  const look = () => {
    lastLookAt = performance.now()
    store
      .watermark()
      .then((watermark) => {
        if (watermark === last) return
        last = watermark
        hint(watermark)
      })
      .catch(onError)
  }
  const lookWhereDue = () => {
    if (!channel?.isReached || performance.now() - lastLookAt >= LOOK_ANYWAY_MS) look()
  }
  return {
    subscribe(listener) {
      listeners.add(listener)
      timer ??= setInterval(lookWhereDue, HINT_EVERY_MS)
      return () => {
        listeners.delete(listener)
        if (listeners.size > 0) return
        clearInterval(timer)
        timer = undefined
      }
    },
    committed() {
      others?.ask(undefined)
      // What is told by the channel is heard here as well.
      if (channel?.isReached) return
      if (listeners.size === 0 || soon || performance.now() - lastHintAt < HINT_EVERY_MS) return
      soon = setImmediate(() => {
        soon = undefined
        look()
      })
    },
  }
}
