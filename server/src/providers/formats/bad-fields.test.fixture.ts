import { PublicError } from '../../core/errors.ts'

/** The path of the field that a request is refused for; 'none' where it is not refused. */
export function fieldAtFault(run: () => unknown): string | undefined {
  try {
    run()
  } catch (error) {
    if (error instanceof PublicError && error.body.code === 'invalid_field') return error.body.field
    throw error
  }
  return 'none'
}

/** What no ceiling, count or number of choices may be. */
export const NO_POSITIVE_INTEGERS = [0, -1, 1.5, '100', true, [], {}, 2 ** 53]
