import { z } from 'zod'
import { TREND_BUCKETS, TREND_BY } from '../reports/trend.ts'
import { anInstant, aText } from './fields.ts'
import { given } from './filters.ts'
import { summarySchema, trendSchema } from './report-schemas.ts'
import { type ControlRoute, route } from './route.ts'

const range = {
  from: anInstant.optional(),
  to: anInstant.optional(),
  zone: aText(64).default('UTC').describe('IANA'),
}

export const summaryRoutes: readonly ControlRoute[] = [
  route({
    method: 'GET',
    path: '/api/summary',
    summary: 'What was spent in [from, to), both on quarters of an hour; today in the zone where they are left out',
    authentication: 'admin',
    query: z.strictObject({
      ...range,
      by: z.enum(['model', 'user']).default('model').describe('user: also by user'),
      userId: aText(1_000).optional(),
      model: aText(1_000).optional(),
    }),
    answers: { 200: summarySchema },
    handle: ({ reports }, { caller, query: { from, to, zone, by, ...filters } }) =>
      reports.summary(caller.tenantId, {
        zone,
        byUser: by === 'user',
        ...given({ fromMs: from, toMs: to }),
        ...given(filters),
      }),
  }),
  route({
    method: 'GET',
    path: '/api/trend',
    summary: 'What was spent over time in [from, to), in buckets of the zone; all points add up to the summary',
    authentication: 'admin',
    query: z.strictObject({
      ...range,
      bucket: z.enum(TREND_BUCKETS).default('hour').describe('at most 800 of them'),
      by: z.enum(TREND_BY).default('none'),
      userId: aText(1_000).optional(),
      keyId: aText(200).optional(),
      provider: aText(1_000).optional(),
      model: aText(1_000).optional(),
    }),
    answers: { 200: trendSchema },
    handle: ({ reports }, { caller, query: { from, to, zone, bucket, by, ...filters } }) =>
      reports.trend(caller.tenantId, {
        ...{ zone, bucket, by },
        where: given(filters),
        ...given({ fromMs: from, toMs: to }),
      }),
  }),
]
