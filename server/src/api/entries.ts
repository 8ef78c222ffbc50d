import { z } from 'zod'
import { OUTCOMES } from '../core/entry.ts'
import { PublicError } from '../core/errors.ts'
import { EVIDENCE } from '../core/usage.ts'
import { aCursor, cursorsOf } from './cursor.ts'
import { callSchema, entryDetailSchema, entrySchema } from './entry-schemas.ts'
import { anInstant, aPageSize, aText } from './fields.ts'
import { given, rangeOf } from './filters.ts'
import { type ControlRoute, route } from './route.ts'
import { cursorOf } from './shapes.ts'

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
      keyId: aText(200).optional(),
      provider: aText(1_000).optional(),
      model: aText(1_000).optional(),
      outcome: z.enum(OUTCOMES).optional(),
      evidence: z.enum(EVIDENCE).optional(),
      quarantined: z.literal('true').optional().describe('only those whose reported usage was not believed'),
      from: anInstant.optional().describe('when it happened; included'),
      to: anInstant.optional().describe('not included'),
    }),
    answers: { 200: z.strictObject({ entries: z.array(entrySchema), ...cursorOf }) },
    async handle({ reports, accounts }, { caller: { tenantId }, query }) {
      const { limit, cursor, from, to, quarantined, ...filters } = query
      const cursors = cursorsOf(accounts.cursors, tenantId, 'entries', position)
      const before = cursor === undefined ? undefined : cursors.read(cursor)
      const { entries, nextBefore: next } = await reports.entries({
        tenantId,
        limit,
        ...(before && { before: { occurredAtMs: before[0], id: before[1] } }),
        ...given(filters),
        ...(quarantined && { quarantined: true as const }),
        ...rangeOf(from, to),
      })
      return { entries, nextCursor: cursors.write(next && [next.occurredAtMs, next.id]) }
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
  route({
    method: 'GET',
    path: '/api/calls/:callId',
    summary: 'Everything about one call: its attempts in order, and why it was refused',
    authentication: 'admin',
    params: z.strictObject({ callId: aText(200) }),
    answers: { 200: callSchema },
    async handle({ reports }, { caller, params }) {
      const call = await reports.call(caller.tenantId, params.callId)
      if (!call) throw new PublicError('not_found', 'There is no call with this id.')
      return call
    },
  }),
]
