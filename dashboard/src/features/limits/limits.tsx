import { Button } from '@heroui/react/button'
import { lazy, Suspense, useState } from 'react'
import type { Limit } from '../../lib/contract.ts'
import { setParameters, useUrlParameter } from '../../lib/location.ts'
import { exactCount } from '../../lib/numbers.ts'
import { useLimits } from '../../lib/use-limits.ts'
import { ErrorBoundary } from '../../ui/error-boundary.tsx'
import { ErrorState } from '../../ui/error-state.tsx'
import { PlusIcon } from '../../ui/icons.tsx'
import { LoadingRows } from '../../ui/loading.tsx'
import { PageHeader } from '../../ui/page-header.tsx'
import { Segments } from '../../ui/segments.tsx'
import { FindLimit } from './find-limit.tsx'
import { LimitsList } from './limits-list.tsx'
import { Simulator } from './simulator.tsx'

const LimitForm = lazy(() => import('./limit-form.tsx').then((module) => ({ default: module.LimitForm })))

const VIEWS = [
  { value: 'all', title: 'All limits' },
  { value: 'test', title: 'Test a call' },
] as const

/** "What stops whom, and when does it reset? Would this call pass?" */
export function Limits() {
  const { data, error, refetch } = useLimits()
  const [view] = useUrlParameter('view')
  const [changing, setChanging] = useState<Limit | 'new' | null>(null)
  const isTest = view === 'test'
  return (
    <>
      <PageHeader
        actions={
          <Button onPress={() => setChanging('new')} size="sm">
            <PlusIcon />
            Create limit
          </Button>
        }
        note={data && exactCount(BigInt(data.length))}
        title="Limits"
      />
      <div className="flex flex-wrap items-center gap-x-3 gap-y-2">
        <Segments
          label="View"
          onChange={(next) => setParameters({ view: next === 'test' ? next : null, find: null, page: null })}
          options={VIEWS}
          value={isTest ? 'test' : 'all'}
        />
        {!isTest && data && data.length > 0 && <FindLimit />}
      </div>
      <ErrorBoundary key={view}>
        {isTest && <Simulator />}
        {!isTest && !data && error && <ErrorState error={error} onRetry={() => void refetch()} what="The limits" />}
        {!isTest && !data && !error && <LoadingRows rows={6} what="Limits" />}
        {!isTest && data && <LimitsList limits={data} onChange={setChanging} />}
      </ErrorBoundary>
      <Suspense>
        {changing !== null && (
          <LimitForm limit={changing === 'new' ? null : changing} onClose={() => setChanging(null)} />
        )}
      </Suspense>
    </>
  )
}
