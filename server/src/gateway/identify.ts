import type { IncomingHttpHeaders, IncomingMessage } from 'node:http'
import type { Identity } from '../core/account.ts'
import { PublicError } from '../core/errors.ts'
import type { Gateway } from './gateway.ts'
import { keyInQuery } from './query-key.ts'

/**
 * Whose call it is: by the key that stands where the client's SDK puts its API key. Throws `unauthenticated`; to who presents
 * too much that is no key, `rate_limited`. Whoever presents one is never kept.
 */
export async function identify(
  gateway: Pick<Gateway, 'identify' | 'guessAgainSeconds'>,
  request: IncomingMessage,
  takesKeyInQuery = false,
): Promise<Identity> {
  const key = presentedKey(request.headers) ?? (takesKeyInQuery ? keyInQuery(request.url ?? '') : undefined)
  const identity = key === undefined ? undefined : await gateway.identify(key)
  const waitSeconds = identity ? 0 : gateway.guessAgainSeconds(request)
  if (waitSeconds === 0 && key === undefined && SIGNATURE.test(request.headers.authorization ?? '')) throw signed()
  if (waitSeconds === 0) return known(identity)
  throw new PublicError('rate_limited', 'Too many wrong keys.', { retryAfterSeconds: waitSeconds })
}

/** AWS's SDKs sign with AWS's credentials unless they have a bearer token: nobody here knows those. */
const SIGNATURE = /^AWS4-/
function signed(): PublicError {
  return new PublicError(
    'unauthenticated',
    'This request is signed with credentials of AWS. Set AWS_BEARER_TOKEN_BEDROCK to a Token Trackr key.',
  )
}

/** The identity, where there is one. Throws `unauthenticated`. */
export function known(identity: Identity | undefined): Identity {
  if (!identity) throw new PublicError('unauthenticated', 'This is not a valid Token Trackr key.')
  return identity
}

/** OpenAI's clients send `Authorization: Bearer`; others a header of their own. The first that is there counts. */
export function presentedKey(headers: IncomingHttpHeaders): string | undefined {
  const bearer = headers.authorization
  if (bearer !== undefined && bearer.slice(0, 7).toLowerCase() === 'bearer ') return bearer.slice(7).trim()
  for (const name of KEY_HEADERS) {
    const key = headers[name]
    if (typeof key === 'string') return key
  }
  return undefined
}
/** Anthropic's, Azure's and Google's. */
const KEY_HEADERS = ['x-api-key', 'api-key', 'x-goog-api-key']
