import type { IncomingHttpHeaders, ServerResponse } from 'node:http'
import { ERRORS, type ErrorBody, PublicError, StoreUnavailable } from '../core/errors.ts'
import type { Format } from '../core/ports/format.ts'

/** The error as callers may see it: what is not meant for them becomes `internal`. */
export function publicBody(error: unknown): ErrorBody {
  if (error instanceof PublicError) return error.body
  if (error instanceof StoreUnavailable)
    return new PublicError('ledger_unavailable', 'The ledger cannot be written now, so the call was not made.', {
      retryAfterSeconds: 1,
    }).body
  return new PublicError('internal', 'Something failed here that should not.').body
}

/** Answers with an error in the called API's own shape, so that its SDK raises the right exception. */
export function sendError(response: ServerResponse, format: Format, body: ErrorBody, callId: string): void {
  if (response.headersSent || response.destroyed) {
    response.destroy()
    return
  }
  const payload = Buffer.from(JSON.stringify(format.error(body)))
  response.writeHead(body.status, {
    ...format.errorHeaders?.(body),
    'content-type': 'application/json; charset=utf-8',
    'content-length': String(payload.length),
    'x-token-trackr-call-id': callId,
    'x-token-trackr-error': body.code,
    'x-should-retry': String(ERRORS[body.code].retry),
    ...(body.retryAfterSeconds !== undefined && { 'retry-after': String(body.retryAfterSeconds) }),
    ...limitHeaders(body),
    // What is left of a body that was refused is not read.
    ...(!response.req.complete && { connection: 'close' }),
  })
  response.end(payload)
}

function limitHeaders({ details }: ErrorBody): Record<string, string> {
  if (details?.limit === undefined) return {}
  const { limit, used, held, asked, resetsAt } = details
  return {
    'x-token-trackr-limit': String(limit),
    'x-token-trackr-used': String(used),
    'x-token-trackr-held': String(held),
    'x-token-trackr-asked': String(asked),
    ...(resetsAt && { 'x-token-trackr-reset': String(resetsAt) }),
  }
}

/**
 * Headers of a provider's answer that are not passed on: those of the hop, those that would act on a browser at our
 * origin, and the length, which is ours to say.
 */
const NOT_RELAYED = new Set([
  ...[
    'connection',
    'keep-alive',
    'proxy-authenticate',
    'te',
    'trailer',
    'transfer-encoding',
    'upgrade',
    'content-length',
  ],
  ...['set-cookie', 'set-cookie2', 'clear-site-data', 'alt-svc', 'location', 'refresh', 'link', 'sourcemap'],
  ...['strict-transport-security', 'public-key-pins', 'www-authenticate', 'service-worker-allowed'],
  ...['content-security-policy', 'content-security-policy-report-only', 'permissions-policy', 'x-frame-options'],
  ...['report-to', 'reporting-endpoints', 'nel', 'speculation-rules', 'accept-ch', 'critical-ch'],
  ...['origin-agent-cluster', 'cross-origin-opener-policy', 'cross-origin-opener-policy-report-only'],
  ...['cross-origin-embedder-policy', 'cross-origin-embedder-policy-report-only', 'cross-origin-resource-policy'],
])

/** A provider's headers as the client gets them. */
export function relayedHeaders(headers: IncomingHttpHeaders): Record<string, string | string[]> {
  const relayed: Record<string, string | string[]> = {}
  for (const name in headers) {
    const value = headers[name]
    if (
      value === undefined ||
      NOT_RELAYED.has(name) ||
      name.startsWith('access-control-') ||
      name.startsWith('x-token-trackr-')
    )
      continue
    relayed[name] = value
  }
  return relayed
}
