import { Button } from '@heroui/react/button'
import { Modal } from '@heroui/react/modal'
import { type FormEvent, useState } from 'react'
import type { User } from '../../lib/contract.ts'
import { exactCount } from '../../lib/numbers.ts'
import { useServices } from '../../lib/services.ts'
import { BusyButton } from '../../ui/busy-button.tsx'
import { ErrorLine } from '../../ui/error-state.tsx'
import { LimitEffect } from './limit-effect.tsx'
import { type LimitDraft, LimitField, limitOf } from './limit-field.tsx'
import { useChangeLimit } from './use-users.ts'

/** Changes one user's token limit. The row shows it at once; a refusal keeps the form and puts the row back. */
export function LimitDialog({ user, onClose }: { user: User; onClose: () => void }) {
  const { announce } = useServices()
  const change = useChangeLimit()
  const [draft, setDraft] = useState<LimitDraft>(() => ({
    unlimited: user.tokenLimit === null,
    text: user.tokenLimit === null ? '' : exactCount(BigInt(user.tokenLimit)),
  }))
  const tokenLimit = limitOf(draft)
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (tokenLimit === undefined || change.isPending) return
    change.mutate(
      { userId: user.userId, tokenLimit },
      {
        onSuccess: () => {
          const limit = tokenLimit === null ? 'unlimited' : `${exactCount(BigInt(tokenLimit))} tokens`
          announce(`The limit of ${user.userId} is now ${limit}.`)
          onClose()
        },
      },
    )
  }
  return (
    <Modal.Backdrop isOpen onOpenChange={(open) => !open && onClose()}>
      <Modal.Container>
        <Modal.Dialog className="sm:max-w-md">
          <Modal.CloseTrigger aria-label="Close" />
          <form className="flex min-h-0 flex-col" onSubmit={submit}>
            <Modal.Header className="pe-8">
              <Modal.Heading className="wrap-anywhere">
                Token limit of <bdi>{user.userId}</bdi>
              </Modal.Heading>
            </Modal.Header>
            <Modal.Body className="mt-3 flex flex-col gap-4">
              <LimitField autoFocus draft={draft} onChange={setDraft} />
              <LimitEffect tokenLimit={tokenLimit} user={user} />
              {change.error && <ErrorLine error={change.error} />}
            </Modal.Body>
            <Modal.Footer>
              <Button onPress={onClose} variant="tertiary">
                Cancel
              </Button>
              <BusyButton isDisabled={tokenLimit === undefined} busy={change.isPending} type="submit">
                {change.isPending ? 'Saving…' : 'Set limit'}
              </BusyButton>
            </Modal.Footer>
          </form>
        </Modal.Dialog>
      </Modal.Container>
    </Modal.Backdrop>
  )
}
