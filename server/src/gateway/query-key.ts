const NAME = 'key'

/** The key that stands in the query of an address, as Google's clients may send it; the first one, where there are more. */
export function keyInQuery(url: string): string | undefined {
  const mark = url.indexOf('?')
  return mark === -1 ? undefined : (new URLSearchParams(url.slice(mark + 1)).get(NAME) ?? undefined)
}

/** A query without any key in it, so that it can be passed on; the rest stays as it was written. */
export function withoutKey(query: string): string {
  if (query === '') return query
  return query
    .split('&')
    .filter((part) => !new URLSearchParams(part).has(NAME))
    .join('&')
}
