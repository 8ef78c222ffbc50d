import { SearchField } from '@heroui/react/search-field'
import { useRef } from 'react'
import { setParameters, useUrlParameter } from '../../lib/location.ts'
import { useShortcuts } from '../../lib/use-shortcuts.ts'

/** Finds limits by the words of what they bind and count. */
export function FindLimit() {
  const [text] = useUrlParameter('find')
  const field = useRef<HTMLInputElement>(null)
  useShortcuts({ '/': () => field.current?.focus() })
  return (
    <SearchField
      aria-label="Find a limit"
      className="max-sm:min-w-0 max-sm:flex-1"
      onChange={(next) => setParameters({ find: next, page: null }, true)}
      value={text ?? ''}
    >
      <SearchField.Group className="h-8">
        <SearchField.SearchIcon />
        <SearchField.Input className="w-48 text-[13px] max-sm:w-full" placeholder="Find a limit" ref={field} />
        <SearchField.ClearButton />
      </SearchField.Group>
    </SearchField>
  )
}
