import { Button } from '@heroui/react/button'
import { useRef } from 'react'
import { setParameters } from '../../lib/location.ts'
import { ChevronLeftIcon, ChevronRightIcon } from '../../ui/icons.tsx'

interface PagerProps {
  /** Where this page begins, and where the next older one does. */
  cursor: string | null
  nextCursor: string | null
  what: string
}

/** Steps through pages that only know what is older: the way back is what was walked, or all of it. */
export function Pager({ cursor, nextCursor, what }: PagerProps) {
  // From each page to the one before it, as far as this visit came by.
  const cameFrom = useRef(new Map<string, string | null>())
  const go = (to: string | null) => {
    setParameters({ after: to })
    scrollTo(0, 0)
  }
  const older = () => {
    if (nextCursor === null) return
    cameFrom.current.set(nextCursor, cursor)
    go(nextCursor)
  }
  if (cursor === null && nextCursor === null) return null
  const before = cursor === null ? undefined : cameFrom.current.get(cursor)
  return (
    <nav aria-label={`Pages of ${what}`} className="flex flex-wrap items-center justify-end gap-1">
      {cursor !== null && (
        <Button onPress={() => go(null)} size="sm" variant="tertiary">
          Newest
        </Button>
      )}
      <Button isDisabled={before === undefined} onPress={() => go(before ?? null)} size="sm" variant="secondary">
        <ChevronLeftIcon />
        Newer
      </Button>
      <Button isDisabled={nextCursor === null} onPress={older} size="sm" variant="secondary">
        Older
        <ChevronRightIcon />
      </Button>
    </nav>
  )
}
