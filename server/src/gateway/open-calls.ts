/** The calls that are under way, so that a stopping server can wait for them, and cut those that last too long. */
export interface OpenCalls {
  /** Told of a call that began; the answer is to be called when it has ended. `cut` ends it early, and settles it. */
  begin(cut: () => void): () => void
  cutAll(): void
  /** From now on, calls that come are refused. */
  refuseNew(): void
  readonly isRefusing: boolean
  readonly count: number
}

export function openCalls(): OpenCalls {
  // Not a Set: V8 links each table that a Set has outgrown to the next, so that calls long over, once one of those tables is
  // old, keep all that came after them alive until the next full collection.
  const places: ((() => void) | undefined)[] = []
  const free: number[] = []
  let count = 0
  let refusing = false
  return {
    begin(cut) {
      const place = free.pop() ?? places.length
      places[place] = cut
      count++
      return () => {
        if (places[place] !== cut) return
        places[place] = undefined
        free.push(place)
        count--
      }
    },
    cutAll() {
      for (const cut of places) cut?.()
    },
    refuseNew() {
      refusing = true
    },
    get isRefusing() {
      return refusing
    },
    get count() {
      return count
    },
  }
}
