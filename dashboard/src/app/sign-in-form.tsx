import { Description } from '@heroui/react/description'
import { Input } from '@heroui/react/input'
import { Label } from '@heroui/react/label'
import { TextField } from '@heroui/react/textfield'
import { type FormEvent, useState } from 'react'
import { ApiError } from '../lib/api.ts'
import { useServices } from '../lib/services.ts'
import { BusyButton } from '../ui/busy-button.tsx'
import { ErrorLine } from '../ui/error-state.tsx'

/** Asks for the administrator's secret and forgets it once the server has answered. */
export function SignInForm({ onSignedIn }: { onSignedIn: () => void }) {
  const { api } = useServices()
  const [secret, setSecret] = useState('')
  const [error, setError] = useState<Error | null>(null)
  const [busy, setBusy] = useState(false)
  const submit = async (event: FormEvent) => {
    event.preventDefault()
    if (busy || secret.trim() === '') return
    setBusy(true)
    setError(null)
    try {
      await api.signIn(secret.trim())
      setSecret('')
      onSignedIn()
    } catch (caught) {
      setError(explained(caught))
    } finally {
      setBusy(false)
    }
  }
  return (
    <form className="flex flex-col gap-4" onSubmit={(event) => void submit(event)}>
      <TextField autoFocus fullWidth isRequired onChange={setSecret} type="password" value={secret}>
        <Label>Administrator’s secret</Label>
        <Input autoComplete="off" className="font-mono" spellCheck="false" />
        <Description>
          The server printed it when it first started. It is also kept in <code>.token-trackr/credentials</code>.
        </Description>
      </TextField>
      {error && <ErrorLine error={error} />}
      <BusyButton fullWidth busy={busy} type="submit">
        {busy ? 'Signing in…' : 'Sign in'}
      </BusyButton>
    </form>
  )
}

function explained(caught: unknown): Error {
  if (caught instanceof ApiError && caught.status === 401) {
    const hint = 'Check that all of it was copied. A restarted server keeps its secret.'
    return new ApiError(401, { code: caught.body.code, message: 'This is not the administrator’s secret.', hint })
  }
  return caught instanceof Error ? caught : new Error(String(caught))
}
