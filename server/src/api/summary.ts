import { z } from 'zod'
import { anInstant, aText } from './fields.ts'
import { type ControlRoute, route } from './route.ts'
import { summarySchema } from './schemas.ts'

export const summaryRoutes: readonly ControlRoute[] = [
  route({
    method: 'GET',
    path: '/api/summary',
    summary: 'What was spent in [from, to), both on quarters of an hour; today in the zone where they are left out',
    authentication: 'admin',
    query: z.strictObject({
      from: anInstant.optional(),
      to: anInstant.optional(),
      zone: aText(64).default('UTC'),
      by: z.enum(['model', 'user']).default('model').describe('user: also by user'),
    }),
    answers: { 200: summarySchema },
    handle: ({ reports }, { caller, query: { from, to, zone, by } }) =>
      reports.summary(caller.tenantId, {
        zone,
        byUser: by === 'user',
        ...(from !== undefined && { fromMs: from }),
        ...(to !== undefined && { toMs: to }),
      }),
  }),
]
