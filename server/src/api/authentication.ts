import type { IncomingHttpHeaders } from 'node:http'
import type { FastifyRequest } from 'fastify'
import type { Accounts } from '../accounts/accounts.ts'
import { PublicError } from '../core/errors.ts'
import type { Authentication } from '../core/route.ts'
import type { Caller, Context } from './route.ts'

export const SESSION_COOKIE = 'tt_session'
/** Longer than any credential of ours: what is longer is not looked at. */
const LONGEST_CREDENTIAL = 512

/** As `authenticate`. Whoever presents too much that is no credential has to wait; who presents one is never kept. */
export async function authenticateSlowly(
  context: Pick<Context, 'accounts' | 'isLocalOnly' | 'guesses'>,
  authentication: Authentication,
  request: FastifyRequest,
): Promise<Caller> {
  try {
    return await authenticate(context, authentication, request)
  } catch (error) {
    if (!(error instanceof PublicError) || error.body.code !== 'unauthenticated') throw error
    const waitSeconds = context.guesses.waitSeconds(request.ip)
    if (waitSeconds === 0) throw error
    throw new PublicError('rate_limited', 'Too many wrong credentials.', { retryAfterSeconds: waitSeconds })
  }
}

/** Finds out who calls, as the route asks for it. Throws `unauthenticated`, the same for everything that is no credential. */
async function authenticate(
  { accounts, isLocalOnly }: Pick<Context, 'accounts' | 'isLocalOnly'>,
  authentication: Authentication,
  request: FastifyRequest,
): Promise<Caller> {
  switch (authentication) {
    case 'none':
      return { role: 'anybody' }
    case 'key':
      return byKey(accounts, request.headers)
    case 'admin':
      return administrator(accounts, request)
    case 'local':
      return isLocalOnly && !isForwarded(request.headers) ? { role: 'anybody' } : administrator(accounts, request)
  }
}

/** A proxy on this machine may ask for somebody who is elsewhere. */
function isForwarded(headers: IncomingHttpHeaders): boolean {
  return ['forwarded', 'x-forwarded-for', 'x-real-ip', 'via'].some((name) => headers[name] !== undefined)
}

async function byKey(accounts: Accounts, headers: IncomingHttpHeaders): Promise<Caller> {
  const presented = bearer(headers) ?? apiKey(headers)
  const identity = presented === undefined ? undefined : await accounts.identify(presented)
  if (!identity) throw new PublicError('unauthenticated', 'This is not a valid Token Trackr key.')
  return { role: 'key', tenantId: identity.tenant.id, identity }
}

async function administrator(accounts: Accounts, request: FastifyRequest): Promise<Caller> {
  const presented = bearer(request.headers) ?? apiKey(request.headers)
  if (presented !== undefined) {
    if (accounts.isAdministrator(presented)) return { role: 'admin', tenantId: 'default', expiresAtMs: null }
    if (await accounts.identify(presented))
      throw new PublicError('forbidden', 'This is for the administrator; a key opens the models only.')
    throw notAdministrator()
  }
  const cookie = request.cookies[SESSION_COOKIE]
  const session = cookie === undefined ? undefined : accounts.readSession(cookie)
  if (!session) throw notAdministrator()
  if (request.method !== 'GET' && request.method !== 'HEAD') requireSameOrigin(request.headers)
  return { role: 'admin', tenantId: session.tenantId, expiresAtMs: session.expiresAtMs }
}

function notAdministrator(): PublicError {
  return new PublicError('unauthenticated', "This needs the administrator's secret, or a session that began with it.")
}

/**
 * Refuses a change that another site made the browser ask for with our cookie. Browsers send Sec-Fetch-Site, and no
 * script can forge it; the Origin of older ones must be our own host.
 */
export function requireSameOrigin(headers: IncomingHttpHeaders): void {
  const site = headers['sec-fetch-site']
  const isOwn = site === undefined ? isOwnOrigin(headers) : site === 'same-origin'
  if (!isOwn) throw new PublicError('forbidden', 'With a session, only the dashboard itself may change anything.')
}

function isOwnOrigin({ origin, host }: IncomingHttpHeaders): boolean {
  return origin !== undefined && host !== undefined && URL.parse(origin)?.host === host.toLowerCase()
}

function bearer({ authorization }: IncomingHttpHeaders): string | undefined {
  if (authorization === undefined) return undefined
  const [, token = ''] = /^bearer +(\S+)$/i.exec(authorization.slice(0, LONGEST_CREDENTIAL + 1)) ?? []
  return token.length <= LONGEST_CREDENTIAL ? token : ''
}

function apiKey(headers: IncomingHttpHeaders): string | undefined {
  const key = headers['x-api-key']
  if (typeof key !== 'string') return undefined
  return key.length <= LONGEST_CREDENTIAL ? key : ''
}
