import { Button } from '@heroui/react/button'
import { Chip } from '@heroui/react/chip'
import { useState } from 'react'
import type { Key } from '../../lib/contract.ts'
import { useServices } from '../../lib/services.ts'
import { dateOnly } from '../../lib/time.ts'
import { BusyButton } from '../../ui/busy-button.tsx'
import { ErrorLine } from '../../ui/error-state.tsx'
import { PlusIcon } from '../../ui/icons.tsx'
import { KeyOnce } from './key-once.tsx'
import { useCreateKey, useKeys, useRevokeKey } from './use-keys.ts'

/** A user's keys: create one, revoke one. */
export function Keys({ userId }: { userId: string }) {
  const { announce } = useServices()
  const keys = useKeys(userId)
  const create = useCreateKey(userId)
  const revoke = useRevokeKey(userId)
  const error = keys.error ?? create.error ?? revoke.error
  const revokeKey = (key: Key) =>
    revoke.mutate(key.keyId, { onSuccess: () => announce(`The key ending in ${key.last4} is revoked.`) })
  return (
    <div className="flex flex-col gap-3">
      <div className="flex items-center justify-between">
        <h3 className="text-[13px] font-semibold text-foreground">Keys</h3>
        <BusyButton
          busy={create.isPending}
          onPress={() => create.mutate('', { onSuccess: () => announce('A key was created. Copy it now.') })}
          size="sm"
          variant="secondary"
        >
          <PlusIcon />
          Create a key
        </BusyButton>
      </div>
      {create.data && <KeyOnce secret={create.data.key} />}
      {error && <ErrorLine error={error} />}
      {keys.data?.length === 0 && <p className="text-[13px]">No key yet: nobody can call as this user.</p>}
      {keys.data && keys.data.length > 0 && (
        <ul className="divide-y divide-separator rounded-lg border border-border">
          {keys.data.map((key) => (
            <KeyRow busy={revoke.isPending} key={key.keyId} onRevoke={() => revokeKey(key)} value={key} />
          ))}
        </ul>
      )}
    </div>
  )
}

/** Revoking cannot be taken back, so it is asked twice, in place. */
function KeyRow({ value, onRevoke, busy }: { value: Key; onRevoke: () => void; busy: boolean }) {
  const { zone } = useServices()
  const [asking, setAsking] = useState(false)
  return (
    <li className="flex min-h-11 flex-wrap items-center gap-x-3 gap-y-1 px-3 py-1.5 text-[13px]">
      <code className="font-mono text-foreground">tt_…{value.last4}</code>
      <span className="min-w-0 truncate">{value.name}</span>
      <span className="ms-auto whitespace-nowrap">{dateOnly(value.createdAt, zone)}</span>
      {value.revokedAt && (
        <Chip size="sm" variant="soft">
          Revoked
        </Chip>
      )}
      {!value.revokedAt && !asking && (
        <Button
          aria-label={`Revoke key ending in ${value.last4}`}
          onPress={() => setAsking(true)}
          size="sm"
          variant="ghost"
        >
          Revoke
        </Button>
      )}
      {!value.revokedAt && asking && (
        <div className="flex w-full items-center justify-end gap-2">
          <span className="me-auto text-foreground">Calls with it will be refused. This is final.</span>
          <Button onPress={() => setAsking(false)} size="sm" variant="tertiary">
            Keep
          </Button>
          <BusyButton autoFocus busy={busy} onPress={onRevoke} size="sm" variant="danger">
            Revoke now
          </BusyButton>
        </div>
      )}
    </li>
  )
}
