import { setTimeout as delay } from 'node:timers/promises'
import type { OpenCalls } from '../gateway/open-calls.ts'
import type { Events } from './events.ts'
import type { HttpServer } from './http-server.ts'
import type { Log } from './log.ts'

const LOOK_EVERY_MS = 20
/** What a cut call needs to be booked and told. */
const CUT_MS = 15_000

/**
 * Lets the calls under way end by themselves until the deadline, and then cuts them, each settled by what was seen of it.
 * New ones are refused meanwhile. Resolves when none is left, or those that are left cannot be waited for.
 */
export async function finishCalls(
  openCalls: OpenCalls,
  server: Pick<HttpServer, 'openRequests' | 'refuseNew'>,
  stopMs: number,
): Promise<void> {
  openCalls.refuseNew()
  server.refuseNew()
  const isOpen = () => openCalls.count > 0 || server.openRequests > 0
  const startedAtMs = performance.now()
  const passedMs = () => performance.now() - startedAtMs
  while (isOpen() && passedMs() < stopMs) await delay(LOOK_EVERY_MS)
  while (isOpen() && passedMs() < stopMs + CUT_MS) {
    // Again and again: a call may have been admitted while the others were cut.
    openCalls.cutAll()
    await delay(LOOK_EVERY_MS)
  }
}

/** How long what is queued may wait for a store that does not answer. */
const LEDGER_MS = 10_000

interface Part {
  close(): Promise<unknown>
}

export interface Closing {
  readonly server: Pick<HttpServer, 'openRequests' | 'refuseNew'>
  readonly openCalls: OpenCalls
  readonly stopMs: number
  readonly events: Pick<Events, 'stopping' | 'stopped'>
  readonly log: Pick<Log, 'report' | 'close'>
  /** In the order in which they are closed: whoever uses another comes before it. */
  readonly parts: Readonly<Record<string, Part>>
}

/** Stops a server: first the calls, then its parts. What is asked again is answered alike. */
export function closing({ server, openCalls, stopMs, events, log, parts }: Closing): () => Promise<boolean> {
  let closed: Promise<boolean> | undefined

  async function close(): Promise<boolean> {
    events.stopping(openCalls.count)
    await finishCalls(openCalls, server, stopMs)
    let isClean = true
    for (const [name, part] of Object.entries(parts))
      try {
        await within(LEDGER_MS, part.close())
      } catch (error) {
        isClean = false
        log.report(`${name} did not close`, error)
      }
    events.stopped(isClean)
    log.close()
    return isClean
  }
  return () => (closed ??= close())
}

/** An end that cannot be written now is not lost: its hold is, after this process, ended at its bound. */
async function within(ms: number, work: Promise<unknown>): Promise<void> {
  const late = new AbortController()
  try {
    await Promise.race([
      work,
      delay(ms, undefined, { signal: late.signal }).then(() => {
        throw new Error(`not within ${ms / 1000} s`)
      }),
    ])
  } finally {
    late.abort()
  }
}
