import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useServices } from '../../lib/services.ts'

const KEY = ['credentials']

/** Which credentials of providers are kept, never what they are. */
export function useCredentials() {
  const { api } = useServices()
  return useQuery({
    queryKey: KEY,
    queryFn: ({ signal }) => api.credentials(signal).then(({ credentials }) => credentials),
  })
}

export function usePutCredential() {
  const { api } = useServices()
  const queries = useQueryClient()
  return useMutation({
    mutationFn: ({ name, value }: { name: string; value: string }) => api.putCredential(name, value),
    // The value is among what the mutation keeps: it goes with the dialog.
    gcTime: 0,
    onSettled: () => queries.invalidateQueries({ queryKey: KEY }),
  })
}

export function useDeleteCredential() {
  const { api } = useServices()
  const queries = useQueryClient()
  return useMutation({
    mutationFn: (name: string) => api.deleteCredential(name),
    onSettled: () => queries.invalidateQueries({ queryKey: KEY }),
  })
}
