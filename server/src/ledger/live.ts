import type { LedgerStore } from '../core/ports/ledger-store.ts'

/** Tells listeners that something was committed, by this process or another; never what. */
export interface LiveHints {
  /** At most two hints a second, however much is committed. */
  subscribe(listener: (watermark: string) => void): () => void
  /** To be called after each commit of this process. */
  committed(): void
}

const HINT_EVERY_MS = 500

/** Looks at the store twice a second while somebody listens: other processes commit too. */
export function liveHints(store: Pick<LedgerStore, 'watermark'>, onError: (error: unknown) => void): LiveHints {
  const listeners = new Set<(watermark: string) => void>()
  let timer: NodeJS.Timeout | undefined
  let last: string | undefined
  let soon: NodeJS.Immediate | undefined
  let lastHintAt = 0

  const look = () => {
    store
      .watermark()
      .then((watermark) => {
        if (watermark === last) return
        last = watermark
        lastHintAt = performance.now()
        for (const listener of listeners) listener(watermark)
      })
      .catch(onError)
  }
  return {
    subscribe(listener) {
      listeners.add(listener)
      timer ??= setInterval(look, HINT_EVERY_MS)
      return () => {
        listeners.delete(listener)
        if (listeners.size > 0) return
        clearInterval(timer)
        timer = undefined
      }
    },
    committed() {
      if (listeners.size === 0 || soon || performance.now() - lastHintAt < HINT_EVERY_MS) return
      soon = setImmediate(() => {
        soon = undefined
        look()
      })
    },
  }
}
