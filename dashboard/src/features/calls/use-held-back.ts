import { type RefObject, useEffect, useState } from 'react'
import type { EntryRow } from '../../lib/contract.ts'
import { type CallList, heldBack } from './merge-newest.ts'

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

/** Keeps the rows in place while somebody reads further down or in the drawer; newer calls wait and are counted. */
export function useHeldBack(list: CallList, hold: boolean): { rows: readonly EntryRow[]; waiting: number } {
  const [seen, setSeen] = useState<readonly EntryRow[] | null>(null)
  if (hold && seen === null) setSeen(list.rows)
  if (!hold && seen !== null) setSeen(null)
  return seen === null || !hold ? { rows: list.rows, waiting: 0 } : heldBack(list, seen)
}
