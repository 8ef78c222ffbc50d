import { lazy, type ReactNode, Suspense, useEffect, useRef, useState } from 'react'
import { useNow } from '../../lib/clock.ts'
import { counted } from '../../lib/numbers.ts'
import { useUrlParameter } from '../../lib/url-state.ts'
import { EmptyNote } from '../../ui/empty-note.tsx'
import { BusyButton } from '../../ui/busy-button.tsx'
import { ErrorLine, ErrorState } from '../../ui/error-state.tsx'
import { CheckIcon } from '../../ui/icons.tsx'
import { LoadingRows } from '../../ui/loading.tsx'
import { Section } from '../../ui/section.tsx'
import { CallFilters, useCallFilter } from './call-filters.tsx'
import { CallsTable } from './calls-table.tsx'
import { NO_CALLS } from './merge-newest.ts'
import { NewCallsPill } from './new-calls-pill.tsx'
import { NoCallsYet } from './no-calls-yet.tsx'
import { useCalls } from './use-calls.ts'
import { useHeldBack, useScrolledPast } from './use-held-back.ts'

const CallDrawer = lazy(() => import('./call-drawer.tsx').then((module) => ({ default: module.CallDrawer })))

/** The live list of calls. `firstStep` is offered while there is none. */
export function Calls({ firstStep }: { firstStep: ReactNode }) {
  const callFilter = useCallFilter()
  const { list, older } = useCalls(callFilter.filter)
  const [opened, setOpened] = useUrlParameter('call')
  const top = useRef<HTMLDivElement>(null)
  const nowMs = useNow(60_000)
  const { data, error } = list
  const hasRows = (data?.rows.length ?? 0) > 0
  const scrolled = useScrolledPast(top, hasRows)
  const { rows, waiting } = useHeldBack(data ?? NO_CALLS, scrolled || opened !== null)
  const first = useFirstCall(data ? hasRows || callFilter.active : undefined)

  return (
    <Section actions={<CallFilters {...callFilter} />} id="calls" note="newest first" title="Calls">
      {!data && error && <ErrorState error={error} onRetry={() => void list.refetch()} what="The calls" />}
      {!data && !error && <LoadingRows rows={6} what="Calls" />}
      {data && !hasRows && !callFilter.active && <NoCallsYet firstStep={firstStep} />}
      {data && !hasRows && callFilter.active && (
        <EmptyNote onClear={callFilter.clear} title="No call matches these filters">
          Calls that match will appear here by themselves.
        </EmptyNote>
      )}
      {first && (
        <p className="mb-3 flex items-center gap-2 text-[13px] font-medium text-success-soft-foreground">
          <CheckIcon /> Your first request was counted.
        </p>
      )}
      {data && hasRows && (
        <div className={list.isPlaceholderData ? 'opacity-60 transition-opacity delay-150' : ''}>
          <div ref={top} />
          <NewCallsPill count={waiting} />
          <CallsTable nowMs={nowMs} onOpen={setOpened} rows={rows} />
          <div className="mt-3 flex flex-col items-center gap-2 text-[13px] text-muted">
            {older.error && <ErrorLine error={older.error} />}
            {data.nextCursor === null ? (
              <p>{counted(BigInt(rows.length), 'call')}, that is all there is</p>
            ) : (
              <BusyButton
                busy={older.isPending}
                onPress={() => data.nextCursor && older.mutate(data.nextCursor)}
                size="sm"
                variant="secondary"
              >
                {older.isPending ? 'Loading…' : 'Load more'}
              </BusyButton>
            )}
          </div>
        </div>
      )}
      <Suspense>
        {opened !== null && <CallDrawer filter={callFilter} id={opened} onClose={() => setOpened(null)} />}
      </Suspense>
    </Section>
  )
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
