import { useQuery } from '@tanstack/react-query'
import { useServices } from './services.ts'

const HEALTH_EVERY_MS = 10_000

/** How the deployments and the ledger do. It changes without an entry too, when a pause ends. */
export function useHealth() {
  const { api } = useServices()
  return useQuery({
    queryKey: ['health'],
    queryFn: ({ signal }) => api.providers(signal),
    refetchInterval: HEALTH_EVERY_MS,
  })
}
