import { Button } from '@heroui/react/button'
import { SearchField } from '@heroui/react/search-field'
import { lazy, Suspense, useRef, useState } from 'react'
import type { Limit } from '../../lib/contract.ts'
import { setParameters, useUrlParameter } from '../../lib/location.ts'
import { exactCount } from '../../lib/numbers.ts'
import { useLimits } from '../../lib/use-limits.ts'
import { usePage } from '../../lib/use-page.ts'
import { useShortcuts } from '../../lib/use-shortcuts.ts'
import { EmptyNote } from '../../ui/empty-note.tsx'
import { ErrorState } from '../../ui/error-state.tsx'
import { PlusIcon } from '../../ui/icons.tsx'
import { LoadingRows } from '../../ui/loading.tsx'
import { PageHeader } from '../../ui/page-header.tsx'
import { Pages } from '../../ui/pages.tsx'
import { ErrorBoundary } from '../../ui/error-boundary.tsx'
import { Alerts } from './alerts.tsx'
import { LimitsTable } from './limits-table.tsx'
import { Simulator } from './simulator.tsx'
import { findLimits, sortLimits } from './sort-limits.ts'

const LimitForm = lazy(() => import('./limit-form.tsx').then((module) => ({ default: module.LimitForm })))
const PAGE_SIZE = 20

/** "What stops whom, and when does it reset?" */
export function Limits() {
  const { data, error, refetch } = useLimits()
  const [text, setText] = useUrlParameter('find')
  const [page, setPage] = usePage()
  const [changing, setChanging] = useState<Limit | 'new' | null>(null)
  const field = useRef<HTMLInputElement>(null)
  useShortcuts({ '/': () => field.current?.focus() })
  const found = sortLimits(findLimits(data ?? [], text ?? ''))
  const shownPage = Math.min(page, Math.max(0, Math.ceil(found.length / PAGE_SIZE) - 1))
  return (
    <>
      <PageHeader
        actions={
          <>
            {data && data.length > 0 && (
              <SearchField
                aria-label="Find a limit"
                className="max-sm:min-w-0 max-sm:flex-1"
                onChange={(next) => setParameters({ find: next, page: null }, true)}
                value={text ?? ''}
              >
                <SearchField.Group className="h-8">
                  <SearchField.SearchIcon />
                  <SearchField.Input
                    className="w-36 text-[13px] max-sm:w-full"
                    placeholder="Find a limit"
                    ref={field}
                  />
                  <SearchField.ClearButton />
                </SearchField.Group>
              </SearchField>
            )}
            <Button onPress={() => setChanging('new')} size="sm">
              <PlusIcon />
              Create limit
            </Button>
          </>
        }
        note={data && exactCount(BigInt(data.length))}
        title="Limits"
      />
      <ErrorBoundary>
        {!data && error && <ErrorState error={error} onRetry={() => void refetch()} what="The limits" />}
        {!data && !error && <LoadingRows rows={6} what="Limits" />}
        {data?.length === 0 && (
          <EmptyNote title="No limits yet">
            Nobody is stopped by anything. A limit binds everybody, a user, a key, a provider, a model or a label, by
            tokens, requests or cost.
          </EmptyNote>
        )}
        {data && data.length > 0 && found.length === 0 && (
          <EmptyNote onClear={() => setText(null)} title="No limit matches">
            Nothing among {exactCount(BigInt(data.length))} limits has “{text}” in it.
          </EmptyNote>
        )}
        {found.length > 0 && (
          <div>
            <LimitsTable
              limits={found.slice(shownPage * PAGE_SIZE, (shownPage + 1) * PAGE_SIZE)}
              onChange={setChanging}
            />
            <Pages onPage={setPage} page={shownPage} size={PAGE_SIZE} total={found.length} what="limits" />
          </div>
        )}
      </ErrorBoundary>
      <Alerts />
      <ErrorBoundary>
        <Simulator />
      </ErrorBoundary>
      <Suspense>
        {changing !== null && (
          <LimitForm limit={changing === 'new' ? null : changing} onClose={() => setChanging(null)} />
        )}
      </Suspense>
    </>
  )
}
