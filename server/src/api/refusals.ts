import { z } from 'zod'
import { aCursor, cursorsOf } from './cursor.ts'
import { codeSchema, refusalSchema } from './entry-schemas.ts'
import { aPageSize, aText } from './fields.ts'
import { given } from './filters.ts'
import { type ControlRoute, route } from './route.ts'
import { cursorOf } from './shapes.ts'

const position = z.tuple([z.int(), aText(200)])

export const refusalRoutes: readonly ControlRoute[] = [
  route({
    method: 'GET',
    path: '/api/refusals',
    summary: 'Calls that were not admitted, newest first: a sample, of which the counts are in the summary',
    authentication: 'admin',
    query: z.strictObject({
      limit: aPageSize(200, 50),
      cursor: aCursor.optional(),
      userId: aText(1_000).optional(),
      code: codeSchema.optional(),
    }),
    answers: {
      200: z.strictObject({
        refusals: z.array(refusalSchema),
        ...cursorOf,
        sampled: z.literal(true).describe('not every refusal is kept, though each is counted'),
      }),
    },
    async handle({ reports, accounts }, { caller: { tenantId }, query: { limit, cursor, ...filters } }) {
      const cursors = cursorsOf(accounts.cursors, tenantId, 'refusals', position)
      const before = cursor === undefined ? undefined : cursors.read(cursor)
      const { refusals, nextBefore: next } = await reports.refusals({
        tenantId,
        limit,
        ...(before && { before: { atMs: before[0], id: before[1] } }),
        ...given(filters),
      })
      return { refusals, nextCursor: cursors.write(next && [next.atMs, next.id]), sampled: true }
    },
  }),
]
