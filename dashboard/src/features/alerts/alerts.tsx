import { exactCount } from '../../lib/numbers.ts'
import { useCrossings } from '../../lib/use-alerts.ts'
import { usePage } from '../../lib/use-page.ts'
import { EmptyNote } from '../../ui/empty-note.tsx'
import { ErrorBoundary } from '../../ui/error-boundary.tsx'
import { ErrorState } from '../../ui/error-state.tsx'
import { LoadingRows } from '../../ui/loading.tsx'
import { PageHeader } from '../../ui/page-header.tsx'
import { Pages } from '../../ui/pages.tsx'
import { Channels } from './channels.tsx'
import { CrossingsTable } from './crossings-table.tsx'

/** As many as the API tells at once. */
const MOST = 200
const PAGE_SIZE = 20

/** "Which limits were nearly used up, and who was told?" */
export function Alerts() {
  const { data, error, refetch } = useCrossings(MOST)
  const [page, setPage] = usePage()
  const crossings = data ?? []
  const shownPage = Math.min(page, Math.max(0, Math.ceil(crossings.length / PAGE_SIZE) - 1))
  return (
    <>
      <PageHeader note="thresholds of limits that were crossed, newest first" title="Alerts" />
      <Channels />
      <ErrorBoundary>
        {!data && error && <ErrorState error={error} onRetry={() => void refetch()} what="The crossings" />}
        {!data && !error && <LoadingRows rows={6} what="Crossings" />}
        {data?.length === 0 && (
          <EmptyNote title="Nothing was crossed">
            When a limit comes to one of its percentages, 80, 95 and 100 where nothing else was said, it is noted here
            once in each window, and told over each channel.
          </EmptyNote>
        )}
        {crossings.length > 0 && (
          <div>
            <CrossingsTable crossings={crossings.slice(shownPage * PAGE_SIZE, (shownPage + 1) * PAGE_SIZE)} />
            <Pages onPage={setPage} page={shownPage} size={PAGE_SIZE} total={crossings.length} what="crossings" />
            {crossings.length === MOST && (
              <p className="mt-2 text-[13px] text-muted">The newest {exactCount(BigInt(MOST))} are listed.</p>
            )}
          </div>
        )}
      </ErrorBoundary>
    </>
  )
}
