import { once } from 'node:events'
import type { Demand } from '../core/bound.ts'
import type { Format, RequestBody } from '../core/ports/format.ts'
import type { Arrival } from './arrival.ts'
import type { Gateway } from './gateway.ts'
import { presentedKey } from './identify.ts'
import { sendError } from './respond.ts'

const FOR_US = 'x-token-trackr-'

/** Whether a model speaks another API alone, and a translation into that one is known. */
export function isTranslated({ translation, deployments }: Gateway, { name }: Format, model: string): boolean {
  if (name !== translation.from || deployments.resolve(name, model).length > 0) return false
  return deployments.resolve(translation.into, model).length > 0
}

/**
 * Answers a call in the words of the API that was called, by one in those of the API that its model speaks. That one takes
 * its own way through this pipeline, so nothing is held or booked for this one.
 */
export async function translate(
  gateway: Gateway,
  { id, format, request, response }: Arrival,
  body: RequestBody,
  { model, stream }: Demand,
): Promise<void> {
  if (response.destroyed) return
  const left = new AbortController()
  response.once('close', () => left.abort())
  const own = Object.entries(request.headers).filter(([name]) => name.startsWith(FOR_US)) as [string, string][]
  const answer = await gateway.translation.answer({
    ...{ id, body: body.json, model, stream, signal: left.signal },
    key: presentedKey(request.headers) ?? '',
    headers: Object.fromEntries(own),
    atMs: gateway.nowMs(),
  })
  if ('refusal' in answer) return sendError(response, format, answer.refusal, answer.callId)
  response.writeHead(answer.status, { 'content-type': answer.contentType, ...answer.headers })
  try {
    for await (const piece of answer.pieces)
      if (!response.write(piece)) await once(response, 'drain', { signal: left.signal })
    response.end()
  } catch {
    // An answer that has begun and does not come to its end is cut, as a broken provider's is.
    response.destroy()
  }
}
