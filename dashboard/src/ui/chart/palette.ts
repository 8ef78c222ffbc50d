/** The key that the server gives to all that is not among the greatest. */
export const OTHER = 'other'

const COLOURS = 8

/**
 * A colour for each key, told apart by eyes that see few, three to one against the page at least (theme.css). By the
 * order of their names, so that a series keeps its colour when another overtakes it.
 */
export function coloursOf(keys: readonly string[]): ReadonlyMap<string, string> {
  const named = keys.filter((key) => key !== OTHER).toSorted()
  return new Map([
    ...named.map((key, index) => [key, `var(--series-${(index % COLOURS) + 1})`] as const),
    [OTHER, 'var(--series-other)'] as const,
  ])
}
