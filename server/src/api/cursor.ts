import { z } from 'zod'
import { PublicError } from '../core/errors.ts'

/** Cursors are positions, opaque to callers: changing one's insides is asking for another page, and harms nothing. */
export function toCursor(position: unknown): string {
  return Buffer.from(JSON.stringify(position)).toString('base64url')
}

export const aCursor = z.string().min(1).max(8_000)

/** The position that a cursor stands for. */
export function fromCursor<T extends z.ZodType>(cursor: string, position: T): z.output<T> {
  const parsed = position.safeParse(json(cursor))
  if (parsed.success) return parsed.data
  throw new PublicError('invalid_field', 'cursor is not one that a page of this list ended with.', { field: 'cursor' })
}

function json(cursor: string): unknown {
  try {
    return JSON.parse(Buffer.from(cursor, 'base64url').toString())
  } catch {
    return undefined
  }
}
