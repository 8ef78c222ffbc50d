import { z } from 'zod'
import type { CredentialPut } from '../accounts/credentials.ts'
import { aText } from './fields.ts'
import { type ControlRoute, route } from './route.ts'
import { credentialSchema } from './schemas.ts'

const shown = ({ name, putAtMs }: CredentialPut) => ({ name, putAt: new Date(putAtMs).toISOString() })

export const credentialRoutes: readonly ControlRoute[] = [
  route({
    method: 'GET',
    path: '/api/credentials',
    summary: 'Which credentials of providers are kept sealed in the database; no answer tells one',
    authentication: 'admin',
    answers: { 200: z.strictObject({ credentials: z.array(credentialSchema) }) },
    handle: async ({ credentials }) => ({ credentials: (await credentials.list()).map(shown) }),
  }),
  route({
    method: 'POST',
    path: '/api/credentials',
    summary: 'Keep a credential of a provider, or replace it; servers go by it from their next start on',
    authentication: 'admin',
    body: z.strictObject({ name: aText(1_000), value: z.string() }),
    answers: { 200: credentialSchema },
    handle: async ({ credentials }, { body: { name, value } }) => shown(await credentials.put(name, value)),
  }),
  route({
    method: 'DELETE',
    path: '/api/credentials/:name',
    summary: 'Delete a credential of a provider; servers go by it until they end',
    authentication: 'admin',
    params: z.strictObject({ name: aText(1_000) }),
    answers: { 204: null },
    async handle({ credentials }, { params }, reply) {
      await credentials.delete(params.name)
      reply.code(204)
    },
  }),
]
