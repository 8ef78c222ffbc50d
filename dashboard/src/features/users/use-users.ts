import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import type { User } from '../../lib/contract.ts'
import { useServices } from '../../lib/services.ts'
import { withLimit } from './limit-state.ts'

const KEY = ['users']
/** Sorting happens here, so all users are read; from this many on, the list says that it is not complete. */
const MOST_PAGES = 10

export interface UserList {
  readonly users: readonly User[]
  readonly complete: boolean
}

export function useUsers() {
  const { api } = useServices()
  return useQuery({
    queryKey: KEY,
    meta: { live: true },
    queryFn: async ({ signal }): Promise<UserList> => {
      const users: User[] = []
      let cursor: string | null = null
      for (let page = 0; page < MOST_PAGES; page++) {
        const answer = await api.users(cursor, signal)
        users.push(...answer.users)
        cursor = answer.nextCursor
        if (cursor === null) return { users, complete: true }
      }
      return { users, complete: false }
    },
  })
}

export interface LimitChange {
  readonly userId: string
  readonly tokenLimit: number | null
}

/** Shows the new limit at once, and the old one again where the server refuses it. */
export function useChangeLimit() {
  const { api } = useServices()
  const queries = useQueryClient()
  const replace = (userId: string, change: (user: User) => User) =>
    queries.setQueryData<UserList>(
      KEY,
      (list) => list && { ...list, users: list.users.map((user) => (user.userId === userId ? change(user) : user)) },
    )
  return useMutation({
    mutationFn: ({ userId, tokenLimit }: LimitChange) => api.changeLimit(userId, tokenLimit),
    onMutate: async ({ userId, tokenLimit }) => {
      await queries.cancelQueries({ queryKey: KEY })
      const before = queries.getQueryData<UserList>(KEY)?.users.find((user) => user.userId === userId)
      replace(userId, (user) => withLimit(user, tokenLimit))
      return { before }
    },
    onError: (_error, { userId }, context) => {
      const before = context?.before
      if (before) replace(userId, () => before)
    },
    onSuccess: (user) => replace(user.userId, () => user),
    onSettled: () => queries.invalidateQueries({ queryKey: KEY }),
  })
}

/** Creates the user, then its first key. A user that is there already without its key is told apart by the caller. */
export function useCreateUser() {
  const { api } = useServices()
  const queries = useQueryClient()
  return useMutation({
    mutationFn: ({ userId, tokenLimit }: LimitChange) => api.createUser(userId, tokenLimit),
    onSuccess: () => queries.invalidateQueries({ queryKey: KEY }),
  })
}
