import type { ReactNode } from 'react'
import { useNow } from '../../lib/clock.ts'
import { useRange } from '../../lib/use-range.ts'
import { usePreviousSummary, useSummary, useTrend } from '../../lib/use-sums.ts'
import { ErrorState } from '../../ui/error-state.tsx'
import { Link, userPath } from '../../ui/link.tsx'
import { PageHeader } from '../../ui/page-header.tsx'
import { LINK } from '../../ui/panel.tsx'
import { RangeNote, RangePicker } from '../../ui/range-picker.tsx'
import { CardsLoading } from '../../ui/stat-card.tsx'
import { ErrorBoundary } from '../../ui/error-boundary.tsx'
import { Attention } from './attention.tsx'
import { ChartLoading } from './chart-loading.tsx'
import { OverviewCards } from './overview-cards.tsx'
import { TopList } from './top-list.tsx'
import { TrendChart } from './trend-chart.tsx'
import { Name } from '../../ui/name.tsx'

/** "Are we fine?" `latest` are the last calls, `empty` what is shown instead of all while there was never a call. */
export function Overview({ latest, empty }: { latest: ReactNode; empty: ReactNode | null }) {
  const range = useRange()
  const nowMs = useNow(60_000)
  const summary = useSummary(range)
  const before = usePreviousSummary(range)
  const byModel = useTrend(range, 'model')
  const byUser = useTrend(range, 'user')
  return (
    <>
      <PageHeader actions={<RangePicker range={range} />} note={<RangeNote range={range} />} title="Overview" />
      <ErrorBoundary>
        {summary.data && (
          <div className={summary.isPlaceholderData ? 'opacity-60 transition-opacity delay-150' : ''}>
            <OverviewCards before={before.data} range={range} summary={summary.data} trend={byModel.data} />
          </div>
        )}
        {!summary.data && summary.error && (
          <ErrorState error={summary.error} onRetry={() => void summary.refetch()} what="What was spent" />
        )}
        {!summary.data && !summary.error && <CardsLoading />}
      </ErrorBoundary>
      {empty ?? (
        <>
          <ErrorBoundary>
            {byModel.data && <TrendChart before={before.data} isOld={byModel.isPlaceholderData} trend={byModel.data} />}
            {!byModel.data && byModel.error && (
              <ErrorState error={byModel.error} onRetry={() => void byModel.refetch()} what="The spend over time" />
            )}
            {!byModel.data && !byModel.error && <ChartLoading />}
          </ErrorBoundary>
          <div className="grid gap-3 lg:grid-cols-3">
            <Attention nowMs={nowMs} summary={summary.data} />
            <TopList
              error={byUser.error}
              more={
                <Link className={LINK} to="/users">
                  All users
                </Link>
              }
              nameOf={(userId) => (
                <Link className={LINK} to={userPath(userId)}>
                  <Name of={userId} />
                </Link>
              )}
              title="Top users"
              trend={byUser.data}
            />
            <TopList
              error={byModel.error}
              more={
                <Link className={LINK} to="/requests">
                  All requests
                </Link>
              }
              nameOf={(model) => (
                <Link className={LINK} parameters={{ model }} to="/requests">
                  <Name of={model} />
                </Link>
              )}
              title="Top models"
              trend={byModel.data}
            />
          </div>
          {latest}
        </>
      )}
    </>
  )
}
