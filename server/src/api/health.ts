import { z } from 'zod'
import { PublicError } from '../core/errors.ts'
import { type ControlRoute, route } from './route.ts'

export const healthRoutes: readonly ControlRoute[] = [
  route({
    method: 'GET',
    path: '/api/health',
    summary: 'Whether the process answers',
    authentication: 'none',
    answers: { 200: z.strictObject({ status: z.literal('ok'), version: z.string() }) },
    handle: async ({ version }) => ({ status: 'ok', version }),
  }),
  route({
    method: 'GET',
    path: '/api/ready',
    summary: 'Whether calls can be taken, and why not',
    authentication: 'none',
    answers: { 200: z.strictObject({ ready: z.literal(true) }) },
    async handle({ ready }) {
      const causes = ready()
      if (causes.length > 0) throw new PublicError('not_ready', `Not ready: ${causes.join('; ')}.`)
      return { ready: true }
    },
  }),
  route({
    method: 'GET',
    path: '/api/openapi.json',
    summary: 'This description',
    authentication: 'none',
    answers: { 200: z.unknown() },
    handle: async (_context, { raw }) => raw.server.swagger(),
  }),
]
