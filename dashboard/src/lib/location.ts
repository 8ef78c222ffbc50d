import { useCallback, useSyncExternalStore } from 'react'

const CHANGED = 'token-trackr:location'

/** What every page shares, so that going to another page keeps it: the range of time and its zone. */
const SHARED = ['range', 'from', 'to', 'zone']

export type Parameters = Readonly<Record<string, string | null | undefined>>

/**
 * One parameter of the address as state: what is filtered or open survives a reload, a copied link and the Back button.
 * `replace` changes it without a step in the history.
 */
export function useUrlParameter(name: string): [string | null, (value: string | null, replace?: boolean) => void] {
  const value = new URLSearchParams(useSearch()).get(name)
  const set = useCallback((next: string | null, replace = false) => setParameters({ [name]: next }, replace), [name])
  return [value, set]
}

/** Sets several parameters in one step of the history; null takes one away, and what is not named stays. */
export function setParameters(parameters: Parameters, replace = false): void {
  const url = new URL(location.href)
  const before = url.search
  put(url.searchParams, parameters)
  if (url.search === before) return
  history[replace ? 'replaceState' : 'pushState'](null, '', url)
  dispatchEvent(new Event(CHANGED))
}

/** The search part of the address, told again when it changes. */
export function useSearch(): string {
  return useSyncExternalStore(subscribe, () => location.search)
}

export function usePathname(): string {
  return useSyncExternalStore(subscribe, () => location.pathname)
}

/** The address of another page: its own parameters, and those of `search` that all pages share. */
export function pageHref(path: string, parameters: Parameters = {}, search: string = location.search): string {
  const kept = new URLSearchParams(search)
  const next = new URLSearchParams(SHARED.flatMap((name) => (kept.has(name) ? [[name, kept.get(name) ?? '']] : [])))
  put(next, parameters)
  const text = next.toString()
  return text ? `${path}?${text}` : path
}

/** Goes to a page, as a link would, without loading the document again. */
export function navigate(href: string): void {
  if (href === location.pathname + location.search) return
  history.pushState(null, '', href)
  dispatchEvent(new Event(CHANGED))
  scrollTo(0, 0)
}

function put(target: URLSearchParams, parameters: Parameters): void {
  for (const [name, value] of Object.entries(parameters))
    if (value === null || value === undefined || value === '') target.delete(name)
    else target.set(name, value)
}

function subscribe(listener: () => void) {
  addEventListener('popstate', listener)
  addEventListener(CHANGED, listener)
  return () => {
    removeEventListener('popstate', listener)
    removeEventListener(CHANGED, listener)
  }
}
