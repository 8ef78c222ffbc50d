import { useQuery } from '@tanstack/react-query'
import { useServices } from './services.ts'

export const LIMITS_KEY = ['limits']

/** All limits with what their counters say now, live. */
export function useLimits() {
  const { api } = useServices()
  return useQuery({
    queryKey: LIMITS_KEY,
    queryFn: ({ signal }) => api.limits(signal).then(({ limits }) => limits),
    meta: { live: true },
  })
}
