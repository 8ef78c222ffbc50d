import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { useServices } from '../../lib/services.ts'

/** The sums since midnight in the browser's zone. Read again each minute too: a new day begins without a hint. */
export function useSummary() {
  const { api, zone } = useServices()
  return useQuery({
    queryKey: ['summary', zone],
    queryFn: ({ signal }) => api.summary(zone, signal),
    placeholderData: keepPreviousData,
    refetchInterval: 60_000,
    meta: { live: true },
  })
}
