/** The pages that the rail leads to, in its order; each answers one question. `key` follows g on the keyboard. */
export const PAGES = [
  { path: '/', name: 'overview', title: 'Overview', key: 'o' },
  { path: '/users', name: 'users', title: 'Users', key: 'u' },
  { path: '/requests', name: 'requests', title: 'Requests', key: 'r' },
  { path: '/limits', name: 'limits', title: 'Limits', key: 'l' },
  { path: '/alerts', name: 'alerts', title: 'Alerts', key: 'a' },
  { path: '/providers', name: 'providers', title: 'Providers', key: 'p' },
] as const
export type PageName = (typeof PAGES)[number]['name']

export type Place = { readonly page: PageName | 'nowhere' } | { readonly page: 'user'; readonly userId: string }

/** Which page a path means. */
export function placeOf(pathname: string): Place {
  const path = pathname.length > 1 ? pathname.replace(/\/+$/, '') : pathname
  const user = /^\/users\/([^/]+)$/.exec(path)?.[1]
  const userId = user === undefined ? null : decoded(user)
  if (userId !== null) return { page: 'user', userId }
  return { page: PAGES.find((page) => page.path === path)?.name ?? 'nowhere' }
}

function decoded(text: string): string | null {
  try {
    return decodeURIComponent(text)
  } catch {
    return null
  }
}
