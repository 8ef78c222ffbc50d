import { counted } from '../../lib/numbers.ts'
import { useHealth } from '../../lib/use-health.ts'
import { EmptyNote } from '../../ui/empty-note.tsx'
import { ErrorBoundary } from '../../ui/error-boundary.tsx'
import { ErrorState } from '../../ui/error-state.tsx'
import { AlertIcon } from '../../ui/icons.tsx'
import { LoadingRows } from '../../ui/loading.tsx'
import { PageHeader } from '../../ui/page-header.tsx'
import { Credentials } from './credentials.tsx'
import { DeploymentsTable } from './deployments-table.tsx'

/** "Is the problem ours or theirs, and whose credentials do we have?" */
export function Providers() {
  const { data, error, refetch } = useHealth()
  return (
    <>
      <PageHeader note="as this server has seen them since it started" title="Providers" />
      <ErrorBoundary>
        {!data && error && <ErrorState error={error} onRetry={() => void refetch()} what="The providers" />}
        {!data && !error && <LoadingRows rows={4} what="Providers" />}
        {data && data.ledger.spooledCalls > 0 && <Spooled calls={data.ledger.spooledCalls} />}
        {data?.deployments.length === 0 && (
          <EmptyNote title="Nothing was asked yet">
            How each provider and model has been answering is told here after its first call.
          </EmptyNote>
        )}
        {data && data.deployments.length > 0 && <DeploymentsTable deployments={data.deployments} />}
      </ErrorBoundary>
      <Credentials />
    </>
  )
}

/** They are in no sum, and no limit was asked for them. */
function Spooled({ calls }: { calls: number }) {
  return (
    <p className="flex gap-2.5 rounded-3xl border border-border bg-danger-soft px-4 py-2.5 text-[13px] text-danger-soft-foreground">
      <AlertIcon className="mt-0.5 size-4" />
      {counted(BigInt(calls), 'call')} went without the ledger. They are booked by themselves when it can be reached.
    </p>
  )
}
