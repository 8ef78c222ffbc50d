import { APICallError } from '@ai-sdk/provider'
import { ERRORS, type ErrorBody, PublicError } from '../core/errors.ts'
import type { RefusedThere, TranslatedAnswer } from '../core/ports/translation.ts'

/** A failure as the client is told it: in OpenAI's shape. */
export type ToldFailure = Pick<TranslatedAnswer, 'status' | 'headers'> & { readonly body: object }

/**
 * What our own route refused, undefined where it was not ours. Only a header tells, which no provider's answer can have: a
 * body may say anything.
 */
export function refusalIn(error: unknown): RefusedThere | undefined {
  const { [CODE]: code = '', [CALL_ID]: callId = '', 'retry-after': after } = headersOf(error)
  if (!isCode(code)) return undefined
  const { field, details, message } = saidBy(error) as Partial<ErrorBody>
  const text = typeof message === 'string' ? message.replace(` ${ERRORS[code].next}`, '') : code
  const refusal = new PublicError(code, text, {
    ...(field !== undefined && { field }),
    ...(details && { details }),
    ...(after !== undefined && { retryAfterSeconds: Number(after) }),
  })
  return { refusal: refusal.body, callId }
}
const CODE = 'x-token-trackr-error'
const CALL_ID = 'x-token-trackr-call-id'

function isCode(code: string): code is ErrorBody['code'] {
  return Object.hasOwn(ERRORS, code)
}

/** What the provider itself said, with its status and what tells clients when to come again. */
export function failureOf(error: unknown): ToldFailure {
  const status = APICallError.isInstance(error) ? (error.statusCode ?? 502) : 502
  const { message } = saidBy(error)
  const text = typeof message === 'string' ? message : 'The provider broke off.'
  const type = status < 500 ? 'invalid_request_error' : 'server_error'
  const { 'retry-after': after, ...headers } = headersOf(error)
  return {
    status,
    headers: { ...ours(headers), ...(after !== undefined && { 'retry-after': after }) },
    body: { error: { message: text, type, param: null, code: null } },
  }
}

/** What the native route says of a call: its id, what is left. */
export function ours(headers: Readonly<Record<string, string>> = {}): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => name.startsWith('x-token-trackr-')))
}

function headersOf(error: unknown): Readonly<Record<string, string>> {
  return (APICallError.isInstance(error) && error.responseHeaders) || {}
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
