import { performance } from 'node:perf_hooks'
import type { Outcome } from '../core/entry.ts'
import type { MeterReading } from '../core/ports/format.ts'
import type { Ended } from '../ledger/end.ts'
import type { Call } from './call.ts'
import { readingOf, servedPrices } from './meter.ts'

/** The one end of a call's hold. Whatever happens first decides; everything later waits for the same end. */
export interface HoldSettling {
  settle(outcome: Exclude<Outcome, 'voided'>, seen: Seen): Promise<'durable' | 'late'>
  /** The provider took nothing for it. */
  void(httpStatus: number | null): Promise<'durable' | 'late'>
  hasBegun(): boolean
}

export interface Seen {
  readonly meter: MeterReading | undefined
  readonly httpStatus: number | null
  readonly firstByteMs: number | null
  readonly unreadBytes: number
}

export function holdSettling(call: Call): HoldSettling {
  const { gateway, admitted, format, body, deployment } = call
  const { hold, isSpooled } = admitted
  let ending: Promise<'durable' | 'late'> | undefined

  async function settled(outcome: Exclude<Outcome, 'voided'>, seen: Seen): Promise<void> {
    const durationMs = Math.round(performance.now() - call.startedAtMs)
    const priceOf = servedPrices(gateway.prices, hold)
    const context = {
      ...{ format, body, ceilings: deployment.ceilings, tokens: gateway.tokens, priceOf },
      mostOutputTokens: hold.bound?.outputTokens,
    }
    const read = await readingOf(context, { outcome, durationMs, ...seen })
    tell(await gateway.ledger.end(hold, { kind: 'settle', reading: read.reading }, read.prices))
    if (!call.response.headersSent && !isSpooled)
      call.remaining.tokens = await gateway.ledger.remainingTokens(admitted.limits, hold.countedAtMs)
  }
  function tell(ended: Ended): void {
    if (ended.kind !== 'ended') return
    gateway.events.ended(ended.entry)
    if (isSpooled) return
    gateway.ledger
      .watch(admitted.limits, hold.countedAtMs)
      .catch((error: unknown) => gateway.report('thresholds could not be written', error, call.id))
  }
  async function voided(httpStatus: number | null): Promise<void> {
    const durationMs = Math.round(performance.now() - call.startedAtMs)
    tell(await gateway.ledger.end(hold, { kind: 'void', reading: { httpStatus, durationMs } }))
  }
  return {
    settle: (outcome, seen) => (ending ??= inTime(call, settled(outcome, seen))),
    void: (httpStatus) => (ending ??= inTime(call, voided(httpStatus))),
    hasBegun: () => ending !== undefined,
  }
}

/**
 * How long a client waits for a ledger that does not answer. The end itself goes on in the background: it is booked as
 * soon as the ledger is back.
 */
function inTime(call: Call, end: Promise<void>): Promise<'durable' | 'late'> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, call.gateway.timeouts.settleMs, 'late')
    const done = (how: 'durable' | 'late') => {
      clearTimeout(timer)
      resolve(how)
    }
    end.then(
      () => done('durable'),
      (error: unknown) => {
        call.gateway.report('a hold could not be ended', error, call.id)
        done('late')
      },
    )
  })
}
