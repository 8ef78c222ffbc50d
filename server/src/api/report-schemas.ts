import { z } from 'zod'
import { OUTCOMES } from '../core/entry.ts'
import { EVIDENCE } from '../core/usage.ts'
import { TREND_BUCKETS, TREND_BY } from '../reports/trend.ts'
import { codeSchema } from './entry-schemas.ts'
import { integer64 } from './fields.ts'
import { partialRecordOf, readonlyList, recordOf } from './shapes.ts'

const useSums = { requests: integer64, totalTokens: integer64, costNanoUsd: integer64 }
export const summarySchema = z
  .strictObject({
    from: z.iso.datetime(),
    to: z.iso.datetime(),
    zone: z.string(),
    asOf: z.iso.datetime(),
    entries: integer64,
    requests: integer64,
    inputTokens: integer64,
    cachedTokens: integer64,
    outputTokens: integer64,
    totalTokens: integer64,
    costNanoUsd: integer64,
    unpricedEntries: integer64.describe('entries whose cost is not in the sums'),
    unknownEntries: integer64.describe('entries whose tokens are not in the sums'),
    byEvidence: recordOf(EVIDENCE, integer64),
    byOutcome: recordOf(OUTCOMES, integer64),
    byModel: readonlyList(z.strictObject({ provider: z.string(), model: z.string(), ...useSums })),
    byUser: readonlyList(z.strictObject({ userId: z.string(), ...useSums }))
      .optional()
      .describe('where it was asked for with by=user'),
    refusals: z.strictObject({
      total: integer64.describe('calls that were not admitted'),
      byCode: partialRecordOf(codeSchema.options, integer64),
      shadow: integer64.describe('calls that were, and that a limit in shadow mode would have refused'),
    }),
  })
  .meta({ id: 'Summary' })
export type SummaryShape = z.output<typeof summarySchema>

const trendPoint = z.strictObject({
  start: z.iso.datetime(),
  requests: integer64,
  inputTokens: integer64,
  cachedTokens: integer64,
  outputTokens: integer64,
  totalTokens: integer64,
  costNanoUsd: integer64,
})
export const trendSchema = z
  .strictObject({
    from: z.iso.datetime(),
    to: z.iso.datetime(),
    zone: z.string(),
    bucket: z.enum(TREND_BUCKETS),
    by: z.enum(TREND_BY),
    series: readonlyList(
      z.strictObject({ key: z.string().nullable().describe('null with by=none'), points: readonlyList(trendPoint) }),
    ).describe('the dearest eight, and all others as one, "other", the last'),
  })
  .meta({ id: 'Trend' })
export type TrendShape = z.output<typeof trendSchema>

export const deploymentSchema = z
  .strictObject({
    name: z.string(),
    provider: z.string(),
    model: z.string(),
    format: z.string(),
    state: z.enum(['ok', 'cooling', 'unknown']).describe('cooling: it failed, and is asked last'),
    coolsUntil: z.iso.datetime().nullable(),
    attempts: z.int().describe('of this process, since it started'),
    failures: z.int(),
    lastFailure: z.strictObject({ at: z.iso.datetime(), reason: z.string() }).nullable(),
    medianFirstByteMs: z.number().nullable(),
  })
  .meta({ id: 'Deployment' })
