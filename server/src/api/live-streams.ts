import type { FastifyReply } from 'fastify'
import { PublicError } from '../core/errors.ts'
import { coalesce } from '../ledger/coalesce.ts'

/** Open streams of hints. */
export interface LiveStreams {
  /** Answers with a stream of hints until the caller leaves, `untilMs` has come, or the server closes. */
  open(reply: FastifyReply, untilMs: number | null): void
  readonly count: number
  closeAll(): void
}

export interface LiveStreamOptions {
  readonly subscribe: (listener: (watermark: string) => void) => () => void
  readonly now: () => number
  readonly most: number
  /** Hints that come faster are told as one. */
  readonly hintEveryMs: number
  readonly pingEveryMs: number
}

/** A reader that takes nothing for so long is gone, or as good as. */
const MOST_UNSENT_BYTES = 64 * 1024

export function liveStreams({ subscribe, now, most, hintEveryMs, pingEveryMs }: LiveStreamOptions): LiveStreams {
  const open = new Set<() => void>()
  return {
    get count() {
      return open.size
    },
    open(reply, untilMs) {
      if (open.size >= most)
        throw new PublicError('rate_limited', `All ${most} live streams are taken.`, { retryAfterSeconds: 10 })
      reply.hijack()
      const { raw } = reply
      raw.writeHead(200, {
        ...reply.getHeaders(),
        'content-type': 'text/event-stream; charset=utf-8',
        'x-accel-buffering': 'no',
      } as Record<string, string>)
      raw.write('retry: 2000\n\n')
      const hints = coalesce<string>(
        (watermark) => send(`event: hint\ndata: ${JSON.stringify({ watermark })}\n\n`),
        hintEveryMs,
      )
      const unsubscribe = subscribe(hints.ask)
      const ping = setInterval(() => {
        if (untilMs !== null && now() >= untilMs) raw.end()
        else send(': ping\n\n')
      }, pingEveryMs)

      function send(text: string): void {
        if (raw.writableLength > MOST_UNSENT_BYTES) raw.destroy()
        else raw.write(text)
      }
      const close = () => {
        unsubscribe()
        hints.stop()
        clearInterval(ping)
        open.delete(end)
      }
      const end = () => raw.end()
      open.add(end)
      raw.on('close', close)
      raw.on('error', close)
    },
    closeAll() {
      for (const end of open) end()
    },
  }
}
