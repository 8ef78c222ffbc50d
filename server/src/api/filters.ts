import { PublicError } from '../core/errors.ts'
import { FOREVER_MS, type Range } from '../core/window.ts'

/** The filters that were given: an absent one is no member, rather than one that is undefined. */
export function given<Filters extends object>(
  filters: Filters,
): { [Name in keyof Filters]?: Exclude<Filters[Name], undefined> } {
  return Object.fromEntries(Object.entries(filters).filter(([, value]) => value !== undefined)) as ReturnType<
    typeof given<Filters>
  >
}

/** A half-open range that may be open at either side. */
export function rangeOf(fromMs: number | undefined, toMs: number | undefined): { readonly range?: Range } {
  if (fromMs === undefined && toMs === undefined) return {}
  const range = { startMs: fromMs ?? 0, endMs: toMs ?? FOREVER_MS }
  if (range.startMs < range.endMs) return { range }
  throw new PublicError('invalid_field', 'The range is empty: from must be before to.', { field: 'from' })
}
