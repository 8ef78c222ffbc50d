import type { IncomingHttpHeaders } from 'node:http'
import type { Identity } from '../core/account.ts'
import { PublicError } from '../core/errors.ts'
import type { Gateway } from './gateway.ts'

/** Whose call it is: by the key that stands where the client's SDK puts its API key. Throws `unauthenticated`. */
export async function identify(gateway: Pick<Gateway, 'identify'>, headers: IncomingHttpHeaders): Promise<Identity> {
  const key = presentedKey(headers)
  return known(key === undefined ? undefined : await gateway.identify(key))
}

/** The identity, where there is one. Throws `unauthenticated`. */
export function known(identity: Identity | undefined): Identity {
  if (!identity) throw new PublicError('unauthenticated', 'This is not a valid Token Trackr key.')
  return identity
}

/** OpenAI's clients send `Authorization: Bearer`, Anthropic's `x-api-key`. */
function presentedKey(headers: IncomingHttpHeaders): string | undefined {
  const bearer = headers.authorization
  if (bearer !== undefined && bearer.slice(0, 7).toLowerCase() === 'bearer ') return bearer.slice(7).trim()
  const apiKey = headers['x-api-key']
  return typeof apiKey === 'string' ? apiKey : undefined
}
