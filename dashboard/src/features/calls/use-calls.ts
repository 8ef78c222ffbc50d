import { keepPreviousData, useQuery, useQueryClient } from '@tanstack/react-query'
import type { CallFilter } from '../../lib/api.ts'
import type { EntryPage } from '../../lib/contract.ts'
import { useServices } from '../../lib/services.ts'
import { reuse } from './held-back.ts'

/** So many rows are on a page: the DOM never holds more of them. */
export const PAGE_SIZE = 50

interface Page {
  /** Where the page begins; null for the newest, which alone is read again at each hint: older ones never change. */
  readonly cursor?: string | null
  readonly size?: number
}

/** One page of calls. A read that another filter supersedes is aborted, and never shown. */
export function useCalls(filter: CallFilter, { cursor = null, size = PAGE_SIZE }: Page = {}) {
  const { api } = useServices()
  const queries = useQueryClient()
  const queryKey = ['entries', filter, size, cursor]
  return useQuery({
    queryKey,
    queryFn: async ({ signal }) => {
      const page = await api.entries(filter, size, cursor, signal)
      return reuse(queries.getQueryData<EntryPage>(queryKey)?.entries ?? [], page)
    },
    placeholderData: keepPreviousData,
    structuralSharing: false,
    ...(cursor === null ? { meta: { live: true } } : { staleTime: Infinity }),
  })
}

/** All attempts of one call, with all that is known of them. Its entries never change, but another attempt may follow. */
export function useCall(callId: string) {
  const { api } = useServices()
  return useQuery({
    queryKey: ['call', callId],
    queryFn: ({ signal }) => api.call(callId, signal),
    staleTime: 5_000,
  })
}

/** One page of the refusals that were kept, newest first. */
export function useRefusals(filter: { userId?: string; code?: string }, cursor: string | null, size = PAGE_SIZE) {
  const { api } = useServices()
  return useQuery({
    queryKey: ['refusals', filter, size, cursor],
    queryFn: ({ signal }) => api.refusals(filter, size, cursor, signal),
    placeholderData: keepPreviousData,
    ...(cursor === null && { meta: { live: true } }),
  })
}
