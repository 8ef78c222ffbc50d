import type { ReactNode } from 'react'
import { curlSnippet } from '../../lib/snippets.ts'
import { CodeBlock } from '../../ui/code-block.tsx'

/** Nothing was counted yet: lines to paste, and a sign that the page is listening. */
export function NoCallsYet({ firstStep }: { firstStep: ReactNode }) {
  return (
    <div className="rounded-3xl border border-border bg-surface p-5 sm:p-6">
      <p className="flex items-center gap-2 font-medium">
        <span aria-hidden="true" className="breathing size-2 rounded-full bg-accent" />
        Waiting for your first request…
      </p>
      <p className="mt-1 mb-4 max-w-prose text-[13px] text-muted">
        Point a client at this address, or paste these lines with a key of yours. The call shows up here by itself.
      </p>
      <CodeBlock code={curlSnippet(location.origin, '$TOKEN_TRACKR_KEY')} what="First request" />
      <div className="mt-4">{firstStep}</div>
    </div>
  )
}
