import { createClient } from '@redis/client'
import { keepFullMinute } from './keep-script.ts'

/** One connection to Redis, which comes back by itself. Nothing waits for it: what is asked meanwhile fails at once. */
export interface Connection {
  readonly client: ReturnType<typeof newClient>
  readonly isReached: boolean
  close(): Promise<void>
}

export interface Watcher {
  /** Redis is there, for the first time or again. */
  reached(): void
  /** It went away, or is not there at the start; told once until it comes. */
  away(error: unknown): void
}

const CONNECT_WITHIN_MS = 2_000
/** A peer that says nothing for so long, although it is asked, is gone. */
const PING_EVERY_MS = 1_000
const SILENCE_MS = 3_000
const FIRST_RETRY_MS = 50
const LAST_RETRY_MS = 2_000

/** Begins to connect, and answers at once. `onHint` is called with what comes in on the channel. */
export function connection(url: string, channel: string, onHint: (text: string) => void, watcher: Watcher): Connection {
  const client = newClient(url)
  let isListening = false
  let isAway = false
  const isReached = () => isListening && client.isReady

  function lost(error: unknown): void {
    if (isAway || isReached()) return
    isAway = true
    watcher.away(error)
  }
  async function ready(): Promise<void> {
    // When it comes back, the client has subscribed again by itself.
    if (!isListening) await client.subscribe(channel, onHint)
    isListening = true
    isAway = false
    watcher.reached()
  }
  client.on('error', lost)
  client.on('ready', () => void ready().catch(lost))
  // It tries again without end; what it fails of comes as an error event.
  client.connect().catch(() => undefined)
  return {
    client,
    get isReached() {
      return isReached()
    },
    async close() {
      isAway = true
      client.destroy()
    },
  }
}

function newClient(url: string) {
  return createClient({
    url,
    scripts: { keepFullMinute },
    // A question that waited for a connection would be answered too late for anybody.
    disableOfflineQueue: true,
    pingInterval: PING_EVERY_MS,
    socket: {
      connectTimeout: CONNECT_WITHIN_MS,
      socketTimeout: SILENCE_MS,
      reconnectStrategy: (retries) => Math.min(FIRST_RETRY_MS * 2 ** Math.min(retries, 10), LAST_RETRY_MS),
    },
  })
}
