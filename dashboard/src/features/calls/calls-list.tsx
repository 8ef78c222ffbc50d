import { lazy, type ReactNode, Suspense, useEffect, useRef, useState } from 'react'
import type { CallFilter } from '../../lib/api.ts'
import { useNow } from '../../lib/clock.ts'
import type { EntryRow } from '../../lib/contract.ts'
import { setParameters, useUrlParameter } from '../../lib/location.ts'
import { useShortcuts } from '../../lib/use-shortcuts.ts'
import { EmptyNote } from '../../ui/empty-note.tsx'
import { ErrorState } from '../../ui/error-state.tsx'
import { CheckIcon } from '../../ui/icons.tsx'
import { LoadingRows } from '../../ui/loading.tsx'
import { CallsTable } from './calls-table.tsx'
import { NewCallsPill } from './new-calls-pill.tsx'
import { NoCallsYet } from './no-calls-yet.tsx'
import { Pager } from './pager.tsx'
import { PAGE_SIZE, type useCalls } from './use-calls.ts'
import { useHeldBack, useScrolledPast } from './use-held-back.ts'

const CallDrawer = lazy(() => import('./call-drawer.tsx').then((module) => ({ default: module.CallDrawer })))
const NONE: readonly EntryRow[] = []

interface CallsListProps {
  calls: ReturnType<typeof useCalls>
  filter: CallFilter
  cursor: string | null
  onClear: () => void
  /** Offered while there was never a call. */
  firstStep: ReactNode
}

/** One page of calls with its drawer: j and k go from row to row, Enter opens. */
export function CallsList({ calls, filter, cursor, onClear, firstStep }: CallsListProps) {
  const [opened, setOpened] = useUrlParameter('call')
  const [attempt] = useUrlParameter('attempt')
  const top = useRef<HTMLDivElement>(null)
  const nowMs = useNow(60_000)
  const { data, error } = calls
  const filtered = Object.keys(filter).length > 0
  const hasRows = (data?.entries.length ?? 0) > 0
  const scrolled = useScrolledPast(top, hasRows)
  const hold = !calls.isPlaceholderData && cursor === null && (scrolled || opened !== null)
  const { rows, waiting } = useHeldBack(data?.entries ?? NONE, hold, JSON.stringify([filter, cursor]))
  const first = useFirstCall(data ? hasRows || filtered || cursor !== null : undefined)
  useShortcuts({ j: () => focusRow(1), k: () => focusRow(-1) })

  const open = (entry: EntryRow) => setParameters({ call: entry.callId, attempt: String(entry.attempt) })
  const at = rows.findIndex((row) => row.callId === opened && (attempt === null || String(row.attempt) === attempt))
  const stepTo = (entry: EntryRow | undefined) => (entry ? () => open(entry) : undefined)
  const step = { newer: at > 0 ? stepTo(rows[at - 1]) : undefined, older: at >= 0 ? stepTo(rows[at + 1]) : undefined }

  return (
    <>
      {!data && error && <ErrorState error={error} onRetry={() => void calls.refetch()} what="The calls" />}
      {!data && !error && <LoadingRows rows={8} what="Calls" />}
      {data && !hasRows && !filtered && cursor === null && <NoCallsYet firstStep={firstStep} />}
      {data && !hasRows && (filtered || cursor !== null) && (
        <EmptyNote onClear={onClear} title="No call matches these filters">
          Calls that match will appear here by themselves.
        </EmptyNote>
      )}
      {first && (
        <p className="flex items-center gap-2 text-[13px] font-medium text-success-soft-foreground">
          <CheckIcon /> Your first request was counted.
        </p>
      )}
      {data && hasRows && (
        <div className={calls.isPlaceholderData ? 'opacity-60 transition-opacity delay-150' : ''}>
          <div ref={top} />
          <NewCallsPill count={waiting} most={PAGE_SIZE} />
          <CallsTable nowMs={nowMs} onOpen={open} rows={rows} />
          <div className="mt-3">
            <Pager cursor={cursor} nextCursor={data.nextCursor} what="calls" />
          </div>
        </div>
      )}
      <Suspense>
        {opened !== null && (
          <CallDrawer
            callId={opened}
            onClose={() => (setOpened(null), setParameters({ attempt: null }, true))}
            step={step}
          />
        )}
      </Suspense>
    </>
  )
}

/** Moves the focus among the rows; from outside of the table, to the first. */
function focusRow(by: 1 | -1): void {
  const rows = [...document.querySelectorAll<HTMLElement>('[data-call-row]')]
  const at = rows.findIndex((row) => row === document.activeElement)
  const next = rows[at === -1 ? 0 : at + by]
  next?.focus()
  next?.scrollIntoView({ block: 'nearest' })
}

/** True for a while after the first call ever came in while the page was waiting for it. */
function useFirstCall(any: boolean | undefined): boolean {
  const waited = useRef(false)
  const [first, setFirst] = useState(false)
  useEffect(() => {
    if (any === false) waited.current = true
    if (any !== true || !waited.current) return
    waited.current = false
    setFirst(true)
    const timer = setTimeout(() => setFirst(false), 10_000)
    return () => clearTimeout(timer)
  }, [any])
  return first
}
