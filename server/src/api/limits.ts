import { z } from 'zod'
import { PublicError } from '../core/errors.ts'
import { METRICS, MODES, type Scope } from '../core/limit.ts'
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
    async handle({ accounts, reports, canonical }, { caller: { tenantId }, body }, reply) {
      const [scope, window] = [ofOneModel(body.scope, canonical), withKnownZone(body.window)]
      const { limit, isNew } = await accounts.putLimit({ ...body, tenantId, scope, window })
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

/** By the model's one name, so that the limit binds under all others (check Q12). */
function ofOneModel(scope: Scope, canonical: (name: string) => readonly string[]): Scope {
  if (scope.kind !== 'model') return scope
  const [id = scope.id, ...others] = canonical(scope.id)
  if (others.length > 0)
    throw new PublicError(
      'invalid_field',
      `${scope.id} stands for ${[id, ...others].join(', ')}: limit each of them.`,
      {
        field: 'scope.id',
      },
    )
  return { ...scope, id }
}

/** In the zone's usual spelling, so that two spellings are not two limits. */
function withKnownZone(window: Window): Window {
  return window.kind === 'calendar' ? { ...window, zone: ianaZone(window.zone, 'window.zone') } : window
}
