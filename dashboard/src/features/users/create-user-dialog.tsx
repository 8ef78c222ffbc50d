import { Button } from '@heroui/react/button'
import { Description } from '@heroui/react/description'
import { Input } from '@heroui/react/input'
import { Label } from '@heroui/react/label'
import { Modal } from '@heroui/react/modal'
import { TextField } from '@heroui/react/textfield'
import { type FormEvent, useState } from 'react'
import { useServices } from '../../lib/services.ts'
import { BusyButton } from '../../ui/busy-button.tsx'
import { ErrorLine } from '../../ui/error-state.tsx'
import { KeyOnce } from './key-once.tsx'
import { type LimitDraft, LimitField, limitOf } from './limit-field.tsx'
import { useCreateKey } from './use-keys.ts'
import { useCreateUser } from './use-users.ts'

/** Creates a user with a token limit and its first key, and shows the key once. */
export function CreateUserDialog({ onClose }: { onClose: () => void }) {
  const { announce } = useServices()
  const [userId, setUserId] = useState('')
  const [draft, setDraft] = useState<LimitDraft>({ unlimited: false, text: '' })
  const id = userId.trim()
  const user = useCreateUser()
  const key = useCreateKey(id)
  const tokenLimit = limitOf(draft)
  const ready = id !== '' && tokenLimit !== undefined
  const busy = user.isPending || key.isPending
  const error = user.error ?? key.error

  const submit = async (event: FormEvent) => {
    event.preventDefault()
    if (!ready || busy) return
    try {
      // Where only the key failed, the user is there already: trying again makes the key alone.
      if (user.data?.userId !== id) await user.mutateAsync({ userId: id, tokenLimit })
      await key.mutateAsync('first key')
      announce(`User ${id} and a key were created. Copy the key now.`)
    } catch {
      // Shown from the mutation's own error.
    }
  }
  const secret = key.data?.key
  return (
    <Modal.Backdrop isDismissable={secret === undefined} isOpen onOpenChange={(open) => !open && onClose()}>
      <Modal.Container>
        <Modal.Dialog className="sm:max-w-lg">
          <Modal.CloseTrigger aria-label="Close" />
          {secret === undefined ? (
            <form className="flex min-h-0 flex-col" onSubmit={(event) => void submit(event)}>
              <Modal.Header className="pe-8">
                <Modal.Heading>Create a user</Modal.Heading>
              </Modal.Header>
              <Modal.Body className="mt-3 flex flex-col gap-4">
                <TextField
                  autoFocus
                  fullWidth
                  isDisabled={user.isSuccess}
                  isRequired
                  onChange={setUserId}
                  value={userId}
                >
                  <Label>User id</Label>
                  <Input autoComplete="off" maxLength={200} spellCheck="false" />
                  <Description>A name for who consumes: a person, a team or an application.</Description>
                </TextField>
                <LimitField draft={draft} onChange={setDraft} />
                {error && <ErrorLine error={error} />}
              </Modal.Body>
              <Modal.Footer>
                <Button onPress={onClose} variant="tertiary">
                  Cancel
                </Button>
                <BusyButton isDisabled={!ready} busy={busy} type="submit">
                  {busy ? 'Creating…' : 'Create user and key'}
                </BusyButton>
              </Modal.Footer>
            </form>
          ) : (
            <>
              <Modal.Header className="pe-8">
                <Modal.Heading className="wrap-anywhere">
                  A key for <bdi>{id}</bdi>
                </Modal.Heading>
              </Modal.Header>
              <Modal.Body className="mt-3 min-w-0">
                <KeyOnce secret={secret} />
              </Modal.Body>
              <Modal.Footer>
                <Button onPress={onClose}>Done</Button>
              </Modal.Footer>
            </>
          )}
        </Modal.Dialog>
      </Modal.Container>
    </Modal.Backdrop>
  )
}
