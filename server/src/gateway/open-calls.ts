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
  const open = new Set<{ readonly cut: () => void }>()
  let refusing = false
  return {
    begin(cut) {
      const call = { cut }
      open.add(call)
      return () => open.delete(call)
    },
    cutAll() {
      for (const { cut } of open) cut()
    },
    refuseNew() {
      refusing = true
    },
    get isRefusing() {
      return refusing
    },
    get count() {
      return open.size
    },
  }
}
