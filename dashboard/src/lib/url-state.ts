import { useCallback, useSyncExternalStore } from 'react'

const CHANGED = 'token-trackr:url'

/**
 * One parameter of the address as state: what is filtered or open survives a reload, a copied link and the Back button.
 * `replace` changes it without a step in the history.
 */
export function useUrlParameter(name: string): [string | null, (value: string | null, replace?: boolean) => void] {
  const value = useSyncExternalStore(subscribe, () => new URLSearchParams(location.search).get(name))
  const set = useCallback(
    (next: string | null, replace = false) => {
      const url = new URL(location.href)
      if (url.searchParams.get(name) === next) return
      if (next === null) url.searchParams.delete(name)
      else url.searchParams.set(name, next)
      history[replace ? 'replaceState' : 'pushState'](null, '', url)
      dispatchEvent(new Event(CHANGED))
    },
    [name],
  )
  return [value, set]
}

function subscribe(listener: () => void) {
  addEventListener('popstate', listener)
  addEventListener(CHANGED, listener)
  return () => {
    removeEventListener('popstate', listener)
    removeEventListener(CHANGED, listener)
  }
}
