import { Skeleton } from '@heroui/react/skeleton'

/** Rows of the coming table. Appears after a moment only, so that a quick answer does not flash. */
export function LoadingRows({ rows, what }: { rows: number; what: string }) {
  return (
    <div
      aria-label={`${what} loading`}
      className="late overflow-hidden rounded-3xl border border-border bg-surface"
      role="status"
    >
      <div className="h-9 border-b border-border bg-surface-secondary" />
      {Array.from({ length: rows }, (_, row) => (
        <div className="flex h-11 items-center gap-6 border-b border-separator px-4 last:border-0" key={row}>
          <Skeleton className="h-3 w-32 rounded-md" />
          <Skeleton className="h-3 flex-1 rounded-md" />
          <Skeleton className="h-3 w-20 rounded-md" />
        </div>
      ))}
    </div>
  )
}

/** Lines of a panel that is not read yet. */
export function LoadingLines({ lines, what }: { lines: number; what: string }) {
  return (
    <div aria-label={`${what} loading`} className="late flex flex-col gap-4 py-1" role="status">
      {Array.from({ length: lines }, (_, line) => (
        <Skeleton className="h-3.5 rounded-md" key={line} />
      ))}
    </div>
  )
}
