import { once } from 'node:events'
import type { Demand } from '../core/bound.ts'
import type { RequestBody } from '../core/ports/format.ts'
import type { Arrival } from './arrival.ts'
import type { Gateway } from './gateway.ts'
import { presentedKey } from './identify.ts'
import { sendError } from './respond.ts'

const FOR_US = 'x-token-trackr-'

/**
 * Answers a call whose model speaks another API alone, where a translation into that one is known; answers whether it
 * did. The translated call takes its own way through this pipeline, so nothing is held or booked for this one.
 */
export async function translate(
  gateway: Gateway,
  arrival: Arrival,
  body: RequestBody,
  demand: Demand,
): Promise<boolean> {
  const { translation, deployments } = gateway
  const { id, format, request, response } = arrival
  if (format.name !== translation.from || deployments.resolve(format.name, demand.model).length > 0) return false
  if (deployments.resolve(translation.into, demand.model).length === 0) return false
  if (response.destroyed) return true
  const left = new AbortController()
  response.once('close', () => left.abort())
  const own = Object.entries(request.headers).filter(([name]) => name.startsWith(FOR_US)) as [string, string][]
  const answer = await translation.answer({
    ...{ id, body: body.json, model: demand.model, stream: demand.stream, signal: left.signal },
    key: presentedKey(request.headers) ?? '',
    headers: Object.fromEntries(own),
    atMs: gateway.nowMs(),
  })
  if ('refusal' in answer) {
    sendError(response, format, answer.refusal, answer.callId)
    return true
  }
  response.writeHead(answer.status, { 'content-type': answer.contentType, ...answer.headers })
  try {
    for await (const piece of answer.pieces)
      if (!response.write(piece)) await once(response, 'drain', { signal: left.signal })
    response.end()
  } catch {
    // An answer that has begun and does not come to its end is cut, as a broken provider's is.
    response.destroy()
  }
  return true
}
