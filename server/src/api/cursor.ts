import { z } from 'zod'
import type { Cursors } from '../accounts/cursors.ts'
import { PublicError } from '../core/errors.ts'

export const aCursor = z.string().min(1).max(8_000)

/** The cursors of one list of one tenant: signed, so that what is read of them is what we wrote. */
export function cursorsOf<T extends z.ZodType>(cursors: Cursors, tenantId: string, list: string, position: T) {
  return {
    /** null on the last page. */
    write: (after: z.input<T> | null): string | null =>
      after === null ? null : cursors.seal(tenantId, list, JSON.stringify(after)),
    read(cursor: string): z.output<T> {
      const opened = cursors.open(tenantId, list, cursor)
      const parsed = opened === undefined ? undefined : position.safeParse(JSON.parse(opened))
      if (parsed?.success) return parsed.data
      throw new PublicError('invalid_field', 'cursor is not one that a page of this list ended with.', {
        field: 'cursor',
      })
    },
  }
}
