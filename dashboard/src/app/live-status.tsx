import type { LiveState } from '../lib/live-state.ts'
import { useLiveState, useServices } from '../lib/services.ts'
import { clockTime } from '../lib/time.ts'

const FACES: Record<LiveState['phase'], { text: string; dot: string }> = {
  connecting: { text: 'Connecting', dot: 'bg-muted breathing' },
  live: { text: 'Live', dot: 'bg-success' },
  reconnecting: { text: 'Reconnecting', dot: 'bg-warning breathing' },
  offline: { text: 'Offline', dot: 'bg-danger' },
}

/** How fresh the page is, in one word; where it is not live, as of when. */
export function LiveStatus() {
  const { phase, asOfMs } = useLiveState()
  const { zone } = useServices()
  const { text, dot } = FACES[phase]
  const stale = phase === 'reconnecting' || phase === 'offline'
  return (
    <p className="me-1 flex items-center gap-2 text-[13px] whitespace-nowrap text-muted" data-live={phase}>
      <span aria-hidden="true" className={`size-2 rounded-full ${dot}`} />
      {text}
      {stale && asOfMs !== null && (
        <span className="tabular-nums max-sm:hidden">· as of {clockTime(asOfMs, zone)}</span>
      )}
    </p>
  )
}
