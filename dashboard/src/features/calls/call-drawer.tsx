import { Button } from '@heroui/react/button'
import { Drawer } from '@heroui/react/drawer'
import { ErrorBoundary } from '../../ui/error-boundary.tsx'
import { ErrorState } from '../../ui/error-state.tsx'
import { LoadingRows } from '../../ui/loading.tsx'
import type { EntryDetail } from '../../lib/contract.ts'
import { CallAudit } from './call-audit.tsx'
import { CallCost } from './call-cost.tsx'
import { CallEvidence } from './call-evidence.tsx'
import type { CallFilter } from './call-filters.tsx'
import { CallHold } from './call-hold.tsx'
import { CallIds } from './call-ids.tsx'
import { CallTimes } from './call-times.tsx'
import { OutcomeChip } from './outcome-chip.tsx'
import { RawUsage } from './raw-usage.tsx'
import { useCall } from './use-calls.ts'

interface CallDrawerProps {
  id: string
  filter: CallFilter
  onClose: () => void
}

/** "How was this counted?": everything that a number of this call came from, so that nobody has to believe it. */
export function CallDrawer({ id, filter, onClose }: CallDrawerProps) {
  const { data, error, refetch } = useCall(id)
  return (
    <Drawer.Backdrop isOpen onOpenChange={(open) => !open && onClose()}>
      <Drawer.Content placement="right">
        <Drawer.Dialog className="w-full max-w-full p-0 sm:w-[36rem]">
          <Drawer.CloseTrigger aria-label="Close" />
          <Drawer.Header className="border-b border-border px-5 py-4 pe-14">
            <Drawer.Heading>How was this counted?</Drawer.Heading>
          </Drawer.Header>
          <Drawer.Body className="m-0 mt-0! px-5 py-4 text-[13px] text-foreground">
            {!data && error && <ErrorState error={error} onRetry={() => void refetch()} what="This call" />}
            {!data && !error && <LoadingRows rows={5} what="Call" />}
            <ErrorBoundary>{data && <CallDetail entry={data} filter={filter} onClose={onClose} />}</ErrorBoundary>
          </Drawer.Body>
        </Drawer.Dialog>
      </Drawer.Content>
    </Drawer.Backdrop>
  )
}

function CallDetail({ entry, filter, onClose }: { entry: EntryDetail } & Omit<CallDrawerProps, 'id'>) {
  const only = (set: (value: string) => void, value: string) => () => {
    set(value)
    onClose()
  }
  return (
    <div className="flex flex-col gap-6">
      <div className="flex flex-wrap items-center gap-x-3 gap-y-2">
        <OutcomeChip outcome={entry.outcome} />
        <span className="min-w-0 wrap-anywhere">
          <bdi className="font-medium">{entry.userId}</bdi> <span className="text-muted">called</span>{' '}
          <bdi className="font-medium">{entry.model}</bdi> <span className="text-muted">at {entry.provider}</span>
        </span>
        <span className="flex gap-2">
          <Button onPress={only(filter.setUser, entry.userId)} size="sm" variant="tertiary">
            Only this user
          </Button>
          <Button onPress={only(filter.setModel, entry.model)} size="sm" variant="tertiary">
            Only this model
          </Button>
        </span>
      </div>
      <CallCost entry={entry} />
      <CallEvidence entry={entry} />
      <CallHold entry={entry} />
      <RawUsage rawUsage={entry.rawUsage} />
      <CallTimes entry={entry} />
      <CallAudit audit={entry.audit} labels={entry.labels} />
      <CallIds entry={entry} />
    </div>
  )
}
