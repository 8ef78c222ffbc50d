import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useServices } from './services.ts'

const ALERTS_KEY = ['alerts']
/** What a channel answers changes without an entry. */
const ALERTS_EVERY_MS = 10_000

/** The channels over which people are told of crossed thresholds, and how each does. */
export function useAlerts() {
  const { api } = useServices()
  return useQuery({
    queryKey: ALERTS_KEY,
    queryFn: ({ signal }) => api.alerts(signal).then(({ channels }) => channels),
    refetchInterval: ALERTS_EVERY_MS,
    meta: { live: true },
  })
}

/** The newest crossings of thresholds, with who was told of each. */
export function useCrossings(count: number) {
  const { api } = useServices()
  return useQuery({
    queryKey: ['crossings', count],
    queryFn: ({ signal }) => api.crossings(count, signal).then(({ crossings }) => crossings),
    meta: { live: true },
  })
}

/** Tells a test over each channel, now. */
export function useTestAlerts() {
  const { api } = useServices()
  const queries = useQueryClient()
  return useMutation({
    mutationFn: () => api.testAlerts().then(({ results }) => results),
    onSettled: () => queries.invalidateQueries({ queryKey: ALERTS_KEY }),
  })
}
