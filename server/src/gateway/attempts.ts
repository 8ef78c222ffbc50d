import { setTimeout as delay } from 'node:timers/promises'
import type { Call } from './call.ts'
import type { Gateway } from './gateway.ts'
import type { Failure } from './failure.ts'
import { relay } from './relay.ts'
import type { Callable } from './resolve.ts'
import { holdSettling } from './settle.ts'

/** What a client waits at most between two attempts at the same deployment; a provider that asks for more is told on. */
const LONGEST_WAIT_MS = 5_000
const FIRST_WAIT_MS = 250

/**
 * Makes attempts until one brings the client an answer: at each deployment once, in the order of their health, and as
 * often again as is configured. Each attempt is held, settled and booked for itself. Where none is left, the client is
 * told of the last failure. A deployment that refuses only to be asked for usage is asked again at once without that.
 */
export async function attempts(
  gateway: Gateway,
  candidates: readonly Callable[],
  admit: (deployment: Callable, attempt: number, withoutUsage: boolean) => Promise<Call>,
): Promise<void> {
  const inOrder = gateway.health.inOrder(candidates)
  const most = inOrder.length + gateway.retries
  for (let attempt = 1, tried = 0, withoutUsage = false; ; attempt++) {
    const call = await admit(inOrder[tried % inOrder.length]!, attempt, withoutUsage)
    // A client that left while it waited gets nothing, and nothing is sent for it.
    if (call.response.destroyed) return void (await holdSettling(call).void(null))
    const failure = await relay(call)
    if (!failure && withoutUsage) gateway.usageRefusers.add(call)
    if (!failure || call.response.destroyed) return
    withoutUsage = !withoutUsage && failure.refusesUsage === true
    if (withoutUsage) continue
    tried++
    if (!failure.retriable || tried === most) return failure.tell()
    const waitMs = tried < inOrder.length ? 0 : waitBefore(tried - inOrder.length, failure)
    if (waitMs > LONGEST_WAIT_MS) return failure.tell()
    if (waitMs > 0) await delay(waitMs)
  }
}

/** As long as the provider asks for, else twice as long each time, and never at the same instant for all (jitter). */
function waitBefore(retry: number, { retryAfterMs }: Failure): number {
  return retryAfterMs ?? FIRST_WAIT_MS * 2 ** retry * (0.5 + Math.random())
}
