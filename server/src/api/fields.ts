import { z } from 'zod'

const LARGEST_64 = 2n ** 63n - 1n
const CONTROL = /\p{Cc}/u

/**
 * An integer of up to 64 bits. In TypeScript it is a bigint; in JSON a number up to 2^53-1, and a decimal string
 * beyond it.
 */
export const integer64 = z
  .union([z.int(), z.string().regex(/^-?\d+$/)])
  .describe('an integer: a number up to 2^53-1, a decimal string beyond it') as unknown as z.ZodType<bigint>

const AMOUNT_RULE = 'must be a whole number from 0 on (beyond 2^53-1 as a decimal string, up to 2^63-1)'

/** An amount as a caller gives it: a whole number from 0 on; as a decimal string only where a number would round it. */
export const anAmount = z
  .union([z.int().min(0), z.string().regex(/^[1-9]\d{15,18}$/, AMOUNT_RULE)], { error: AMOUNT_RULE })
  .transform((given, context) => {
    const amount = BigInt(given)
    const isString = typeof given === 'string'
    if (amount > LARGEST_64 || (isString && amount <= Number.MAX_SAFE_INTEGER)) {
      context.addIssue(isString && amount <= LARGEST_64 ? 'must be a JSON number, not a string' : 'is beyond 2^63-1')
      return z.NEVER
    }
    return amount
  })

/** A text that somebody chose: any characters but control characters and halves of surrogate pairs. */
export function aText(mostUnits: number) {
  return z
    .string()
    .min(1)
    .max(mostUnits)
    .refine((text) => text.isWellFormed() && !CONTROL.test(text), 'has a control character or half a surrogate pair')
}

/** An instant as a caller gives it, with its offset; it becomes milliseconds since the epoch. */
export const anInstant = z
  .string()
  .max(64)
  .transform((text, context) => {
    try {
      return Temporal.Instant.from(text).epochMilliseconds
    } catch {
      context.addIssue('must be an ISO 8601 instant with its offset, such as 2026-11-30T09:15:00Z')
      return z.NEVER
    }
  })
  .meta({ format: 'date-time' })

/** A whole number in a query, where everything is text. */
export function aPageSize(most: number, preset: number) {
  return z
    .string()
    .regex(/^[1-9]\d{0,3}$/, `must be a whole number from 1 to ${most}`)
    .transform(Number)
    .refine((size) => size <= most, `must be at most ${most}`)
    .default(preset)
}
