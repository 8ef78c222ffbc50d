import { z } from 'zod'
import { OUTCOMES } from '../core/entry.ts'
import { PublicError } from '../core/errors.ts'
import type { EntryQuery } from '../core/ports/report-store.ts'
import { aCursor, fromCursor, toCursor } from './cursor.ts'
import { aPageSize, aText } from './fields.ts'
import { type ControlRoute, route } from './route.ts'
import { cursorOf, entryDetailSchema, entrySchema } from './schemas.ts'

const position = z.tuple([z.int(), aText(200)])

export const entryRoutes: readonly ControlRoute[] = [
  route({
    method: 'GET',
    path: '/api/entries',
    summary: 'Entries, newest first',
    authentication: 'admin',
    query: z.strictObject({
      limit: aPageSize(200, 50),
      cursor: aCursor.optional(),
      userId: aText(1_000).optional(),
      model: aText(1_000).optional(),
      outcome: z.enum(OUTCOMES).optional(),
    }),
    answers: { 200: z.strictObject({ entries: z.array(entrySchema), ...cursorOf }) },
    async handle({ reports }, { caller: { tenantId }, query: { limit, cursor, userId, model, outcome } }) {
      const page = await reports.entries({
        tenantId,
        limit,
        ...before(cursor),
        ...(userId !== undefined && { userId }),
        ...(model !== undefined && { model }),
        ...(outcome !== undefined && { outcome }),
      })
      const { entries, nextBefore: next } = page
      return { entries, nextCursor: next && toCursor([next.occurredAtMs, next.id]) }
    },
  }),
  route({
    method: 'GET',
    path: '/api/entries/:id',
    summary: 'How an entry was counted',
    authentication: 'admin',
    params: z.strictObject({ id: aText(200) }),
    answers: { 200: entryDetailSchema },
    async handle({ reports }, { caller, params }) {
      const entry = await reports.entry(caller.tenantId, params.id)
      if (!entry) throw new PublicError('not_found', 'There is no entry with this id.')
      return entry
    },
  }),
]

function before(cursor: string | undefined): Pick<EntryQuery, 'before'> {
  if (cursor === undefined) return {}
  const [occurredAtMs, id] = fromCursor(cursor, position)
  return { before: { occurredAtMs, id } }
}
