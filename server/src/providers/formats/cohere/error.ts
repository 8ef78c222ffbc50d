import type { ErrorBody } from '../../../core/errors.ts'

/** Cohere's shape, a message alone, with our own members beside it. */
export function cohereError({ code, message, hint, field, details, retryAfterSeconds }: ErrorBody): unknown {
  return {
    message: `${message} ${hint}`,
    code,
    hint,
    ...(field !== undefined && { field }),
    ...(details && { details }),
    ...(retryAfterSeconds !== undefined && { retryAfterSeconds }),
  }
}
