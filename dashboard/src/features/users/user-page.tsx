import { Button } from '@heroui/react/button'
import { lazy, type ReactNode, Suspense, useState } from 'react'
import { ApiError } from '../../lib/api.ts'
import { useRange } from '../../lib/use-range.ts'
import { usageOf } from '../../lib/standing.ts'
import { EmptyNote } from '../../ui/empty-note.tsx'
import { ErrorBoundary } from '../../ui/error-boundary.tsx'
import { ErrorState } from '../../ui/error-state.tsx'
import { PencilIcon } from '../../ui/icons.tsx'
import { Link } from '../../ui/link.tsx'
import { LoadingRows } from '../../ui/loading.tsx'
import { PageHeader } from '../../ui/page-header.tsx'
import { LINK } from '../../ui/panel.tsx'
import { RangeNote, RangePicker } from '../../ui/range-picker.tsx'
import { StandingChip } from '../../ui/standing-chip.tsx'
import { Keys } from './keys.tsx'
import { UserMeter } from './user-meter.tsx'
import { UserTrend } from './user-trend.tsx'
import { useUser } from './use-users.ts'

const LimitDialog = lazy(() => import('./limit-dialog.tsx').then((module) => ({ default: module.LimitDialog })))

interface UserPageProps {
  userId: string
  /** The parts that other features have of this user. */
  limits: ReactNode
  calls: ReactNode
  refusals: ReactNode
}

/** Everything about one user: how much is left, where it went, what binds. */
export function UserPage({ userId, limits, calls, refusals }: UserPageProps) {
  const { data: user, error, refetch } = useUser(userId)
  const [changing, setChanging] = useState(false)
  const range = useRange('7d')
  if (!user && error instanceof ApiError && error.status === 404)
    return (
      <>
        <PageHeader title="No such user" />
        <EmptyNote title="Nobody by this name">
          There is no user <bdi className="font-medium text-foreground">{userId}</bdi>.{' '}
          <Link className={`${LINK} text-foreground underline`} to="/users">
            All users
          </Link>
        </EmptyNote>
      </>
    )
  return (
    <>
      <PageHeader
        actions={
          user && (
            <Button onPress={() => setChanging(true)} size="sm" variant="secondary">
              <PencilIcon />
              Adjust limit
            </Button>
          )
        }
        heading={
          <span className="flex flex-wrap items-center gap-2">
            <Link className="text-muted hover:text-foreground" to="/users">
              Users
            </Link>
            <span aria-hidden="true" className="text-muted">
              /
            </span>
            <bdi className="wrap-anywhere">{userId}</bdi>
            {user && <StandingChip standing={usageOf(user).standing} />}
          </span>
        }
        title={userId}
      />
      {!user && error && <ErrorState error={error} onRetry={() => void refetch()} what="This user" />}
      {!user && !error && <LoadingRows rows={5} what="User" />}
      {user && (
        <>
          <ErrorBoundary>
            <UserMeter user={user} />
          </ErrorBoundary>
          <div className="flex flex-wrap items-center justify-between gap-x-4 gap-y-2">
            <p className="text-[13px] text-muted">
              <RangeNote range={range} />
            </p>
            <RangePicker range={range} />
          </div>
          <ErrorBoundary>
            <UserTrend range={range} userId={userId} />
          </ErrorBoundary>
          <div className="grid items-start gap-3 lg:grid-cols-2">
            {limits}
            <div className="rounded-3xl border border-border bg-surface p-4">
              <Keys userId={userId} />
            </div>
          </div>
          {calls}
          {refusals}
        </>
      )}
      <Suspense>{changing && user && <LimitDialog onClose={() => setChanging(false)} user={user} />}</Suspense>
    </>
  )
}
