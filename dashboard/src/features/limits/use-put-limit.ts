import { useMutation, useQueryClient } from '@tanstack/react-query'
import type { LimitDraft } from '../../lib/contract.ts'
import { useServices } from '../../lib/services.ts'
import { LIMITS_KEY } from '../../lib/use-limits.ts'

/** What a change of a limit makes old: the limits, and the users whose token limit it may be. */
const CHANGED = [LIMITS_KEY, ['users'], ['user']]

export function usePutLimit() {
  const { api } = useServices()
  const queries = useQueryClient()
  return useMutation({
    mutationFn: (draft: LimitDraft) => api.putLimit(draft),
    onSettled: () => Promise.all(CHANGED.map((queryKey) => queries.invalidateQueries({ queryKey }))),
  })
}

export function useLiftLimit() {
  const { api } = useServices()
  const queries = useQueryClient()
  return useMutation({
    mutationFn: (limitId: string) => api.liftLimit(limitId),
    onSettled: () => Promise.all(CHANGED.map((queryKey) => queries.invalidateQueries({ queryKey }))),
  })
}

/** Whether this would pass, by the code that enforces. Nothing is held. */
export function useTestLimits() {
  const { api } = useServices()
  return useMutation({ mutationFn: api.testLimits })
}
