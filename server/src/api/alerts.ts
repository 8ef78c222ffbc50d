import { z } from 'zod'
import { CHANNELS } from '../core/delivery.ts'
import { deliveryReport } from '../reports/crossings.ts'
import { aPageSize } from './fields.ts'
import { crossingSchema, deliverySchema } from './limit-schemas.ts'
import { type ControlRoute, route } from './route.ts'

/** A channel gives up after 8 s. */
const TEST_DEADLINE_MS = 15_000

const channelSchema = z
  .strictObject({
    channel: z.enum(CHANNELS),
    target: z.string().describe('where it leads, without what may be secret in the address'),
    waiting: z.int().describe('alerts that are still to be told, up to a thousand'),
    failing: deliverySchema
      .nullable()
      .describe('of those, the one of which most attempts have failed; null where none has'),
  })
  .meta({ id: 'AlertChannel' })

export const alertRoutes: readonly ControlRoute[] = [
  route({
    method: 'GET',
    path: '/api/crossings',
    summary: 'Thresholds of limits that were crossed, newest first, each once in each window',
    authentication: 'admin',
    query: z.strictObject({ limit: aPageSize(200, 50) }),
    answers: { 200: z.strictObject({ crossings: z.array(crossingSchema) }) },
    handle: async ({ reports }, { caller, query }) => ({
      crossings: await reports.crossings(caller.tenantId, query.limit),
    }),
  }),
  route({
    method: 'GET',
    path: '/api/alerts',
    summary:
      'The channels over which people are told of crossed thresholds, and how each does; none where none is configured',
    authentication: 'admin',
    answers: { 200: z.strictObject({ channels: z.array(channelSchema) }) },
    async handle({ alerts }) {
      const channels = await alerts.state()
      return {
        channels: channels.map(({ failing, ...channel }) => ({
          ...channel,
          failing: failing ? deliveryReport(failing) : null,
        })),
      }
    },
  }),
  route({
    method: 'POST',
    path: '/api/alerts/test',
    summary: 'Tell a test over each channel, now and once, and say how that went',
    authentication: 'admin',
    deadlineMs: TEST_DEADLINE_MS,
    answers: {
      200: z.strictObject({
        results: z.array(
          z.strictObject({
            channel: z.enum(CHANNELS),
            delivered: z.boolean(),
            reason: z.string().nullable().describe('why it was not; null where it was'),
          }),
        ),
      }),
    },
    async handle({ alerts, newId }) {
      const results = await alerts.test(newId())
      return { results: results.map((result) => ({ reason: null, ...result })) }
    },
  }),
]
