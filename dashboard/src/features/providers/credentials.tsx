import { Button } from '@heroui/react/button'
import { lazy, Suspense, useState } from 'react'
import type { Credential } from '../../lib/contract.ts'
import { useServices } from '../../lib/services.ts'
import { dateAndTime, dateOnly } from '../../lib/time.ts'
import { BusyButton } from '../../ui/busy-button.tsx'
import { ErrorLine } from '../../ui/error-state.tsx'
import { PlusIcon } from '../../ui/icons.tsx'
import { LoadingLines } from '../../ui/loading.tsx'
import { Panel } from '../../ui/panel.tsx'
import { useCredentials, useDeleteCredential } from './use-credentials.ts'

const CredentialDialog = lazy(() =>
  import('./credential-dialog.tsx').then((module) => ({ default: module.CredentialDialog })),
)

/** The credentials of providers that are sealed in the database: their names, since when, and a way to change them. */
export function Credentials() {
  const { announce } = useServices()
  const { data, error } = useCredentials()
  const remove = useDeleteCredential()
  const [putting, setPutting] = useState<string | null>(null)
  const removeOne = (name: string) =>
    remove.mutate(name, { onSuccess: () => announce(`${name} is deleted. Restart the server to be without it.`) })
  return (
    <Panel
      more={
        <Button onPress={() => setPutting('')} size="sm" variant="secondary">
          <PlusIcon />
          Keep a credential
        </Button>
      }
      title="Credentials kept in the database"
    >
      <p className="mb-3 max-w-prose text-[13px] text-muted">
        They are sealed, and nobody is told what they are. Servers read them when they start: restart them after a
        change. Where a server’s environment has the same variable, that goes before.
      </p>
      {error && !data && <ErrorLine error={error} />}
      {remove.error && <ErrorLine error={remove.error} />}
      {!data && !error && <LoadingLines lines={2} what="Credentials" />}
      {data?.length === 0 && <p className="text-[13px]">None: providers are called with what the environment has.</p>}
      {data && data.length > 0 && (
        <ul className="divide-y divide-separator rounded-lg border border-border">
          {data.map((credential) => (
            <CredentialRow
              busy={remove.isPending}
              credential={credential}
              key={credential.name}
              onDelete={() => removeOne(credential.name)}
              onReplace={() => setPutting(credential.name)}
            />
          ))}
        </ul>
      )}
      <Suspense>{putting !== null && <CredentialDialog name={putting} onClose={() => setPutting(null)} />}</Suspense>
    </Panel>
  )
}

interface CredentialRowProps {
  credential: Credential
  busy: boolean
  onReplace: () => void
  onDelete: () => void
}

/** Deleting cannot be taken back, so it is asked twice, in place. */
function CredentialRow({ credential: { name, putAt }, busy, onReplace, onDelete }: CredentialRowProps) {
  const { zone } = useServices()
  const [asking, setAsking] = useState(false)
  return (
    <li className="flex min-h-11 flex-wrap items-center gap-x-3 gap-y-1 px-3 py-1.5 text-[13px]">
      <code className="min-w-0 font-mono text-xs wrap-anywhere">{name}</code>
      <time
        className="ms-auto whitespace-nowrap text-muted"
        dateTime={putAt}
        title={`${dateAndTime(putAt, zone)} ${zone}`}
      >
        since {dateOnly(putAt, zone)}
      </time>
      {!asking && (
        <span className="flex">
          <Button aria-label={`Replace ${name}`} onPress={onReplace} size="sm" variant="ghost">
            Replace
          </Button>
          <Button aria-label={`Delete ${name}`} onPress={() => setAsking(true)} size="sm" variant="ghost">
            Delete
          </Button>
        </span>
      )}
      {asking && (
        <div className="flex w-full flex-wrap items-center justify-end gap-2">
          <span className="me-auto">Servers that start from now on are without it. This is final.</span>
          <Button onPress={() => setAsking(false)} size="sm" variant="tertiary">
            Keep
          </Button>
          <BusyButton autoFocus busy={busy} onPress={onDelete} size="sm" variant="danger">
            Delete now
          </BusyButton>
        </div>
      )}
    </li>
  )
}
