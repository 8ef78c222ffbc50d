import { percent, steadyGrowth } from './figures.ts'

/** What a proxy held at one time. */
export interface Reading {
  /** Of the soak; not a number before and after it. */
  readonly minute: number
  readonly rssMiB: number
  /** After a forced collection. */
  readonly heapBytes: number
  readonly externalBytes: number
  /** Open files and sockets. */
  readonly descriptors: number
  /** What is open, by kind. */
  readonly handles: Readonly<Record<string, number>>
}

export interface Soaked {
  readonly before: Reading
  readonly readings: readonly Reading[]
  readonly after: Reading
}

const MOST_GROWTH = 0.05
/** In the first minutes caches fill, which is not a leak. */
const LEAST_MINUTES = 10
const CACHES_MINUTES = 3
/** Timers come and go with every second; what waits for them is seen in the heap. */
const FLEETING = new Set(['Timeout', 'Immediate'])

/** What is open still, though it was not before the load, as `name: before, after`. */
export function notBack(before: Reading, after: Reading): string[] {
  const names = Object.keys(after.handles).filter((name) => !FLEETING.has(name))
  const counts = names.map((name) => [name, before.handles[name] ?? 0, after.handles[name] ?? 0] as const)
  return [...counts, ['descriptors', before.descriptors, after.descriptors] as const]
    .filter(([, was, is]) => is > was)
    .map(([name, was, is]) => `${name}: ${was}, ${is}`)
}

export function verdictOf({ before, readings, after }: Soaked): { readonly failed: boolean; readonly lines: string[] } {
  const open = notBack(before, after)
  const judged = readings.filter(({ minute }) => minute >= CACHES_MINUTES)
  const isLong = (readings.at(-1)?.minute ?? 0) >= LEAST_MINUTES * 0.9
  const growth = isLong ? steadyGrowth(judged.map(({ heapBytes }) => heapBytes)) : 0
  const heapLine = isLong
    ? `heap after forced collections, from minute ${CACHES_MINUTES}: steady growth of ${percent(growth)} (at most ${percent(MOST_GROWTH)})`
    : `heap: not judged, since the run was shorter than ${LEAST_MINUTES} minutes`
  const openLine =
    open.length === 0
      ? 'handles and sockets: back to what they were'
      : `handles and sockets NOT back: ${open.join('; ')}`
  return { failed: growth > MOST_GROWTH || open.length > 0, lines: [heapLine, openLine] }
}
