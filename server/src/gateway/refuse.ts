import type { Identity } from '../core/account.ts'
import type { ErrorBody } from '../core/errors.ts'
import type { Hold } from '../core/hold.ts'
import type { Limit } from '../core/limit.ts'
import type { Gateway } from './gateway.ts'
import type { Arrival } from './arrival.ts'
import { refusalError } from './refusal.ts'
import { publicBody, sendError } from './respond.ts'

/** Tells a client why its call was not admitted, and lets the ledger count it where it is known whose call it was. */
export function refuse(gateway: Gateway, arrival: Arrival, error: unknown): void {
  const { id: callId, format, response, identity, deployment } = arrival
  const body = publicBody(error)
  if (body.code === 'internal' || body.code === 'ledger_unavailable') gateway.report(body.message, error, callId)
  const of = { provider: deployment?.provider ?? null, model: deployment?.model ?? null }
  gateway.events.refused({ callId, atMs: gateway.nowMs(), error: body, ...whose(identity), ...of })
  if (identity) keep(gateway, { ...whose(identity), ...of, callId }, body, false)
  sendError(response, format, body, callId)
}

/** Counts what limits in shadow mode would have refused. The call goes on meanwhile. */
export function refuseInShadow(gateway: Gateway, hold: Hold, limits: readonly Limit[]): void {
  if (!limits.some((limit) => limit.mode === 'shadow' && limit.amount !== null)) return
  gateway.ledger
    .shadowObstacles(hold, limits)
    .then((obstacles) => {
      for (const obstacle of obstacles) keep(gateway, hold, refusalError(obstacle, hold.countedAtMs).body, true)
      return obstacles
    })
    .catch((error: unknown) => gateway.report('limits in shadow mode could not be read', error, hold.callId))
}

interface Of {
  readonly callId: string
  readonly tenantId: string
  readonly userId: string
  readonly keyId: string
  readonly provider: string | null
  readonly model: string | null
}

function keep(gateway: Gateway, of: Of, { code, message, details = {} }: ErrorBody, shadow: boolean): void {
  const { callId, tenantId, userId, keyId, provider, model } = of
  const limitId = typeof details['limitId'] === 'string' ? details['limitId'] : null
  gateway.ledger.refuse({
    id: gateway.newId(),
    atMs: gateway.nowMs(),
    callId,
    tenantId,
    userId,
    keyId,
    provider,
    model,
    code,
    limitId,
    shadow,
    message: message.slice(0, MOST_CHARACTERS),
    details,
  })
}
const MOST_CHARACTERS = 500

function whose(identity: Identity): { tenantId: string; userId: string; keyId: string }
function whose(identity: Identity | undefined): { tenantId: string | null; userId: string | null; keyId: string | null }
function whose(identity: Identity | undefined) {
  return {
    tenantId: identity?.tenant.id ?? null,
    userId: identity?.user.id ?? null,
    keyId: identity?.key.id ?? null,
  }
}
