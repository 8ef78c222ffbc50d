import type { FastifyError, FastifyReply } from 'fastify'
import type { z } from 'zod'
import { PublicError, StoreUnavailable } from '../core/errors.ts'

/** Answers with an error of the catalogue; anything else that was thrown is reported, and says nothing to the caller. */
export function answerError(error: unknown, reply: FastifyReply, report: (problem: string, error: unknown) => void) {
  const known = publicError(error, reply.request.routeOptions.bodyLimit)
  if (!known) report(`${reply.request.method} ${reply.request.routeOptions.url ?? ''} failed`, error)
  const { status, ...body } = (known ?? new PublicError('internal', 'Something went wrong on our side.')).body
  if (body.retryAfterSeconds !== undefined) reply.header('retry-after', body.retryAfterSeconds)
  return reply.code(status).send({ error: body })
}

function publicError(error: unknown, bodyCapBytes: number | undefined): PublicError | undefined {
  if (error instanceof PublicError) return error
  if (error instanceof StoreUnavailable)
    return new PublicError('ledger_unavailable', 'The ledger does not answer.', { retryAfterSeconds: 1 })
  const { code, statusCode } = error as Partial<FastifyError>
  switch (code) {
    case 'FST_ERR_CTP_BODY_TOO_LARGE':
      return new PublicError(
        'body_too_large',
        `The body is larger than the ${bodyCapBytes} bytes that this route takes.`,
      )
    case 'FST_ERR_CTP_INVALID_MEDIA_TYPE':
      return new PublicError('unsupported_media_type', 'The body must be application/json.')
    case 'FST_ERR_HANDLER_TIMEOUT':
      return new PublicError('ledger_unavailable', 'The ledger did not answer in time.', { retryAfterSeconds: 1 })
    case 'FST_ERR_BAD_URL':
      return new PublicError('invalid_request', 'The path is not valid percent-encoded UTF-8.')
  }
  if (statusCode !== undefined && statusCode >= 400 && statusCode < 500)
    return new PublicError('invalid_request', 'The request could not be read.')
  return undefined
}

/** The first thing that is wrong with a part of a request, by its path. */
export function fieldError(error: z.ZodError): PublicError {
  const issue = error.issues[0]!
  const unknown = issue.code === 'unrecognized_keys' ? issue.keys.slice(0, 1) : []
  const field = pathOf([...issue.path, ...unknown])
  const problem = unknown.length > 0 ? 'is not a field of this request' : issue.message
  const message = field === '' ? `The request: ${problem}.` : `${field}: ${problem}.`
  return new PublicError('invalid_field', message, field === '' ? {} : { field })
}

/** As in `messages[0].content`. What a caller wrote is cut, for it is told again. */
function pathOf(path: readonly PropertyKey[]): string {
  const joined = path.reduce<string>(
    (text, part) => text + (typeof part === 'number' ? `[${part}]` : `${text ? '.' : ''}${String(part)}`),
    '',
  )
  return joined.slice(0, 200).toWellFormed()
}
