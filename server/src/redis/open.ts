import { randomUUID } from 'node:crypto'
import type { HintChannel } from '../core/ports/hint-channel.ts'
import { connection, type Watcher } from './connection.ts'
import { type CountedRefusals, knownRefusals } from './known-refusals.ts'

/** What the processes of an installation share beside the store. Without it everything holds as well, only slower. */
export interface Redis {
  readonly hints: HintChannel
  readonly refusals: CountedRefusals
  readonly isReached: boolean
  close(): Promise<void>
}

export interface RedisOptions {
  readonly url: string
  /** The installation's own, the same in all of its processes. */
  readonly name: string
  readonly nowMs: () => number
  readonly watcher: Watcher
}

/** Begins to connect, and answers at once: a Redis that is not there keeps nobody waiting. */
export function openRedis({ url, name, nowMs, watcher }: RedisOptions): Redis {
  const listeners = new Set<(watermark: string) => void>()
  const channel = `${name}:hints`
  const tell = () => {
    if (redis.isReached) redis.client.publish(channel, randomUUID()).catch(() => undefined)
  }
  const redis = connection(
    url,
    channel,
    (watermark) => {
      for (const listener of listeners) listener(watermark)
    },
    {
      away: watcher.away,
      reached() {
        watcher.reached()
        // It may have committed, and others too, while it could not be heard.
        tell()
      },
    },
  )
  return {
    hints: {
      tell,
      listen: (listener) => void listeners.add(listener),
      get isReached() {
        return redis.isReached
      },
    },
    refusals: knownRefusals(redis, name, nowMs),
    get isReached() {
      return redis.isReached
    },
    close: redis.close,
  }
}
