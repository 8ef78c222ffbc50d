/**
 * How fresh the page is. `live`: the stream of hints is open. `reconnecting`: it is not, so the page polls.
 * `offline`: the server does not answer at all, and what is shown is as old as `asOfMs`.
 */
export interface LiveState {
  readonly phase: 'connecting' | 'live' | 'reconnecting' | 'offline'
  /** When the server last answered a read; null before the first answer. */
  readonly asOfMs: number | null
}

export type LiveEvent =
  | { readonly kind: 'opened'; readonly atMs: number }
  | { readonly kind: 'lost' }
  | { readonly kind: 'answered'; readonly atMs: number }
  | { readonly kind: 'unanswered' }

export const STARTING: LiveState = { phase: 'connecting', asOfMs: null }

/** The state after an event. Returns the same object where nothing changed that a person can see. */
export function afterLiveEvent(state: LiveState, event: LiveEvent): LiveState {
  switch (event.kind) {
    case 'opened':
      return { phase: 'live', asOfMs: event.atMs }
    case 'lost':
      return state.phase === 'offline' ? state : { ...state, phase: 'reconnecting' }
    case 'answered':
      // An answer proves that the server is there, but only the stream makes the page live again.
      return { phase: state.phase === 'offline' ? 'reconnecting' : state.phase, asOfMs: event.atMs }
    case 'unanswered':
      // While the stream stands, one lost request is no proof: the stream's own end, or the poll after it, is.
      return state.phase === 'live' ? { ...state, phase: 'reconnecting' } : { ...state, phase: 'offline' }
  }
}

export const POLL_MS = 4000
const PROBE_MS = 1500

/** When to ask next without being told: not at all while live, every 4 s without a stream (what is shown is never five seconds old), sooner while offline. */
export function nextPollMs(phase: LiveState['phase']): number | null {
  switch (phase) {
    case 'live':
      return null
    case 'connecting':
    case 'reconnecting':
      return POLL_MS
    case 'offline':
      return PROBE_MS
  }
}
