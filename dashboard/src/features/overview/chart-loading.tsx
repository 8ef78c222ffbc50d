import { Skeleton } from '@heroui/react/skeleton'

/** The room that the chart will take. */
export function ChartLoading() {
  return (
    <div
      aria-label="Chart loading"
      className="late flex h-[340px] flex-col gap-4 rounded-3xl border border-border bg-surface p-4"
      role="status"
    >
      <Skeleton className="h-3 w-40 rounded-md" />
      <Skeleton className="h-4 w-72 max-w-full rounded-md" />
      <Skeleton className="flex-1 rounded-xl" />
    </div>
  )
}
