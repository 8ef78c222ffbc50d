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
    <p
      className="flex flex-wrap items-center gap-x-2 text-[13px] whitespace-nowrap text-muted"
      data-live={phase}
      title={text}
    >
      <span aria-hidden="true" className={`size-2 rounded-full ${dot}`} />
      <span className="live-text">{text}</span>
      {stale && asOfMs !== null && (
        <span className="live-text tabular-nums max-sm:hidden">as of {clockTime(asOfMs, zone)}</span>
      )}
    </p>
  )
}
