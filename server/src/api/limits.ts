import { z } from 'zod'
import { METRICS, MODES } from '../core/limit.ts'
import type { Window } from '../core/window.ts'
import { ianaZone } from '../reports/time.ts'
import { anAmount, aText } from './fields.ts'
import { limitSchema, scopeSchema, thresholdsSchema, windowSchema } from './limit-schemas.ts'
import { type ControlRoute, route } from './route.ts'

export const limitRoutes: readonly ControlRoute[] = [
  route({
    method: 'GET',
    path: '/api/limits',
    summary: 'Limits, with what their counters say now',
    authentication: 'admin',
    answers: { 200: z.strictObject({ limits: z.array(limitSchema) }) },
    handle: async ({ reports }, { caller }) => ({ limits: await reports.limits(caller.tenantId) }),
  }),
  route({
    method: 'POST',
    path: '/api/limits',
    summary: 'Put a limit: the same scope, metric and window are the same limit',
    authentication: 'admin',
    body: z.strictObject({
      scope: scopeSchema,
      metric: z.enum(METRICS),
      window: windowSchema,
      amount: anAmount.nullable().describe('0 admits nothing, null binds nobody and goes on counting'),
      mode: z.enum(MODES).default('hard'),
      thresholds: thresholdsSchema.default([80, 95, 100]),
    }),
    answers: { 200: limitSchema, 201: limitSchema },
    async handle({ accounts, reports }, { caller: { tenantId }, body }, reply) {
      const { limit, isNew } = await accounts.putLimit({ ...body, tenantId, window: withKnownZone(body.window) })
      reply.code(isNew ? 201 : 200)
      return reports.limit(limit)
    },
  }),
  route({
    method: 'DELETE',
    path: '/api/limits/:limitId',
    summary: 'Lift a limit: it goes on counting and binds no more',
    authentication: 'admin',
    params: z.strictObject({ limitId: aText(200) }),
    answers: { 204: null },
    async handle({ accounts }, { caller, params }, reply) {
      await accounts.liftLimit(caller.tenantId, params.limitId)
      reply.code(204)
    },
  }),
]

/** In the zone's usual spelling, so that two spellings are not two limits. */
function withKnownZone(window: Window): Window {
  return window.kind === 'calendar' ? { ...window, zone: ianaZone(window.zone, 'window.zone') } : window
}
