import type { ErrorBody } from '../../../core/errors.ts'

/** AWS's shape, with our own members beside its one. Its SDKs take the exception's name from the header. */
export function awsError({ code, message, hint, field, details, retryAfterSeconds }: ErrorBody): unknown {
  return {
    message: `${message} ${hint}`,
    code,
    hint,
    ...(field !== undefined && { field }),
    ...(details && { details }),
    ...(retryAfterSeconds !== undefined && { retryAfterSeconds }),
  }
}

export function awsErrorHeaders({ status }: ErrorBody): Readonly<Record<string, string>> {
  return {
    'x-amzn-errortype': EXCEPTIONS[status] ?? (status < 500 ? 'ValidationException' : 'InternalServerException'),
  }
}

/** Bedrock itself calls a limit of tokens per minute and one of tokens per day `ThrottlingException`. */
const EXCEPTIONS: Readonly<Record<number, string>> = {
  401: 'AccessDeniedException',
  403: 'AccessDeniedException',
  404: 'ResourceNotFoundException',
  429: 'ThrottlingException',
  502: 'ServiceUnavailableException',
  503: 'ServiceUnavailableException',
  504: 'ModelTimeoutException',
}
