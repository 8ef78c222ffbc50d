/** Does something at once, and what is asked for within `everyMs` after that as one: the last. */
export function coalesce<T>(work: (what: T) => void, everyMs: number) {
  let timer: NodeJS.Timeout | undefined
  let waiting: { readonly what: T } | undefined
  const rest = () => {
    timer = undefined
    if (!waiting) return
    const { what } = waiting
    waiting = undefined
    begin(what)
  }
  const begin = (what: T) => {
    timer = setTimeout(rest, everyMs)
    timer.unref()
    work(what)
  }
  return {
    ask(what: T): void {
      if (timer) waiting = { what }
      else begin(what)
    },
    stop: () => clearTimeout(timer),
  }
}
