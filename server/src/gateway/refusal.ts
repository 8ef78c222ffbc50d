import { PublicError } from '../core/errors.ts'
import type { Metric, ScopeKind } from '../core/limit.ts'
import { usdFromNano } from '../core/money.ts'
import type { Window } from '../core/window.ts'
import type { Obstacle } from '../ledger/reserve.ts'

/** Tells a caller which limit stands in the way, with the numbers that reproduce the decision, and when it resets. */
export function refusalError(obstacle: Obstacle, nowMs: number): PublicError {
  const { limit, value, asked, resetsAtMs } = obstacle
  const left = limit.amount - value.settled - value.held
  const unit = (amount: bigint) => inUnit(limit.metric, amount)
  const message =
    `${subjectOf(limit.scope.kind, limit.scope.id)} has used ${unit(value.settled)} of ${unit(limit.amount)}${span(limit.window)}` +
    ` (${unit(value.held)} held by calls under way, ${unit(left > 0n ? left : 0n)} left, up to ${unit(asked)} needed). ` +
    (resetsAtMs === null
      ? 'This limit does not reset by itself.'
      : `It resets at ${resetText(limit.window, resetsAtMs)}.`)
  const seconds =
    limit.window.kind === 'minute' && resetsAtMs !== null ? Math.ceil((resetsAtMs - nowMs) / 1000) : undefined
  const details = {
    limitId: limit.id,
    scope: `${limit.scope.kind}:${limit.scope.id}`,
    metric: limit.metric,
    limit: limit.amount.toString(),
    used: value.settled.toString(),
    held: value.held.toString(),
    asked: asked.toString(),
    resetsAt: resetsAtMs === null ? null : new Date(resetsAtMs).toISOString(),
  }
  // Waiting helps within a minute window only, unless the call is larger than the limit itself.
  return seconds !== undefined && asked <= limit.amount
    ? new PublicError('rate_limited', message, { details, retryAfterSeconds: Math.max(1, seconds) })
    : new PublicError('limit_reached', message, { details })
}

function subjectOf(kind: ScopeKind, id: string): string {
  return kind === 'user' ? id : `The ${kind} ${id}`
}

function inUnit(metric: Metric, amount: bigint): string {
  if (metric === 'costNanoUsd') return `$${usdFromNano(amount)}`
  return `${amount.toLocaleString('en-US')} ${amount === 1n ? metric.slice(0, -1) : metric}`
}

function span(window: Window): string {
  if (window.kind === 'lifetime') return ''
  return window.kind === 'minute' ? ' in the last minute' : ` this ${window.unit}`
}

function resetText(window: Window, atMs: number): string {
  const zone = window.kind === 'calendar' ? window.zone : 'UTC'
  const at = Temporal.Instant.fromEpochMilliseconds(atMs).toZonedDateTimeISO(zone)
  return `${at.toPlainDateTime().toString({ smallestUnit: 'second' }).replace('T', ' ')} ${zone}`
}
