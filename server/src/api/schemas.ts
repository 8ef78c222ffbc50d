import { z } from 'zod'
import { ENDINGS, OUTCOMES } from '../core/entry.ts'
import { ERRORS, type ErrorCode } from '../core/errors.ts'
import { METRICS, MODES, SCOPES } from '../core/limit.ts'
import { BUCKETS, EVIDENCE } from '../core/usage.ts'
import { CALENDAR_UNITS } from '../core/window.ts'
import { aText, integer64 } from './fields.ts'

/** The shapes that the control plane answers with. Amounts are bigint until they are written as JSON. */
const readonlyList = <T extends z.ZodType>(item: T) => z.array(item) as unknown as z.ZodType<readonly z.output<T>[]>
const recordOf = <Name extends string>(names: readonly Name[], value: z.ZodType<bigint>) =>
  z.strictObject(Object.fromEntries(names.map((name) => [name, value])) as Record<Name, z.ZodType<bigint>>)
/** Names that others chose. */
const freeRecord = <T extends z.ZodType>(value: T) =>
  z.record(z.string(), value) as unknown as z.ZodType<Readonly<Record<string, z.output<T>>>>

export const userSchema = z
  .strictObject({
    userId: z.string(),
    createdAt: z.iso.datetime(),
    tokenLimit: integer64.nullable().describe('0 admits nothing, null is unlimited'),
    tokenUsage: integer64,
    tokensHeld: integer64.describe('set aside for calls that are running'),
    tokensRemaining: integer64.nullable(),
    percentUsed: z.number().nullable().describe('usage and held of the limit, rounded down to a tenth'),
    lastUpdated: z.iso.datetime().nullable(),
    requests: integer64,
    costNanoUsd: integer64,
  })
  .meta({ id: 'User' })
export type UserShape = z.output<typeof userSchema>

const keyFields = {
  keyId: z.string(),
  userId: z.string(),
  name: z.string(),
  last4: z.string(),
  createdAt: z.iso.datetime(),
  revokedAt: z.iso.datetime().nullable(),
}
export const keySchema = z.strictObject(keyFields).meta({ id: 'Key' })
export type KeyShape = z.output<typeof keySchema>
export const newKeySchema = z
  .strictObject({ ...keyFields, key: z.string().describe('shown this once') })
  .meta({ id: 'NewKey' })

export const scopeSchema = z.strictObject({ kind: z.enum(SCOPES), id: aText(2500) })
export const windowSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('lifetime') }),
  z.strictObject({ kind: z.literal('minute') }).describe('any 60 seconds'),
  z.strictObject({ kind: z.literal('calendar'), unit: z.enum(CALENDAR_UNITS), zone: aText(64).describe('IANA') }),
])
export const limitSchema = z
  .strictObject({
    limitId: z.string(),
    scope: scopeSchema,
    metric: z.enum(METRICS),
    window: windowSchema,
    amount: integer64.nullable(),
    mode: z.enum(MODES),
    settled: integer64,
    held: integer64,
    resetsAt: z.iso.datetime().nullable(),
  })
  .meta({ id: 'Limit' })
export type LimitShape = z.output<typeof limitSchema>

const count = z.int().nullable().describe('null is unknown')
const entryFields = {
  id: z.string(),
  callId: z.string(),
  attempt: z.int(),
  userId: z.string(),
  keyId: z.string(),
  provider: z.string(),
  model: z.string(),
  servedModel: z.string().nullable(),
  format: z.string(),
  stream: z.boolean(),
  outcome: z.enum(OUTCOMES),
  evidence: z.enum(EVIDENCE),
  ending: z.enum(ENDINGS),
  occurredAt: z.iso.datetime(),
  durationMs: z.number(),
  firstByteMs: z.number().nullable(),
  httpStatus: z.int().nullable(),
  inputTokens: count,
  cachedTokens: count,
  outputTokens: count,
  totalTokens: count,
  costNanoUsd: integer64.nullable().describe('null is unpriced'),
  quarantine: z.string().nullable().describe('why the reported usage was not believed'),
  writerId: z.string(),
  seq: z.int(),
}
export const entrySchema = z.strictObject(entryFields).meta({ id: 'EntryRow' })
export type EntryShape = z.output<typeof entrySchema>

const costLine = z.strictObject({
  what: z.string(),
  count: z.int(),
  ratePicoUsd: integer64,
  costPicoUsd: integer64,
})
export const entryDetailSchema = z
  .strictObject({
    ...entryFields,
    buckets: z.partialRecord(z.enum(BUCKETS), z.int()).describe('disjoint; an absent one is unknown'),
    toolCalls: freeRecord(z.int()),
    rawUsage: z.unknown().describe("the provider's own object, verbatim; null where it sent none"),
    held: z.strictObject({ tokens: integer64, requests: integer64, costNanoUsd: integer64 }),
    audit: z.strictObject({
      question: z.string().optional(),
      collection: z.string().optional(),
      documentsRetrieved: z.int().optional(),
      sessionId: z.string().optional(),
    }),
    labels: freeRecord(z.string()),
    countedAt: z.iso.datetime(),
    price: z
      .strictObject({
        version: z.string(),
        provider: z.string(),
        model: z.string(),
        source: z.string(),
        ratesPicoUsd: freeRecord(integer64).describe('pico-USD per token, by bucket'),
      })
      .nullable(),
    costLines: readonlyList(costLine).describe('their sum, rounded once to nano-USD, is costNanoUsd'),
  })
  .meta({ id: 'EntryDetail' })
export type EntryDetailShape = z.output<typeof entryDetailSchema>

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
  })
  .meta({ id: 'Summary' })
export type SummaryShape = z.output<typeof summarySchema>

export const errorSchema = z
  .strictObject({
    error: z.strictObject({
      code: z.enum(Object.keys(ERRORS) as [ErrorCode, ...ErrorCode[]]),
      message: z.string(),
      hint: z.string(),
      field: z.string().optional(),
      details: freeRecord(z.union([z.string(), z.number(), z.null()])).optional(),
      retryAfterSeconds: z.number().optional(),
    }),
  })
  .meta({ id: 'Error' })

export const cursorOf = { nextCursor: z.string().nullable().describe('null on the last page') }
