import { z } from 'zod'
import { aText } from './fields.ts'
import { type ControlRoute, route } from './route.ts'
import { keySchema, newKeySchema } from './schemas.ts'

export const keyRoutes: readonly ControlRoute[] = [
  route({
    method: 'GET',
    path: '/api/keys',
    summary: 'Keys, revoked ones too',
    authentication: 'admin',
    query: z.strictObject({ userId: aText(1_000).optional() }),
    answers: { 200: z.strictObject({ keys: z.array(keySchema) }) },
    handle: async ({ reports }, { caller, query }) => ({ keys: await reports.keys(caller.tenantId, query.userId) }),
  }),
  route({
    method: 'POST',
    path: '/api/keys',
    summary: 'Create a key for a user; this answer is the only one that shows it',
    authentication: 'admin',
    body: z.strictObject({ userId: aText(1_000), name: z.string().max(2_000).default('key') }),
    answers: { 201: newKeySchema },
    async handle({ accounts, reports }, { caller, body: { userId, name } }, reply) {
      const { key, secret } = await accounts.createKey(caller.tenantId, userId, name)
      reply.code(201)
      return { ...reports.key(key), key: secret }
    },
  }),
  route({
    method: 'DELETE',
    path: '/api/keys/:keyId',
    summary: 'Revoke a key, from the next call on',
    authentication: 'admin',
    params: z.strictObject({ keyId: aText(200) }),
    answers: { 204: null },
    async handle({ accounts }, { caller, params }, reply) {
      await accounts.revokeKey(caller.tenantId, params.keyId)
      reply.code(204)
    },
  }),
]
