import { keepPreviousData, useQuery } from '@tanstack/react-query'
import type { Span, TrendAsked } from './api.ts'
import type { Range } from './range.ts'
import { useServices } from './services.ts'
import { asParameters } from './use-range.ts'

type Filter = Pick<Span, 'userId' | 'model'>

/** The sums of the range, live. */
export function useSummary(range: Range, filter: Filter = {}) {
  const { api, zone } = useServices()
  const span = { ...asParameters(range), zone, ...filter }
  return useQuery({
    queryKey: ['summary', span],
    queryFn: ({ signal }) => api.summary(span, signal),
    placeholderData: keepPreviousData,
    meta: { live: true },
  })
}

/** The sums of the equal range before. What is past changes only by corrections, so it is not read at each hint. */
export function usePreviousSummary({ previousFromMs, previousToMs }: Range, filter: Filter = {}) {
  const { api, zone } = useServices()
  const span = { ...asParameters({ fromMs: previousFromMs, toMs: previousToMs }), zone, ...filter }
  return useQuery({
    queryKey: ['summary', span],
    queryFn: ({ signal }) => api.summary(span, signal),
    staleTime: 300_000,
  })
}

/** The sums of the range by bucket, live. */
export function useTrend(range: Range, by: TrendAsked['by'], filter: Filter = {}) {
  const { api, zone } = useServices()
  const asked = { ...asParameters(range), zone, bucket: range.bucket, by, ...filter }
  return useQuery({
    queryKey: ['trend', asked],
    queryFn: ({ signal }) => api.trend(asked, signal),
    placeholderData: keepPreviousData,
    meta: { live: true },
  })
}
