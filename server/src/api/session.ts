import type { FastifyRequest } from 'fastify'
import { z } from 'zod'
import { PublicError } from '../core/errors.ts'
import { networkOf } from '../core/network.ts'
import { requireSameOrigin, SESSION_COOKIE } from './authentication.ts'
import { type Context, type ControlRoute, route } from './route.ts'

const TENANT = 'default'

export const sessionRoutes: readonly ControlRoute[] = [
  route({
    method: 'POST',
    path: '/api/session',
    summary: "Sign in with the administrator's secret",
    authentication: 'none',
    body: z.strictObject({ secret: z.string().max(200) }),
    answers: { 204: null },
    async handle(context, { body, raw }, reply) {
      if (raw.headers['sec-fetch-site'] !== undefined) requireSameOrigin(raw.headers)
      const network = networkOf(raw.ip)
      const waitSeconds = context.signIns.take(network)
      if (waitSeconds > 0)
        throw new PublicError('rate_limited', 'Too many wrong secrets.', { retryAfterSeconds: waitSeconds })
      if (!context.accounts.isAdministrator(body.secret))
        throw new PublicError('unauthenticated', "This is not the administrator's secret.")
      context.signIns.giveBack(network)
      const { session, token } = context.accounts.startSession(TENANT)
      reply.setCookie(SESSION_COOKIE, token, { ...cookie(context, raw), expires: new Date(session.expiresAtMs) })
      reply.code(204)
    },
  }),
  route({
    method: 'GET',
    path: '/api/session',
    summary: 'Who is signed in',
    authentication: 'admin',
    answers: {
      200: z.strictObject({
        role: z.literal('admin'),
        tenantId: z.string(),
        expiresAt: z.iso.datetime().nullable().describe('null where the secret itself was presented'),
      }),
    },
    async handle(_context, { caller }) {
      const expiresAt = caller.expiresAtMs === null ? null : new Date(caller.expiresAtMs).toISOString()
      return { role: 'admin', tenantId: caller.tenantId, expiresAt }
    },
  }),
  route({
    method: 'DELETE',
    path: '/api/session',
    summary: 'Sign out',
    authentication: 'admin',
    answers: { 204: null },
    async handle(context, { raw }, reply) {
      reply.clearCookie(SESSION_COOKIE, cookie(context, raw))
      reply.code(204)
    },
  }),
]

/** For HTTPS alone where the browser came by HTTPS, to us or to a proxy of ours. */
function cookie({ secure }: Context, { protocol }: FastifyRequest) {
  return { path: '/', httpOnly: true, sameSite: 'strict', secure: secure || protocol === 'https' } as const
}
