import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useServices } from '../../lib/services.ts'

const keysOf = (userId: string) => ['keys', userId]

export function useKeys(userId: string) {
  const { api } = useServices()
  return useQuery({
    queryKey: keysOf(userId),
    queryFn: ({ signal }) => api.keys(userId, signal).then(({ keys }) => keys),
  })
}

export function useCreateKey(userId: string) {
  const { api } = useServices()
  const queries = useQueryClient()
  return useMutation({
    mutationFn: (name: string) => api.createKey(userId, name),
    // The secret is shown from the mutation's answer alone and is never kept beyond it.
    gcTime: 0,
    onSuccess: () => queries.invalidateQueries({ queryKey: keysOf(userId) }),
  })
}

export function useRevokeKey(userId: string) {
  const { api } = useServices()
  const queries = useQueryClient()
  return useMutation({
    mutationFn: (keyId: string) => api.revokeKey(keyId),
    onSettled: () => queries.invalidateQueries({ queryKey: keysOf(userId) }),
  })
}
