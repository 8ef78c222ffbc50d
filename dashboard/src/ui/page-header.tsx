import { type ReactNode, useEffect } from 'react'
import { Staleness } from './staleness.tsx'

interface PageHeaderProps {
  title: string
  /** Under or beside the title, in small. */
  note?: ReactNode
  /** Shown in place of the plain title. */
  heading?: ReactNode
  actions?: ReactNode
}

/** What page this is, also in the title of the window; what it is about, and what can be done on all of it. */
export function PageHeader({ title, note, heading, actions }: PageHeaderProps) {
  useEffect(() => {
    document.title = `${title} · Token Trackr`
  }, [title])
  return (
    <header className="flex min-h-9 flex-wrap items-center gap-x-4 gap-y-2">
      <h1 className="min-w-0 text-xl font-semibold tracking-tight wrap-anywhere">{heading ?? title}</h1>
      {note && <div className="text-[13px] text-muted">{note}</div>}
      <Staleness />
      {actions && <div className="ms-auto flex flex-wrap items-center gap-2 max-sm:ms-0 max-sm:w-full">{actions}</div>}
    </header>
  )
}
