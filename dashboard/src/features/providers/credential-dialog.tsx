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
import { usePutCredential } from './use-credentials.ts'

/** Keeps a credential, or another value for one that is kept. What is written goes to the server, and is not shown again. */
export function CredentialDialog({ name: kept, onClose }: { name: string; onClose: () => void }) {
  const { announce } = useServices()
  const put = usePutCredential()
  const [name, setName] = useState(kept)
  const [value, setValue] = useState('')
  const isNew = kept === ''
  const ready = name.trim() !== '' && value.trim() !== ''
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (!ready || put.isPending) return
    const credential = { name: name.trim(), value: value.trim() }
    put.mutate(credential, {
      onSuccess: () => {
        announce(`${credential.name} is kept. Restart the server to use it.`)
        onClose()
      },
    })
  }
  return (
    <Modal.Backdrop isOpen onOpenChange={(open) => !open && onClose()}>
      <Modal.Container>
        <Modal.Dialog className="sm:max-w-md">
          <Modal.CloseTrigger aria-label="Close" />
          <form className="flex min-h-0 flex-col" onSubmit={submit}>
            <Modal.Header className="pe-8">
              <Modal.Heading className="wrap-anywhere">{isNew ? 'Keep a credential' : `Replace ${kept}`}</Modal.Heading>
            </Modal.Header>
            <Modal.Body className="mt-3 flex flex-col gap-4">
              {isNew && (
                <TextField autoFocus fullWidth isRequired onChange={setName} value={name}>
                  <Label>Name</Label>
                  <Input autoCapitalize="characters" autoComplete="off" className="font-mono" spellCheck="false" />
                  <Description>
                    Of the variable that it would be in, as OPENAI_API_KEY or ANTHROPIC_API_KEY.
                  </Description>
                </TextField>
              )}
              <TextField autoFocus={!isNew} fullWidth isRequired onChange={setValue} type="password" value={value}>
                <Label>Credential</Label>
                <Input autoComplete="off" className="font-mono" spellCheck="false" />
                <Description>It is sealed at once and never shown again. Restart the server to use it.</Description>
              </TextField>
              {put.error && <ErrorLine error={put.error} />}
            </Modal.Body>
            <Modal.Footer>
              <Button onPress={onClose} variant="tertiary">
                Cancel
              </Button>
              <BusyButton busy={put.isPending} isDisabled={!ready} type="submit">
                {put.isPending ? 'Sealing…' : isNew ? 'Keep credential' : 'Replace credential'}
              </BusyButton>
            </Modal.Footer>
          </form>
        </Modal.Dialog>
      </Modal.Container>
    </Modal.Backdrop>
  )
}
