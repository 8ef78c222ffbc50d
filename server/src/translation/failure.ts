import { APICallError } from '@ai-sdk/provider'
import { ERRORS, type ErrorBody, PublicError } from '../core/errors.ts'

/** An error as the client is told it: in OpenAI's shape. */
export interface ToldFailure {
  readonly status: number
  readonly body: object
}

/** What our own route refused, so that it is told as every refusal is; undefined where it was not ours. */
export function refusalIn(error: unknown): PublicError | undefined {
  const told = saidBy(error)
  const { code, field, details, message } = told as Partial<ErrorBody>
  if (typeof code !== 'string' || !Object.hasOwn(ERRORS, code)) return undefined
  const hint = ERRORS[code].next
  const text = typeof message === 'string' ? message.replace(` ${hint}`, '') : code
  const after = Number((error as APICallError).responseHeaders?.['retry-after'] ?? Number.NaN)
  return new PublicError(code, text, {
    ...(typeof field === 'string' && { field }),
    ...(details !== null && typeof details === 'object' && { details }),
    ...(after >= 0 && { retryAfterSeconds: after }),
  })
}

/** What the provider itself said, with its status. */
export function failureOf(error: unknown): ToldFailure {
  const status = APICallError.isInstance(error) ? (error.statusCode ?? 502) : 502
  const { message } = saidBy(error)
  const text = typeof message === 'string' ? message : 'The provider broke off.'
  const type = status < 500 ? 'invalid_request_error' : 'server_error'
  return { status, body: { error: { message: text, type, param: null, code: null } } }
}

/** The object that an error's answer was; empty where it was none. */
function saidBy(error: unknown): Readonly<Record<string, unknown>> {
  if (!APICallError.isInstance(error) || error.responseBody === undefined) return {}
  try {
    const said: unknown = JSON.parse(error.responseBody)
    return said !== null && typeof said === 'object' ? (said as Record<string, unknown>) : {}
  } catch {
    return {}
  }
}
