import type { FastifyDynamicSwaggerOptions } from '@fastify/swagger'
import { jsonSchemaTransform, jsonSchemaTransformObject } from 'fastify-type-provider-zod'
import { z } from 'zod'
import type { Authentication } from '../core/route.ts'
import type { ControlRoute } from './route.ts'
import { errorSchema } from './schemas.ts'

const SECURITY = {
  none: [],
  admin: [{ administratorSecret: [] }, { session: [] }],
  key: [{ bearerKey: [] }, { apiKey: [] }],
  local: [{}, { administratorSecret: [] }, { session: [] }],
} as const satisfies Record<Authentication, readonly object[]>

/** Of what is described, not of the program: it grows when a caller has to change. */
const CONTRACT_VERSION = '1'

/** What the OpenAPI description says beside the routes. */
export function openApi(): FastifyDynamicSwaggerOptions {
  return {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Token Trackr',
        version: CONTRACT_VERSION,
        description:
          'The control plane. Times are ISO 8601 in UTC. Amounts are integers: JSON numbers up to 2^53-1, decimal ' +
          'strings beyond it. Money is in nano-USD, rates in pico-USD.',
      },
      components: {
        securitySchemes: {
          administratorSecret: { type: 'http', scheme: 'bearer', description: "The administrator's secret" },
          session: { type: 'apiKey', in: 'cookie', name: 'tt_session', description: 'From POST /api/session' },
          bearerKey: { type: 'http', scheme: 'bearer', description: 'A key of Token Trackr, tt_…' },
          apiKey: { type: 'apiKey', in: 'header', name: 'x-api-key', description: 'A key of Token Trackr, tt_…' },
        },
      },
    },
    transform: jsonSchemaTransform,
    transformObject: (document) => withoutInputs(jsonSchemaTransformObject(document)),
  }
}

/** The transform also writes every answer's shape as an input, which none of them is. */
function withoutInputs(document: ReturnType<typeof jsonSchemaTransformObject>) {
  const { components } = document as { components?: { schemas?: Record<string, unknown> } }
  for (const name of Object.keys(components?.schemas ?? {}))
    if (name.endsWith('Input')) delete components!.schemas![name]
  return document
}

/** A route as the description has it. */
export function describeRoute(route: ControlRoute) {
  const answers = Object.entries(route.answers).map(([status, schema]) => [status, schema ?? z.null()])
  return {
    summary: route.summary,
    security: SECURITY[route.authentication],
    hide: route.path === '/*',
    ...(route.params && { params: route.params }),
    ...(route.query && { querystring: route.query }),
    ...(route.body && { body: route.body }),
    response: { ...Object.fromEntries(answers), '4xx': errorSchema, '5xx': errorSchema },
  } as object
}
