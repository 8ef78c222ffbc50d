import { z } from 'zod'
import { type ControlRoute, route } from './route.ts'

export const metricsRoutes: readonly ControlRoute[] = [
  route({
    method: 'GET',
    path: '/metrics',
    summary: 'Metrics for Prometheus',
    authentication: 'local',
    tenant: 'none',
    answers: { 200: z.string() },
    async handle({ metrics }, _request, reply) {
      const { contentType, body } = await metrics()
      return reply.type(contentType).send(body)
    },
  }),
]
