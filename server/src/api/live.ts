import { type ControlRoute, route } from './route.ts'

export const liveRoutes: readonly ControlRoute[] = [
  route({
    method: 'GET',
    path: '/api/live',
    summary: 'Server-sent events that say when there is something new, never what',
    authentication: 'admin',
    deadlineMs: null,
    answers: { 200: null },
    async handle({ streams }, { caller }, reply) {
      streams.open(reply, caller.expiresAtMs)
    },
  }),
]
