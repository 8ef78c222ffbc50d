import { type ReactNode, useId } from 'react'
import { clockTime } from '../lib/time.ts'
import { useLiveState, useServices } from '../lib/services.ts'
import { ErrorBoundary } from './error-boundary.tsx'

interface SectionProps {
  id: string
  title: string
  /** Beside the title, in small: what the section is about, in which zone. */
  note?: ReactNode
  actions?: ReactNode
  children: ReactNode
}

/** One part of the page with its heading. A fault inside stays inside, and old data says how old it is. */
export function Section({ id, title, note, actions, children }: SectionProps) {
  const headingId = useId()
  return (
    <section aria-labelledby={headingId} className="scroll-mt-20" id={id}>
      <header className="mb-3 flex min-h-8 flex-wrap items-center gap-x-3 gap-y-2">
        <h2 className="text-base font-semibold tracking-tight" id={headingId}>
          {title}
        </h2>
        {note && <div className="text-[13px] text-muted">{note}</div>}
        <Staleness />
        {actions && <div className="ms-auto flex flex-wrap items-center gap-2 max-sm:w-full">{actions}</div>}
      </header>
      <ErrorBoundary>{children}</ErrorBoundary>
    </section>
  )
}

/** How old what is seen has become, while the server is gone. */
export function Staleness() {
  const { phase, asOfMs } = useLiveState()
  const { zone } = useServices()
  if (phase !== 'offline' || asOfMs === null) return null
  return (
    <span className="rounded-md bg-warning-soft px-1.5 py-0.5 text-xs font-medium text-warning-soft-foreground">
      as of {clockTime(asOfMs, zone)}
    </span>
  )
}
