import { Button } from '@heroui/react/button'
import { Drawer } from '@heroui/react/drawer'
import type { ReactNode } from 'react'
import type { Call, EntryDetail } from '../../lib/contract.ts'
import { setParameters, useUrlParameter } from '../../lib/location.ts'
import { useShortcuts } from '../../lib/use-shortcuts.ts'
import { ErrorBoundary } from '../../ui/error-boundary.tsx'
import { ErrorState } from '../../ui/error-state.tsx'
import { ChevronLeftIcon, ChevronRightIcon } from '../../ui/icons.tsx'
import { LoadingRows } from '../../ui/loading.tsx'
import { CallAttempts } from './call-attempts.tsx'
import { CallAudit } from './call-audit.tsx'
import { CallCost } from './call-cost.tsx'
import { CallEvidence } from './call-evidence.tsx'
import type { FilterName } from './call-filter.ts'
import { CallHold } from './call-hold.tsx'
import { CallIds } from './call-ids.tsx'
import { CallRefusals } from './call-refusals.tsx'
import { CallTimes } from './call-times.tsx'
import { OutcomeChip } from './outcome-chip.tsx'
import { RawUsage } from './raw-usage.tsx'
import { useCall } from './use-calls.ts'

interface CallDrawerProps {
  callId: string
  onClose: () => void
  /** To the call above and below in the list, where there is one. */
  step: { newer: (() => void) | undefined; older: (() => void) | undefined }
}

/** "How was this counted?": everything that a number of this call came from, so that nobody has to believe it. */
export function CallDrawer({ callId, onClose, step: { newer, older } }: CallDrawerProps) {
  const { data, error, refetch } = useCall(callId)
  const up = () => newer?.()
  const down = () => older?.()
  useShortcuts({ '[': up, k: up, ']': down, j: down }, { inDialogs: true })
  const refused = data !== undefined && data.entries.length === 0
  return (
    <Drawer.Backdrop isOpen onOpenChange={(open) => !open && onClose()}>
      <Drawer.Content placement="right">
        <Drawer.Dialog className="w-full max-w-full p-0 sm:w-[36rem]">
          <Drawer.CloseTrigger aria-label="Close" />
          <Drawer.Header className="flex-row items-center gap-1 border-b border-border px-5 py-3.5 pe-14">
            <Drawer.Heading className="me-auto">
              {refused ? 'Why was this refused?' : 'How was this counted?'}
            </Drawer.Heading>
            <Step isDisabled={!newer} label="Newer call" onPress={up}>
              <ChevronLeftIcon />
            </Step>
            <Step isDisabled={!older} label="Older call" onPress={down}>
              <ChevronRightIcon />
            </Step>
          </Drawer.Header>
          <Drawer.Body className="m-0 mt-0! px-5 py-4 text-[13px] text-foreground">
            {!data && error && <ErrorState error={error} onRetry={() => void refetch()} what="This call" />}
            {!data && !error && <LoadingRows rows={5} what="Call" />}
            <ErrorBoundary key={callId}>{data && <CallDetail call={data} />}</ErrorBoundary>
          </Drawer.Body>
        </Drawer.Dialog>
      </Drawer.Content>
    </Drawer.Backdrop>
  )
}

interface StepProps {
  label: string
  isDisabled: boolean
  onPress: () => void
  children: ReactNode
}

function Step({ label, children, ...rest }: StepProps) {
  return (
    <Button aria-label={label} className="text-muted" isIconOnly size="sm" variant="ghost" {...rest}>
      {children}
    </Button>
  )
}

function CallDetail({ call }: { call: Call }) {
  const [attempt, setAttempt] = useUrlParameter('attempt')
  const entry = call.entries.find((one) => String(one.attempt) === attempt) ?? call.entries.at(-1)
  return (
    <div className="flex flex-col gap-6">
      {call.entries.length > 1 && (
        <CallAttempts chosen={entry?.attempt} entries={call.entries} onChoose={(next) => setAttempt(next, true)} />
      )}
      {entry && <EntryParts entry={entry} />}
      <CallRefusals refusals={call.refusals} />
    </div>
  )
}

function EntryParts({ entry }: { entry: EntryDetail }) {
  return (
    <>
      <div className="flex flex-wrap items-center gap-x-3 gap-y-2">
        <OutcomeChip outcome={entry.outcome} />
        <span className="min-w-0 wrap-anywhere">
          <bdi className="font-medium">{entry.userId}</bdi> <span className="text-muted">called</span>{' '}
          <bdi className="font-medium">{entry.model}</bdi> <span className="text-muted">at {entry.provider}</span>
        </span>
        <span className="flex flex-wrap gap-2">
          <OnlyThis name="user" value={entry.userId} />
          <OnlyThis name="model" value={entry.model} />
          <OnlyThis name="provider" value={entry.provider} />
          <OnlyThis name="key" value={entry.keyId} />
        </span>
      </div>
      <CallCost entry={entry} />
      <CallEvidence entry={entry} />
      <CallHold entry={entry} />
      <RawUsage rawUsage={entry.rawUsage} />
      <CallTimes entry={entry} />
      <CallAudit audit={entry.audit} labels={entry.labels} />
      <CallIds entry={entry} />
    </>
  )
}

/** Filters the list below by what this call has, and closes. */
function OnlyThis({ name, value }: { name: FilterName; value: string }) {
  return (
    <Button
      onPress={() => setParameters({ [name]: value, call: null, attempt: null, after: null })}
      size="sm"
      variant="tertiary"
    >
      Only this {name}
    </Button>
  )
}
