import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import type { User } from '../../lib/contract.ts'
import { useServices } from '../../lib/services.ts'
import { LIMITS_KEY } from '../../lib/use-limits.ts'
import { withLimit } from '../../lib/standing.ts'

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

const userKey = (userId: string) => ['user', userId]

/** One user, live. */
export function useUser(userId: string) {
  const { api } = useServices()
  return useQuery({
    queryKey: userKey(userId),
    queryFn: ({ signal }) => api.user(userId, signal),
    meta: { live: true },
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
  const replace = (userId: string, change: (user: User) => User) => {
    queries.setQueryData<User>(userKey(userId), (user) => user && change(user))
    queries.setQueryData<UserList>(
      KEY,
      (list) => list && { ...list, users: list.users.map((user) => (user.userId === userId ? change(user) : user)) },
    )
  }
  const known = (userId: string) =>
    queries.getQueryData<User>(userKey(userId)) ??
    queries.getQueryData<UserList>(KEY)?.users.find((user) => user.userId === userId)
  return useMutation({
    mutationFn: ({ userId, tokenLimit }: LimitChange) => api.changeLimit(userId, tokenLimit),
    onMutate: async ({ userId, tokenLimit }) => {
      await queries.cancelQueries({ queryKey: KEY })
      await queries.cancelQueries({ queryKey: userKey(userId) })
      const before = known(userId)
      replace(userId, (user) => withLimit(user, tokenLimit))
      return { before }
    },
    onError: (_error, { userId }, context) => {
      const before = context?.before
      if (before) replace(userId, () => before)
    },
    onSuccess: (user) => replace(user.userId, () => user),
    onSettled: async (_user, _error, { userId }) => {
      await Promise.all([KEY, userKey(userId), LIMITS_KEY].map((queryKey) => queries.invalidateQueries({ queryKey })))
    },
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
