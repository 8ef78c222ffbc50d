import { z } from 'zod'
import { codeSchema, detailsSchema } from './entry-schemas.ts'
import { integer64 } from './fields.ts'

/** The shapes of accounts and errors. Amounts are bigint until they are written as JSON. */
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

export const credentialSchema = z.strictObject({ name: z.string(), putAt: z.iso.datetime() }).meta({ id: 'Credential' })

export const errorSchema = z
  .strictObject({
    error: z.strictObject({
      code: codeSchema,
      message: z.string(),
      hint: z.string(),
      field: z.string().optional(),
      details: detailsSchema.optional(),
      retryAfterSeconds: z.number().optional(),
    }),
  })
  .meta({ id: 'Error' })
