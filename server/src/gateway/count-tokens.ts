import { PublicError } from '../core/errors.ts'
import { type Arrival, errandOf } from './arrival.ts'
import { askForCount } from './count-input.ts'
import { credentialError, isCredentialRefused, redirectError } from './failure.ts'
import type { Gateway } from './gateway.ts'
import { readBody } from './read-body.ts'
import { resolve } from './resolve.ts'
import { relayedHeaders } from './respond.ts'
import { withoutCredential } from './without-credential.ts'

const PATIENCE_MS = 30_000

/** A client asks how many tokens its input has: the provider counts, for free, and its answer is passed on as it is. */
export async function countForClient(gateway: Gateway, arrival: Arrival): Promise<void> {
  const { id, format, request, response, route, address } = arrival
  const body = await readBody(request)
  const model = address.model ?? body.json['model']
  if (typeof model !== 'string') throw new PublicError('invalid_field', 'model must be a string.', { field: 'model' })
  const [deployment] = gateway.health.inOrder(resolve(gateway.deployments, route.format, model))
  arrival.deployment = deployment!
  const { upstreamModel } = deployment!
  const outgoing = upstreamModel === model ? Buffer.from(body.text) : format.edit(body, { model: upstreamModel })
  const errand = errandOf(arrival, false)
  const forward = { deployment: deployment!, errand, clientHeaders: request.headers, body: outgoing }
  const answer = await askForCount(gateway, forward, PATIENCE_MS)
  if (answer.status >= 300 && answer.status < 400) throw redirectError(deployment!)
  // As of any call: a client's 403 would mean its own key, and the provider's words may hold a part of ours.
  if (isCredentialRefused(answer.status)) throw credentialError(deployment!)
  const bytes = withoutCredential(answer.bytes, deployment!)
  response.writeHead(answer.status, {
    ...relayedHeaders(answer.headers),
    'content-length': String(bytes.length),
    'x-token-trackr-call-id': id,
  })
  response.end(bytes)
}
