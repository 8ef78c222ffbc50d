import { lazy, Suspense } from 'react'
import { useNow } from '../../lib/clock.ts'
import type { Refusal } from '../../lib/contract.ts'
import { setParameters, useUrlParameter } from '../../lib/location.ts'
import { EmptyNote } from '../../ui/empty-note.tsx'
import { ErrorState } from '../../ui/error-state.tsx'
import { LoadingRows } from '../../ui/loading.tsx'
import type { Chosen } from './call-filter.ts'
import { FilterChip } from './call-filters.tsx'
import { Pager } from './pager.tsx'
import { RefusalsTable } from './refusals-table.tsx'
import { useRefusals } from './use-calls.ts'

const CallDrawer = lazy(() => import('./call-drawer.tsx').then((module) => ({ default: module.CallDrawer })))

interface RefusalsListProps {
  chosen: Chosen
  cursor: string | null
  onBack: () => void
}

/** Calls that were not admitted, and why. */
export function RefusalsList({ chosen: { user, code }, cursor, onBack }: RefusalsListProps) {
  const refusals = useRefusals({ ...(user && { userId: user }), ...(code && { code }) }, cursor)
  const [opened, setOpened] = useUrlParameter('call')
  const nowMs = useNow(60_000)
  const { data, error } = refusals
  const open = ({ callId }: Refusal) => setOpened(callId)
  return (
    <>
      {(user !== undefined || code !== undefined) && (
        <div className="flex flex-wrap gap-2">
          {user !== undefined && <FilterChip name="user" value={user} />}
          {code !== undefined && <FilterChip name="code" value={code} />}
        </div>
      )}
      {!data && error && <ErrorState error={error} onRetry={() => void refusals.refetch()} what="The refusals" />}
      {!data && !error && <LoadingRows rows={6} what="Refusals" />}
      {data?.refusals.length === 0 && (user !== undefined || code !== undefined) && (
        <EmptyNote onClear={() => setParameters({ user: null, code: null, after: null })} title="No refusal matches">
          Nothing was refused for this filter.
        </EmptyNote>
      )}
      {data?.refusals.length === 0 && user === undefined && code === undefined && (
        <EmptyNote clearLabel="Show calls" onClear={onBack} title="No call was refused">
          A call that does not fit a limit, or that nobody may make, shows up here with its reason.
        </EmptyNote>
      )}
      {data && data.refusals.length > 0 && (
        <div className={refusals.isPlaceholderData ? 'opacity-60 transition-opacity delay-150' : ''}>
          <RefusalsTable nowMs={nowMs} onOpen={open} rows={data.refusals} />
          <div className="mt-3 flex flex-wrap items-center justify-between gap-2 text-[13px] text-muted">
            <span>{data.sampled && 'A sample: every refusal is counted, but not each one is kept.'}</span>
            <Pager cursor={cursor} nextCursor={data.nextCursor} what="refusals" />
          </div>
        </div>
      )}
      <Suspense>
        {opened !== null && <CallDrawer callId={opened} onClose={() => setOpened(null)} step={NO_STEP} />}
      </Suspense>
    </>
  )
}

const NO_STEP = { newer: undefined, older: undefined }
