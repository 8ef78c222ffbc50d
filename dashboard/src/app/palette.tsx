import { Modal } from '@heroui/react/modal'
import { useQuery } from '@tanstack/react-query'
import { type KeyboardEvent, useId, useState } from 'react'
import { navigate, pageHref } from '../lib/location.ts'
import { PRESETS } from '../lib/range.ts'
import { useServices } from '../lib/services.ts'
import { userPath } from '../ui/link.tsx'
import { PAGES } from './routes.ts'
import { Name } from '../ui/name.tsx'

interface Choice {
  readonly title: string
  readonly kind: string
  readonly href: () => string
}

const MOST = 12
const FIXED: readonly Choice[] = [
  ...PAGES.map(({ title, path }) => ({ title, kind: 'Page', href: () => pageHref(path) })),
  { title: 'Refusals', kind: 'Page', href: () => pageHref('/requests', { view: 'refusals' }) },
  ...PRESETS.map((range) => ({
    title: `Range: ${range}`,
    kind: 'Range',
    href: () => pageHref(location.pathname, { range, from: null, to: null }),
  })),
]

/** Goes to anything by its name: pages, users, ranges. */
export function Palette({ onClose }: { onClose: () => void }) {
  const { api } = useServices()
  const [text, setText] = useState('')
  const [at, setAt] = useState(0)
  const listId = useId()
  const users = useQuery({
    queryKey: ['palette users'],
    queryFn: ({ signal }) => api.users(null, signal).then((page) => page.users.map(({ userId }) => userId)),
    staleTime: 30_000,
  })
  const wanted = text.trim().toLowerCase()
  const choices = [
    ...FIXED,
    ...(users.data ?? []).map((userId) => ({ title: userId, kind: 'User', href: () => pageHref(userPath(userId)) })),
  ]
    .filter(({ title }) => title.toLowerCase().includes(wanted))
    .slice(0, MOST)
  const current = Math.min(at, choices.length - 1)
  const go = (choice: Choice | undefined) => {
    if (!choice) return
    onClose()
    navigate(choice.href())
  }
  const onKeyDown = (event: KeyboardEvent) => {
    const by = { ArrowDown: 1, ArrowUp: -1 }[event.key]
    if (by !== undefined) {
      event.preventDefault()
      setAt((current + by + choices.length) % Math.max(1, choices.length))
    }
    if (event.key === 'Enter') {
      event.preventDefault()
      go(choices[current])
    }
  }
  return (
    <Modal.Backdrop isOpen onOpenChange={(open) => !open && onClose()}>
      <Modal.Container placement="top">
        <Modal.Dialog aria-label="Go to" className="gap-2 p-2 sm:max-w-lg">
          <input
            aria-activedescendant={choices.length > 0 ? `${listId}-${current}` : undefined}
            aria-autocomplete="list"
            aria-controls={listId}
            aria-expanded="true"
            aria-label="Go to a page, a user or a range"
            autoComplete="off"
            autoFocus
            className="h-10 w-full rounded-lg bg-transparent px-3 text-foreground outline-none placeholder:text-muted"
            onChange={(event) => (setText(event.target.value), setAt(0))}
            onKeyDown={onKeyDown}
            placeholder="Go to a page, a user, a range…"
            role="combobox"
            spellCheck="false"
            value={text}
          />
          <ul aria-label="Choices" className="border-t border-separator pt-2 text-[13px]" id={listId} role="listbox">
            {choices.map((choice, index) => (
              <li
                aria-selected={index === current}
                className="flex cursor-pointer items-center gap-3 rounded-lg px-3 py-2 text-foreground aria-selected:bg-default"
                id={`${listId}-${index}`}
                key={`${choice.kind} ${choice.title}`}
                onClick={() => go(choice)}
                onPointerMove={() => setAt(index)}
                role="option"
              >
                <Name of={choice.title} />
                <span className="ms-auto text-xs text-muted">{choice.kind}</span>
              </li>
            ))}
          </ul>
          {choices.length === 0 && <p className="px-3 pb-2 text-[13px] text-muted">Nothing by that name.</p>}
        </Modal.Dialog>
      </Modal.Container>
    </Modal.Backdrop>
  )
}
