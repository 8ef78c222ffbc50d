import { useLiveState, useServices } from '../lib/services.ts'
import { clockTime } from '../lib/time.ts'

/** How old what is seen has become, while the server is gone. */
export function Staleness() {
  const { phase, asOfMs } = useLiveState()
  const { zone } = useServices()
  if (phase !== 'offline' || asOfMs === null) return null
  return (
    <span className="rounded-md bg-warning-soft px-1.5 py-0.5 text-xs font-medium text-warning-soft-foreground">
      as of {clockTime(asOfMs, zone)}
    </span>
  )
}
