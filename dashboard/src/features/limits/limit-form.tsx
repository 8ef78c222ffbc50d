import { Button } from '@heroui/react/button'
import { Modal } from '@heroui/react/modal'
import { type FormEvent, useState } from 'react'
import { type Limit, METRICS, MODES, SCOPE_KINDS, type ScopeKind } from '../../lib/contract.ts'
import { limitTitle, METRIC_NAMES, MODE_NAMES, SCOPE_NAMES } from '../../lib/limit-words.ts'
import { useServices } from '../../lib/services.ts'
import { BusyButton } from '../../ui/busy-button.tsx'
import { ErrorLine } from '../../ui/error-state.tsx'
import { ChoiceInput, TextInput } from './form-parts.tsx'
import { amountHint, draftOf, fieldsOf, isUnit, type LimitFields, type WindowName } from './limit-draft.ts'
import { useLiftLimit, usePutLimit } from './use-put-limit.ts'

const WINDOWS: readonly { value: WindowName; title: string }[] = [
  { value: 'minute', title: 'In any minute' },
  { value: 'hour', title: 'Per hour' },
  { value: 'day', title: 'Per day' },
  { value: 'week', title: 'Per week' },
  { value: 'month', title: 'Per month' },
  { value: 'lifetime', title: 'Over the whole lifetime' },
]
const ID_HINTS: Partial<Record<ScopeKind, string>> = {
  user: 'The user’s id.',
  key: 'The key’s id, as key_…',
  provider: 'Such as openai or anthropic.',
  model: 'As clients ask for it.',
  label: 'As name=value; clients send x-token-trackr-label-name.',
}

/** Creates a limit, or changes the amount, mode and thresholds of one: what it counts for whom is what it is. */
export function LimitForm({ limit, onClose }: { limit: Limit | null; onClose: () => void }) {
  const { zone, announce } = useServices()
  const put = usePutLimit()
  const lift = useLiftLimit()
  const [fields, setFields] = useState(() => fieldsOf(limit, zone))
  const [tried, setTried] = useState(false)
  const set =
    <Name extends keyof LimitFields>(name: Name) =>
    (value: LimitFields[Name]) =>
      setFields((before) => ({ ...before, [name]: value }))
  const { draft, faults } = draftOf(fields)
  const wrong = (name: keyof LimitFields) => (tried ? faults[name] : undefined)
  const done = (said: string) => () => {
    announce(said)
    onClose()
  }
  const submit = (event: FormEvent) => {
    event.preventDefault()
    setTried(true)
    if (draft && !put.isPending)
      put.mutate(draft, { onSuccess: done(limit ? 'The limit is changed.' : 'The limit is set.') })
  }
  const isNew = limit === null
  const error = put.error ?? lift.error
  return (
    <Modal.Backdrop isOpen onOpenChange={(open) => !open && onClose()}>
      <Modal.Container>
        <Modal.Dialog className="sm:max-w-lg">
          <Modal.CloseTrigger aria-label="Close" />
          <form className="flex min-h-0 flex-col" onSubmit={submit}>
            <Modal.Header className="pe-8">
              <Modal.Heading className="wrap-anywhere">
                {limit ? <bdi>{limitTitle(limit)}</bdi> : 'Create a limit'}
              </Modal.Heading>
            </Modal.Header>
            <Modal.Body className="mt-3 grid gap-x-4 gap-y-3 sm:grid-cols-2">
              {isNew && (
                <>
                  <ChoiceInput
                    label="Whom it binds"
                    onChange={set('scopeKind')}
                    options={SCOPE_KINDS.map((value) => ({ value, title: SCOPE_NAMES[value] }))}
                    value={fields.scopeKind}
                  />
                  <TextInput
                    hint={ID_HINTS[fields.scopeKind] ?? 'All calls count together.'}
                    isDisabled={fields.scopeKind === 'tenant'}
                    label={fields.scopeKind === 'tenant' ? 'Id' : SCOPE_NAMES[fields.scopeKind]}
                    onChange={set('scopeId')}
                    value={fields.scopeKind === 'tenant' ? '' : fields.scopeId}
                    wrong={wrong('scopeId')}
                  />
                  <ChoiceInput
                    label="What it counts"
                    onChange={set('metric')}
                    options={METRICS.map((value) => ({ value, title: METRIC_NAMES[value] }))}
                    value={fields.metric}
                  />
                  <ChoiceInput label="Window" onChange={set('window')} options={WINDOWS} value={fields.window} />
                  {isUnit(fields.window) && (
                    <TextInput
                      hint="Whose midnight ends a day or a month."
                      label="Zone"
                      onChange={set('zone')}
                      options={[...new Set([zone, 'UTC'])]}
                      value={fields.zone}
                      wrong={wrong('zone')}
                    />
                  )}
                </>
              )}
              <TextInput
                autoFocus={!isNew}
                hint={amountHint(fields.metric)}
                label={fields.metric === 'costNanoUsd' ? 'Amount in dollars' : 'Amount'}
                numeric
                onChange={set('amount')}
                value={fields.amount}
                wrong={wrong('amount')}
              />
              <ChoiceInput
                hint={MODE_NAMES[fields.mode].meaning}
                label="Mode"
                onChange={set('mode')}
                options={MODES.map((value) => ({ value, title: MODE_NAMES[value].title }))}
                value={fields.mode}
              />
              <TextInput
                hint="Percentages at which a crossing is noted."
                label="Tells at"
                onChange={set('thresholds')}
                value={fields.thresholds}
                wrong={wrong('thresholds')}
              />
              {error && (
                <div className="sm:col-span-2">
                  <ErrorLine error={error} />
                </div>
              )}
            </Modal.Body>
            <Modal.Footer className="flex-wrap">
              {limit && limit.amount !== null && (
                <BusyButton
                  busy={lift.isPending}
                  className="me-auto"
                  onPress={() =>
                    lift.mutate(limit.limitId, { onSuccess: done('The limit is lifted. It goes on counting.') })
                  }
                  variant="danger-soft"
                >
                  Lift
                </BusyButton>
              )}
              <Button onPress={onClose} variant="tertiary">
                Cancel
              </Button>
              <BusyButton busy={put.isPending} type="submit">
                {put.isPending ? 'Saving…' : isNew ? 'Create limit' : 'Change limit'}
              </BusyButton>
            </Modal.Footer>
          </form>
        </Modal.Dialog>
      </Modal.Container>
    </Modal.Backdrop>
  )
}
