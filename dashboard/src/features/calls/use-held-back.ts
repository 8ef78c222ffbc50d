import { type RefObject, useEffect, useState } from 'react'
import type { EntryRow } from '../../lib/contract.ts'
import { heldBack } from './held-back.ts'

/** What lies below the window counts as in it: only leaving over the top is told, also by a jump from far below. */
const EVERYTHING_BELOW = { rootMargin: '0px 0px 10000000px 0px' }

/** Whether the element has been scrolled out over the top of the window. */
export function useScrolledPast(element: RefObject<HTMLElement | null>, present: boolean): boolean {
  const [past, setPast] = useState(false)
  useEffect(() => {
    const target = element.current
    if (!target) return
    const observer = new IntersectionObserver(([entry]) => setPast(entry?.isIntersecting === false), EVERYTHING_BELOW)
    observer.observe(target)
    return () => observer.disconnect()
  }, [element, present])
  return present && past
}

/**
 * Keeps the rows in place while somebody reads further down or in the drawer; newer ones wait and are counted. Rows of
 * another list (`of`) are never held: they are not what is asked for any more.
 */
export function useHeldBack(rows: readonly EntryRow[], hold: boolean, of: string) {
  const [seen, setSeen] = useState<{ rows: readonly EntryRow[]; of: string } | null>(null)
  const holding = hold && seen?.of === of
  if (hold && !holding) setSeen({ rows, of })
  if (!hold && seen !== null) setSeen(null)
  return holding ? heldBack(rows, seen.rows) : { rows, waiting: 0 }
}
