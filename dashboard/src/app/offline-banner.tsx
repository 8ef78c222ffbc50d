import { useLiveState, useServices } from '../lib/services.ts'
import { clockTime } from '../lib/time.ts'
import { AlertIcon } from '../ui/icons.tsx'

/** Says that the server is gone, and how old what is seen has become. */
export function OfflineBanner() {
  const { phase, asOfMs } = useLiveState()
  const { zone } = useServices()
  if (phase !== 'offline') return null
  return (
    <div
      className="sticky top-0 z-10 max-md:top-21.5 border-b border-border bg-[color-mix(in_oklab,var(--warning)_18%,var(--surface))]"
      role="alert"
    >
      <p className="mx-auto flex max-w-[1440px] gap-2 px-4 py-2 text-[13px] font-medium text-warning-soft-foreground sm:px-6">
        <AlertIcon className="mt-0.5 size-4" />
        <span>
          The server does not answer.
          {asOfMs !== null && ` You see what was known at ${clockTime(asOfMs, zone)}.`} The page comes back by itself.
        </span>
      </p>
    </div>
  )
}
