import type { AttemptEnd, Delivery } from '../core/delivery.ts'
import type { Limit } from '../core/limit.ts'
import type { Channel, ChannelState, TestTold, Told } from '../core/ports/channel.ts'
import type { Claim, DeliveryStore } from '../core/ports/delivery-store.ts'
import type { ReportStore } from '../core/ports/report-store.ts'
import { alertOf, testAlert } from './alert-of.ts'

const LOOK_EVERY_MS = 2_000
/** Told at the same time, so that one that waits for its deadline holds up no other. */
const MOST_AT_ONCE = 10
/** Longer than a channel takes for any answer: whoever took one has died by then. */
const LEASE_MS = 30_000
const FIRST_RETRY_MS = 5_000
const LAST_RETRY_MS = 3_600_000
const GIVE_UP_MS = 3 * 86_400_000
/** More than anybody reads. */
const MOST_COUNTED = 1_000

export interface Alerts {
  /** How each channel does. */
  state(): Promise<readonly ChannelState[]>
  /** Tells a test over each channel, now and once. */
  test(id: string): Promise<readonly TestTold[]>
  /** Takes nothing more, and waits for what is under way. */
  close(): Promise<void>
}

export interface AlertsOptions {
  readonly store: DeliveryStore
  readonly limits: ReportStore['limits']
  readonly channels: readonly Channel[]
  readonly nowMs: () => number
  /** From 0 to 1. */
  readonly random: () => number
  /** Told of each attempt that was marked. */
  readonly onAttempt: (delivery: Delivery, end: AttemptEnd) => void
  /** Told once for each outage of the store. */
  readonly onError: (error: unknown) => void
}

/** Tells what is due, as long as it is open. */
export function openAlerts(options: AlertsOptions): Alerts {
  const { store, limits, channels, nowMs, onAttempt, onError } = options
  let isFailing = false
  let isClosed = false
  let round = Promise.resolve()

  async function tellDue(channel: Channel): Promise<void> {
    for (let isMore = true; isMore;) {
      const claims = await store.claim(channel.name, MOST_AT_ONCE, LEASE_MS)
      const known = await limitsOf(claims)
      await Promise.all(claims.map((claim) => tell(channel, claim, known)))
      isMore = claims.length === MOST_AT_ONCE && !isClosed
    }
  }

  async function limitsOf(claims: readonly Claim[]): Promise<readonly Limit[]> {
    const tenantIds = new Set(claims.map(({ crossing }) => crossing.tenantId))
    return (await Promise.all([...tenantIds].map((id) => limits(id)))).flat()
  }

  async function tell(channel: Channel, { delivery, crossing }: Claim, known: readonly Limit[]): Promise<void> {
    const { tenantId, limitId } = crossing
    const limit = known.find((one) => one.tenantId === tenantId && one.id === limitId)
    const told = await channel.tell(alertOf(crossing, limit))
    const end = attemptEnd(told, { attempts: delivery.attempts, ageMs: nowMs() - crossing.atMs }, options.random())
    if (await store.end(delivery, end)) onAttempt(delivery, end)
  }

  async function look(): Promise<void> {
    try {
      await Promise.all(channels.map(tellDue))
      isFailing = false
    } catch (error) {
      if (!isFailing) onError(error)
      isFailing = true
    }
  }
  const timer = setInterval(() => {
    round = round.then(look)
  }, LOOK_EVERY_MS)
  timer.unref()
  if (channels.length === 0) clearInterval(timer)

  return {
    state: () =>
      Promise.all(
        channels.map(async ({ name, target }) => {
          const waiting = await store.waiting(name, MOST_COUNTED)
          const [failing] = waiting.filter(({ error }) => error !== null).toSorted((a, b) => b.attempts - a.attempts)
          return { channel: name, target, waiting: waiting.length, failing }
        }),
      ),
    test: (id) =>
      Promise.all(
        channels.map(async (channel) => ({ channel: channel.name, ...(await channel.tell(testAlert(id, nowMs()))) })),
      ),
    async close() {
      isClosed = true
      clearInterval(timer)
      await round
    },
  }
}

/** What follows from an attempt: its end, or another one later, but not beyond the age at which a crossing is old news. */
export function attemptEnd(
  told: Told,
  { attempts, ageMs }: { readonly attempts: number; readonly ageMs: number },
  random: number,
): AttemptEnd {
  if (told.delivered) return { kind: 'delivered' }
  const longestMs = Math.min(LAST_RETRY_MS, FIRST_RETRY_MS * 2 ** (attempts - 1))
  const retryInMs = Math.round(longestMs * (0.5 + random / 2))
  if (ageMs + retryInMs > GIVE_UP_MS) return { kind: 'given_up', error: told.reason }
  return { kind: 'failed', error: told.reason, retryInMs }
}
