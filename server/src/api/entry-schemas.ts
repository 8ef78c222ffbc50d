import { z } from 'zod'
import { ENDINGS, OUTCOMES } from '../core/entry.ts'
import { ERRORS, type ErrorCode } from '../core/errors.ts'
import { BUCKETS, EVIDENCE } from '../core/usage.ts'
import { integer64 } from './fields.ts'
import { freeRecord, readonlyList } from './shapes.ts'

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
  serviceTier: z.string().nullable().describe('as it was served; null is the usual one'),
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

const bucketsSchema = z.partialRecord(z.enum(BUCKETS), z.int()).describe('disjoint; an absent one is unknown')
const priceSchema = z.strictObject({
  version: z.string(),
  provider: z.string(),
  model: z.string(),
  source: z.string(),
  ratesPicoUsd: freeRecord(integer64).describe('pico-USD per token, by bucket, at the tier that served'),
})
const costLine = z.strictObject({
  what: z.string(),
  model: z.string().nullable().describe("another than the entry's: one of elsewhere"),
  count: z.int(),
  ratePicoUsd: integer64,
  costPicoUsd: integer64,
})
export const entryDetailSchema = z
  .strictObject({
    ...entryFields,
    buckets: bucketsSchema,
    elsewhere: readonlyList(
      z.strictObject({ model: z.string(), buckets: bucketsSchema, price: priceSchema.nullable() }),
    ).describe('what other models used inside the attempt, billed at their own rates'),
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
    price: priceSchema.nullable(),
    costLines: readonlyList(costLine).describe('their sum, rounded once to nano-USD, is costNanoUsd'),
  })
  .meta({ id: 'EntryDetail' })
export type EntryDetailShape = z.output<typeof entryDetailSchema>

export const codeSchema = z.enum(Object.keys(ERRORS) as [ErrorCode, ...ErrorCode[]])

/** Numbers that reproduce a decision. */
export const detailsSchema = freeRecord(z.union([z.string(), z.number(), z.null()]))

export const refusalSchema = z
  .strictObject({
    id: z.string(),
    callId: z.string(),
    at: z.iso.datetime(),
    userId: z.string(),
    keyId: z.string(),
    provider: z.string().nullable().describe('null where it was refused before that was known'),
    model: z.string().nullable(),
    code: codeSchema,
    limitId: z.string().nullable(),
    shadow: z.boolean().describe('the limit is in shadow mode: the call was made all the same'),
    message: z.string(),
    details: detailsSchema,
  })
  .meta({ id: 'Refusal' })
export type RefusalShape = z.output<typeof refusalSchema>

export const callSchema = z
  .strictObject({
    callId: z.string(),
    entries: readonlyList(entryDetailSchema).describe('its attempts, in order'),
    refusals: readonlyList(refusalSchema),
  })
  .meta({ id: 'Call' })
export type CallShape = z.output<typeof callSchema>
