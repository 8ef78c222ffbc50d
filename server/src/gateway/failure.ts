import type { IncomingHttpHeaders } from 'node:http'
import { PublicError } from '../core/errors.ts'
import type { Deployment } from '../core/ports/deployment.ts'
import type { Call } from './call.ts'
import { sendError } from './respond.ts'

/** An attempt that brought the client nothing yet: another one may, or the failure is told. */
export interface Failure {
  /** For people who look after deployments. */
  readonly reason: string
  /** Whether another attempt makes sense: the request is not at fault, and the answer had not begun. */
  readonly retriable: boolean
  /** The request is at fault only for what we added to it: that usage be sent in the stream. */
  readonly refusesUsage?: boolean
  /** How long the provider asked to be left alone. */
  readonly retryAfterMs: number | undefined
  /** Tells the client: the provider's own error as it came, or ours in the API's shape. */
  readonly tell: () => void
}

/** A failure that the client is told of in our words. */
export function ownFailure(
  { response, format, id }: Pick<Call, 'response' | 'format' | 'id'>,
  error: PublicError,
  retriable: boolean,
): Failure {
  const tell = () => sendError(response, format, error.body, id)
  return { reason: error.message, retriable, retryAfterMs: undefined, tell }
}

/** Statuses with which a provider says that it, not the request, is at fault, or that it is busy (529: Anthropic's). */
const RETRIABLE_STATUSES = new Set([408, 429, 500, 502, 503, 504, 529])
export function isRetriable(status: number): boolean {
  return RETRIABLE_STATUSES.has(status)
}

/** Our credential is at fault there, not the client's: another deployment may have a better one. */
export function isCredentialRefused(status: number): boolean {
  return status === 401 || status === 403
}

export function credentialError({ provider, credentialName }: Deployment): PublicError {
  return new PublicError('model_unavailable', `${provider} refused our credential, ${credentialName}.`)
}

export function redirectError({ provider }: Deployment): PublicError {
  return new PublicError('upstream_redirect', `${provider} answered with a redirect, which is not followed.`)
}

export function stoppingError(): PublicError {
  return new PublicError('not_ready', 'The server is stopping.', { retryAfterSeconds: 1 })
}

/** An answer that is not booked is not given. */
export function unbookedError(): PublicError {
  return new PublicError('ledger_unavailable', 'The ledger cannot be written now.', { retryAfterSeconds: 1 })
}

/** `Retry-After` in seconds or as a date (RFC 9110, 10.2.3), and OpenAI's `retry-after-ms`. */
export function retryAfterMs(headers: IncomingHttpHeaders, nowMs: number): number | undefined {
  const precise = Number(headers['retry-after-ms'] ?? Number.NaN)
  if (precise >= 0) return precise
  const after = headers['retry-after']
  if (after === undefined) return undefined
  if (/^\d{1,9}$/.test(after)) return Number(after) * 1000
  const atMs = Date.parse(after)
  return Number.isNaN(atMs) ? undefined : Math.max(0, atMs - nowMs)
}

/** Why a provider gave no answer, as its clients are told. */
export function brokenError({ provider }: Deployment, error: Error): PublicError {
  const code = (error as NodeJS.ErrnoException).code ?? ''
  if (code === 'UND_ERR_HEADERS_TIMEOUT' || code === 'UND_ERR_BODY_TIMEOUT')
    return new PublicError('upstream_timeout', `${provider} did not answer in time.`)
  return new PublicError('upstream_unreachable', `${provider} could not be reached or broke off.`)
}
