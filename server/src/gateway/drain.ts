/** Bounds the work that is done for clients that left: by number, time and bytes (pains D4). */
export interface Drains {
  /**
   * Takes a place for one drain, or answers undefined where all are taken. `onLimit` is called once when the drain has
   * taken too long or too much.
   */
  begin(onLimit: () => void): Drain | undefined
  readonly count: number
}
export interface Drain {
  took(bytes: number): void
  end(): void
}

export interface DrainCaps {
  readonly atOnce: number
  readonly timeMs: number
  readonly bytes: number
}
export const DRAIN_CAPS: DrainCaps = { atOnce: 64, timeMs: 60_000, bytes: 16 * 1024 * 1024 }

export function drains(caps: DrainCaps): Drains {
  let open = 0
  return {
    get count() {
      return open
    },
    begin(onLimit) {
      if (open >= caps.atOnce) return undefined
      open++
      let bytes = 0
      const timer = setTimeout(onLimit, caps.timeMs)
      timer.unref()
      return {
        took(more) {
          bytes += more
          if (bytes > caps.bytes && bytes - more <= caps.bytes) onLimit()
        },
        end() {
          clearTimeout(timer)
          open--
        },
      }
    },
  }
}
