import { keepPreviousData, useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import type { EntryFilter } from '../../lib/api.ts'
import { useServices } from '../../lib/services.ts'
import { appendOlder, type CallList, mergeNewest, NO_CALLS } from './merge-newest.ts'

/** The list under a filter: its newest page is read again at each hint, older pages stay as they are. */
export function useCalls(filter: EntryFilter) {
  const { api } = useServices()
  const queries = useQueryClient()
  const queryKey = ['entries', filter]
  const known = () => queries.getQueryData<CallList>(queryKey) ?? NO_CALLS
  const list = useQuery({
    queryKey,
    queryFn: async ({ signal }) => {
      const page = await api.entries(filter, null, signal)
      return mergeNewest(known(), page)
    },
    placeholderData: keepPreviousData,
    structuralSharing: false,
    meta: { live: true },
  })
  const older = useMutation({
    mutationFn: (cursor: string) => api.entries(filter, cursor),
    onSuccess: (page, cursor) => {
      // A jump of the newest page may have let go of the rows that this page continues.
      if (known().nextCursor === cursor) queries.setQueryData<CallList>(queryKey, appendOlder(known(), page))
    },
  })
  return { list, older }
}

/** One entry with all that is known of it. Entries never change, so it is read once. */
export function useCall(id: string) {
  const { api } = useServices()
  return useQuery({
    queryKey: ['entry', id],
    queryFn: ({ signal }) => api.entry(id, signal),
    staleTime: Infinity,
  })
}
