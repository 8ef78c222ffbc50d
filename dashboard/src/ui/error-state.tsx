import { Button } from '@heroui/react/button'
import { ApiError } from '../lib/api.ts'
import { AlertIcon } from './icons.tsx'

interface ErrorStateProps {
  /** What could not be shown: "The users". */
  what: string
  error: Error
  onRetry: () => void
}

/** Says what failed, the server's own words, the code, and offers to try again. */
export function ErrorState({ what, error, onRetry }: ErrorStateProps) {
  const body = error instanceof ApiError ? error.body : { code: 'dashboard_fault', message: error.message }
  return (
    <div
      className="flex flex-col items-center gap-2 rounded-3xl border border-border bg-surface px-6 py-10 text-center"
      role="alert"
    >
      <AlertIcon className="size-5 text-danger" />
      <p className="font-medium">{what} could not be shown.</p>
      <p className="max-w-prose text-[13px] text-muted">
        {body.message} {'hint' in body && body.hint}
      </p>
      <code className="rounded-md bg-default px-1.5 py-0.5 text-xs">{body.code}</code>
      <Button className="mt-2" onPress={onRetry} size="sm" variant="secondary">
        Try again
      </Button>
    </div>
  )
}

/** The text of an error under a form: the server's message and what to do next. */
export function ErrorLine({ error }: { error: Error }) {
  const body = error instanceof ApiError ? error.body : { code: 'dashboard_fault', message: error.message, hint: '' }
  return (
    <div
      className="flex gap-2 rounded-lg bg-danger-soft px-3 py-2 text-[13px] text-danger-soft-foreground"
      role="alert"
    >
      <AlertIcon className="mt-0.5 size-4" />
      <p className="min-w-0 wrap-anywhere">
        {body.message} {body.hint} <code className="text-xs">({body.code})</code>
      </p>
    </div>
  )
}
