import { Button } from '@heroui/react/button'
import { lazy, Suspense, useState } from 'react'
import { PlusIcon } from '../../ui/icons.tsx'

const CreateUserDialog = lazy(() =>
  import('./create-user-dialog.tsx').then((module) => ({ default: module.CreateUserDialog })),
)

/** The button that opens the dialog. */
export function CreateUser({ label, variant }: { label: string; variant: 'primary' | 'secondary' }) {
  const [open, setOpen] = useState(false)
  return (
    <>
      <Button onPress={() => setOpen(true)} size="sm" variant={variant}>
        <PlusIcon />
        {label}
      </Button>
      {open && (
        <Suspense>
          <CreateUserDialog onClose={() => setOpen(false)} />
        </Suspense>
      )}
    </>
  )
}
