import type { EntryRow, Evidence, Int } from '../../lib/contract.ts'
import { integer } from '../../lib/integer.ts'
import { duration } from '../../lib/time.ts'
import { Count, Usd } from '../../ui/amount.tsx'

/** What stands before a number that the provider did not report itself: about, or at most. */
const SIGNS: Record<Evidence, string> = { reported: '', estimated: '~', bounded: '≤ ', unknown: '' }

/** A count of tokens, or the word for not knowing it: never 0. */
export function Tokens({ of, evidence }: { of: Int | null; evidence: Evidence }) {
  if (of === null) return <Missing>unknown</Missing>
  return (
    <>
      {SIGNS[evidence]}
      <Count inRow of={integer(of)} />
    </>
  )
}

/** What the call cost, or why that is not known: its usage is unknown, or it has no price. */
export function Cost({ entry }: { entry: EntryRow }) {
  if (entry.costNanoUsd === null) return <Missing>{entry.totalTokens === null ? 'unknown' : 'unpriced'}</Missing>
  return (
    <>
      {SIGNS[entry.evidence]}
      <Usd inRow of={integer(entry.costNanoUsd)} />
    </>
  )
}

/** How long the call took. Who reports usage afterwards need not say, and then nobody knows. */
export function Took({ entry: { durationMs, ending } }: { entry: EntryRow }) {
  if (ending === 'ingested' && durationMs === 0)
    return (
      <span className="text-muted" title="Whoever reported it did not say">
        –<span className="sr-only">not reported</span>
      </span>
    )
  return <>{duration(durationMs)}</>
}

function Missing({ children }: { children: string }) {
  return <span className="text-warning-soft-foreground">{children}</span>
}
