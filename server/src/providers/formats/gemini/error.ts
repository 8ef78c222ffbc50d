import type { ErrorBody } from '../../../core/errors.ts'

/** Google's shape (google.rpc.Status): what is ours stands in the details that Google has for it. */
export function googleError({ code, status, message, hint, field, details, retryAfterSeconds }: ErrorBody): unknown {
  const told = Object.entries(details ?? {}).flatMap(([name, value]) => (value === null ? [] : [[name, String(value)]]))
  return {
    error: {
      code: status,
      message: `${message} ${hint}`,
      status: STATUSES[status] ?? (status < 500 ? 'INVALID_ARGUMENT' : 'INTERNAL'),
      details: [
        {
          '@type': `${TYPE}ErrorInfo`,
          reason: code.toUpperCase(),
          domain: 'token-trackr',
          metadata: { hint, ...Object.fromEntries(told) },
        },
        ...(field === undefined
          ? []
          : [{ '@type': `${TYPE}BadRequest`, fieldViolations: [{ field, description: message }] }]),
        ...(retryAfterSeconds === undefined
          ? []
          : [{ '@type': `${TYPE}RetryInfo`, retryDelay: `${retryAfterSeconds}s` }]),
      ],
    },
  }
}
const TYPE = 'type.googleapis.com/google.rpc.'
const STATUSES: Readonly<Record<number, string>> = {
  401: 'UNAUTHENTICATED',
  403: 'PERMISSION_DENIED',
  404: 'NOT_FOUND',
  409: 'ABORTED',
  429: 'RESOURCE_EXHAUSTED',
  502: 'UNAVAILABLE',
  503: 'UNAVAILABLE',
  504: 'DEADLINE_EXCEEDED',
}
