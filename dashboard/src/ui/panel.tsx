import { type ReactNode, useId } from 'react'
import { ErrorBoundary } from './error-boundary.tsx'

interface PanelProps {
  title: string
  /** At the end of the title's line. */
  more?: ReactNode
  children: ReactNode
  className?: string
}

/** A framed part of a page with its heading. A fault inside stays inside. */
export function Panel({ title, more, children, className = '' }: PanelProps) {
  const headingId = useId()
  return (
    <section
      aria-labelledby={headingId}
      className={`min-w-0 rounded-3xl border border-border bg-surface p-4 ${className}`}
    >
      <div className="mb-3 flex min-h-5 items-baseline gap-3">
        <h2 className="text-[13px] font-medium text-muted" id={headingId}>
          {title}
        </h2>
        {more && <div className="ms-auto text-[13px]">{more}</div>}
      </div>
      <ErrorBoundary>{children}</ErrorBoundary>
    </section>
  )
}

/** The clothes of a link in running text. */
export const LINK = 'rounded-sm font-medium underline-offset-2 outline-offset-2 hover:underline focus-visible:underline'
