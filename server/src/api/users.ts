import { z } from 'zod'
import { PublicError } from '../core/errors.ts'
import { aCursor, cursorsOf } from './cursor.ts'
import type { ReportReads } from './dependencies.ts'
import { anAmount, aPageSize, aText } from './fields.ts'
import { type ControlRoute, route } from './route.ts'
import { userSchema } from './schemas.ts'
import { cursorOf } from './shapes.ts'

/** Longer than any id (200 characters of two units), so that the rule for ids itself says what is wrong with one. */
const anId = aText(1_000)
const aTokenLimit = anAmount.nullable().describe('0 admits nothing, null is unlimited')
const position = z.string().pipe(anId)

export const userRoutes: readonly ControlRoute[] = [
  route({
    method: 'GET',
    path: '/api/users',
    summary: 'Users in order of id, with what they used and may still use',
    authentication: 'admin',
    query: z.strictObject({ limit: aPageSize(200, 100), cursor: aCursor.optional() }),
    answers: { 200: z.strictObject({ users: z.array(userSchema), ...cursorOf }) },
    async handle({ reports, accounts }, { caller: { tenantId }, query: { limit, cursor } }) {
      const cursors = cursorsOf(accounts.cursors, tenantId, 'users', position)
      const after = cursor === undefined ? {} : { after: cursors.read(cursor) }
      const { users, nextAfter } = await reports.users(tenantId, { limit, ...after })
      return { users, nextCursor: cursors.write(nextAfter) }
    },
  }),
  route({
    method: 'POST',
    path: '/api/users',
    summary: 'Create a user',
    authentication: 'admin',
    body: z.strictObject({ userId: z.string().max(2_000), tokenLimit: aTokenLimit }),
    answers: { 201: userSchema },
    async handle({ accounts, reports }, { caller: { tenantId }, body: { userId, tokenLimit } }, reply) {
      await accounts.createUser(tenantId, userId, tokenLimit)
      reply.code(201)
      return requireUser(reports, tenantId, userId)
    },
  }),
  route({
    method: 'GET',
    path: '/api/users/:userId',
    summary: 'One user',
    authentication: 'admin',
    params: z.strictObject({ userId: anId }),
    answers: { 200: userSchema },
    handle: ({ reports }, { caller, params }) => requireUser(reports, caller.tenantId, params.userId),
  }),
  route({
    method: 'PATCH',
    path: '/api/users/:userId',
    summary: "Change a user's token limit; what was used stays used",
    authentication: 'admin',
    params: z.strictObject({ userId: anId }),
    body: z.strictObject({ tokenLimit: aTokenLimit }),
    answers: { 200: userSchema },
    async handle({ accounts, reports }, { caller: { tenantId }, params: { userId }, body }) {
      await accounts.setTokenLimit(tenantId, userId, body.tokenLimit)
      return requireUser(reports, tenantId, userId)
    },
  }),
]

async function requireUser(reports: ReportReads, tenantId: string, userId: string) {
  const user = await reports.user(tenantId, userId)
  if (!user) throw new PublicError('not_found', 'There is no user with this id.')
  return user
}
