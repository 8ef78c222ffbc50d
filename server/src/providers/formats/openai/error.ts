import type { ErrorBody } from '../../../core/errors.ts'

/** The shape of every error of OpenAI's APIs, with our own members beside its four. */
export function openaiError({ code, status, message, hint, field, details, retryAfterSeconds }: ErrorBody): unknown {
  return {
    error: {
      message: `${message} ${hint}`,
      type: ERROR_TYPES[status] ?? (status < 500 ? 'invalid_request_error' : 'server_error'),
      param: field ?? null,
      code,
      hint,
      ...(details && { details }),
      ...(retryAfterSeconds !== undefined && { retryAfterSeconds }),
    },
  }
}
const ERROR_TYPES: Readonly<Record<number, string>> = {
  401: 'authentication_error',
  403: 'permission_error',
  404: 'not_found_error',
  429: 'rate_limit_error',
}
