import type { Identity } from '../core/account.ts'
import type { Attempt } from '../core/entry.ts'
import { namesFor } from '../core/few-names.ts'
import type { Call } from './call.ts'
import type { Gateway } from './gateway.ts'
import { known } from './identify.ts'
import type { Arrival, Asked } from './arrival.ts'
import { prepare } from './prepare.ts'
import { refuseInShadow } from './refuse.ts'
import { reserve } from './reserve.ts'
import type { Callable } from './resolve.ts'

/** Bounds and reserves one attempt at a deployment. Throws the refusal. */
export async function admit(
  gateway: Gateway,
  arrival: Arrival,
  asked: Asked,
  deployment: Callable,
  number: number,
): Promise<Call> {
  arrival.deployment = deployment
  const { format } = arrival
  const { body, demand } = asked
  for (;;) {
    const identity = known(arrival.identity)
    const attempt: Attempt = {
      id: gateway.newId(),
      callId: arrival.id,
      attempt: number,
      tenantId: identity.tenant.id,
      userId: identity.user.id,
      keyId: identity.key.id,
      provider: deployment.provider,
      model: nameOf(gateway, identity, deployment),
      format: format.name,
      stream: demand.stream,
      audit: asked.audit,
      labels: asked.labels,
    }
    const admitted = await reserve(gateway, { attempt, identity, deployment, format, body, demand })
    if (admitted !== 'stale') {
      if (!admitted.isSpooled) refuseInShadow(gateway, admitted.hold, admitted.limits)
      return prepare(gateway, arrival, { asked, deployment, admitted })
    }
    // A limit or a key has changed in between: who calls, and under which limits, is asked again.
    arrival.identity = known(await gateway.refresh(identity))
  }
}

/**
 * The name that the ledger knows the model by. A host that serves any name would let clients make rollups without end:
 * there, a tenant gets only so many new names in a day, and the rest of its calls are reported under one.
 */
function nameOf({ names, nowMs }: Gateway, identity: Identity, { provider, model, isUnheardOf }: Callable): string {
  return isUnheardOf ? namesFor(names, identity, { provider, model }, nowMs()).model : model
}
