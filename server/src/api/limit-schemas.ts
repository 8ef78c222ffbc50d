import { z } from 'zod'
import { CHANNELS } from '../core/delivery.ts'
import { METRICS, MODES, SCOPES } from '../core/limit.ts'
import { CALENDAR_UNITS } from '../core/window.ts'
import { aText, integer64 } from './fields.ts'
import { readonlyList } from './shapes.ts'

const MOST_THRESHOLDS = 10
const MOST_PERCENT = 1_000

export const scopeSchema = z
  .strictObject({ kind: z.enum(SCOPES), id: aText(2500) })
  .refine(({ kind, id }) => kind !== 'label' || /^[^=]+=./.test(id), {
    path: ['id'],
    message: 'must be name=value for a label',
  })
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
    thresholds: readonlyList(z.int()).describe('percent of the amount of which people are told'),
    settled: integer64,
    held: integer64,
    resetsAt: z.iso.datetime().nullable(),
  })
  .meta({ id: 'Limit' })
export type LimitShape = z.output<typeof limitSchema>

export const thresholdsSchema = z
  .array(z.int().min(1).max(MOST_PERCENT))
  .max(MOST_THRESHOLDS)
  .refine((all) => all.every((one, at) => at === 0 || all[at - 1]! < one), 'must ascend')
  .describe('percent of the amount, ascending: whoever crosses one is told of, once in each window')

/** As a limit is named where only what it counts matters. */
export const ruleFields = { scope: scopeSchema, metric: z.enum(METRICS), window: windowSchema }

export const verdictSchema = z.strictObject({
  limitId: z.string(),
  ...ruleFields,
  mode: z.enum(MODES),
  amount: integer64,
  settled: integer64,
  held: integer64,
  asked: integer64,
  verdict: z.enum(['fits', 'refuses', 'exceeds', 'would_refuse']),
  resetsAt: z.iso.datetime().nullable(),
})

export const simulationSchema = z
  .strictObject({
    passes: z.boolean(),
    reason: z.string().nullable().describe('why not, as the caller would be told'),
    model: z.string().describe('as limits and prices name it'),
    provider: z.string().nullable().describe('null where no deployment serves the model'),
    asked: z.strictObject({
      tokens: integer64,
      requests: integer64,
      costNanoUsd: integer64.nullable().describe('null is unpriced or unbounded'),
    }),
    clampedMaxOutputTokens: z.int().nullable(),
    rules: readonlyList(verdictSchema).describe('of every limit that applies and was not lifted'),
  })
  .meta({ id: 'Simulation' })

export const deliverySchema = z
  .strictObject({
    channel: z.enum(CHANNELS),
    state: z.enum(['waiting', 'delivered', 'given_up']),
    attempts: z.int().describe('begun so far'),
    lastAt: z.iso.datetime().nullable().describe('when the last attempt ended'),
    nextAt: z.iso.datetime().nullable().describe('when the next attempt is made, or the one under way counts as lost'),
    error: z.string().nullable().describe('why the last attempt failed'),
  })
  .meta({ id: 'Delivery' })

export const crossingSchema = z
  .strictObject({
    id: z.string(),
    limitId: z.string(),
    threshold: z.int().describe('percent'),
    amount: integer64,
    settled: integer64,
    at: z.iso.datetime(),
    text: z.string().describe('for people, as they are told it'),
    limit: z.strictObject(ruleFields).nullable(),
    deliveries: readonlyList(deliverySchema).describe(
      'one for each channel over which it is told; none where none was configured',
    ),
  })
  .meta({ id: 'Crossing' })
export type CrossingShape = z.output<typeof crossingSchema>
