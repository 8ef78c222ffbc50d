import { createHmac } from 'node:crypto'
import { type Dispatcher, request } from 'undici'
import { type Alert, usedPercent } from '../../core/alert.ts'
import { parseCounterId } from '../../core/counter.ts'
import { jsonInteger } from '../../core/json-integer.ts'
import type { Channel } from '../../core/ports/channel.ts'

/** For the whole of it, from looking up the name to the answer: a server that stops waits a little longer for each of its parts. */
const DEADLINE_MS = 8_000
/** Nobody reads what a receiver answers; this much of it is let in, so that its connection can be used again. */
const MOST_ANSWER_BYTES = 16 * 1024

export interface WebhookOptions {
  readonly url: string
  /** The bytes of the secret; the receiver has the same. */
  readonly secret: Uint8Array
  /** What looks names up, and connects. */
  readonly dispatcher: Dispatcher
  readonly nowMs: () => number
}

/** Tells by a POST that is signed as the Standard Webhooks specification (1.0.0) has it. No redirect is followed. */
export function webhook({ url, secret, dispatcher, nowMs }: WebhookOptions): Channel {
  return {
    name: 'webhook',
    target: new URL(url).origin,
    async tell(alert) {
      const body = bodyOf(alert)
      const signal = AbortSignal.timeout(DEADLINE_MS)
      const headers = {
        ...{ 'content-type': 'application/json', 'user-agent': 'token-trackr' },
        ...signed(secret, alert.id, Math.floor(nowMs() / 1_000), body),
      }
      try {
        const answer = await request(url, { method: 'POST', headers, body, dispatcher, signal })
        const { statusCode } = answer
        // How its answer ends changes nothing: it was told.
        await answer.body.dump({ limit: MOST_ANSWER_BYTES, signal }).catch(() => undefined)
        return statusCode < 300 ? { delivered: true } : { delivered: false, reason: `answered ${statusCode}` }
      } catch (error) {
        return { delivered: false, reason: signal.aborted ? `no answer in ${DEADLINE_MS / 1_000} s` : reasonOf(error) }
      }
    },
  }
}

/** What proves that it comes from us, is whole, and was made just now. */
export function signed(secret: Uint8Array, id: string, timestampS: number, body: string) {
  const signature = createHmac('sha256', secret).update(`${id}.${timestampS}.${body}`).digest('base64')
  return { 'webhook-id': id, 'webhook-timestamp': String(timestampS), 'webhook-signature': `v1,${signature}` }
}

/** docs/alerts.md says what each field means: those that are there stay. */
export function bodyOf(alert: Alert): string {
  const type = alert.crossing ? 'limit.threshold_crossed' : 'alerts.test'
  const timestamp = new Date(alert.atMs).toISOString()
  const data = { text: alert.text, ...(alert.crossing && crossingData(alert.crossing, alert.window)) }
  return JSON.stringify({ type, timestamp, data }, (_, value: unknown) =>
    typeof value === 'bigint' ? jsonInteger(value) : value,
  )
}

function crossingData(crossing: NonNullable<Alert['crossing']>, window: Alert['window']) {
  const { tenantId, limitId, threshold, amount, settled } = crossing
  const { scopeKind, scopeId, metric, startMs, endMs } = parseCounterId(crossing.counterId)
  const isCalendar = window?.kind === 'calendar'
  return {
    ...{ tenantId, limitId, scope: { kind: scopeKind, id: scopeId }, metric, window },
    windowStartsAt: isCalendar ? new Date(startMs).toISOString() : null,
    resetsAt: isCalendar ? new Date(endMs).toISOString() : null,
    ...{ thresholdPercent: threshold, usedPercent: usedPercent(amount, settled), amount, settled },
  }
}

/** As the API writes integers: a number as long as everybody reads it exactly. */
/** Errors of the network by their codes: their messages may repeat the address. */
function reasonOf(error: unknown): string {
  const { code } = error as { code?: unknown }
  if (code === 'EACCES') return 'its name leads into a private network: TOKEN_TRACKR_PRIVATE_HOSTS may name it'
  return typeof code === 'string' && /^[A-Z0-9_]{1,40}$/.test(code) ? `not reached (${code})` : 'not reached'
}
