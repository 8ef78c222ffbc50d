import type { Command } from 'commander'
import { count, type JsonInteger, parseTokens, usd } from './amounts.ts'
import { type Entry, ENTRY_COLUMNS } from './entries.ts'
import { type Key, KEY_COLUMNS } from './keys.ts'
import { type Limit, LIMIT_COLUMNS } from './limits.ts'
import { type Column, section } from './table.ts'
import type { World } from './world.ts'

interface User {
  readonly userId: string
  readonly tokenLimit: JsonInteger | null
  readonly tokenUsage: JsonInteger
  readonly tokensHeld: JsonInteger
  readonly tokensRemaining: JsonInteger | null
  readonly percentUsed: number | null
  readonly lastUpdated: string | null
  readonly requests: JsonInteger
  readonly costNanoUsd: JsonInteger
}

const COLUMNS: readonly Column<User>[] = [
  { title: 'user', of: (user) => user.userId },
  { title: 'used', of: (user) => count(user.tokenUsage), isNumber: true },
  { title: 'held', of: (user) => count(user.tokensHeld), isNumber: true, isWide: true },
  { title: 'limit', of: (user) => count(user.tokenLimit, 'none'), isNumber: true },
  { title: 'remaining', of: (user) => count(user.tokensRemaining, 'unlimited'), isNumber: true },
  { title: '%', of: (user) => user.percentUsed?.toFixed(1) ?? '-', isNumber: true },
  { title: 'requests', of: (user) => count(user.requests), isNumber: true, isWide: true },
  { title: 'cost', of: (user) => usd(user.costNanoUsd), isNumber: true },
  { title: 'last call', of: (user) => user.lastUpdated ?? 'never', isWide: true },
]

const LIMIT_HELP = 'tokens for life: 250000, 250k, 1.5M, 0 (admits nothing) or none (unlimited)'
const path = (userId: string) => `/api/users/${encodeURIComponent(userId)}`

export function addUsers(program: Command, { client, out }: World): void {
  const users = program.command('users').description('who consumes, and how much each may')
  const show = (user: User) => out.show(user, COLUMNS, [user], '')

  users
    .command('list')
    .description('all users, with what they used and may still use')
    .action(async () => {
      const all: User[] = []
      let cursor: string | null = ''
      while (cursor !== null) {
        const query: string = cursor === '' ? '' : `&cursor=${encodeURIComponent(cursor)}`
        const page: { users: User[]; nextCursor: string | null } = await client.request(
          'GET',
          `/api/users?limit=200${query}`,
        )
        all.push(...page.users)
        cursor = page.nextCursor
      }
      out.show(
        { users: all },
        COLUMNS,
        all,
        'There are no users. Create one: token-trackr users create alice --limit 1M',
      )
    })

  users
    .command('create')
    .description('a new user')
    .argument('<userId>')
    .requiredOption('--limit <tokens>', LIMIT_HELP)
    .action(async (userId: string, { limit }: { limit: string }) =>
      show(await client.request<User>('POST', '/api/users', { userId, tokenLimit: parseTokens(limit) })),
    )

  users
    .command('show')
    .description('one user, with keys, limits and the newest entries')
    .argument('<userId>')
    .action(async (userId: string) => {
      const user = await client.request<User>('GET', path(userId))
      const [{ keys }, { limits }, { entries }] = await Promise.all([
        client.request<{ keys: Key[] }>('GET', `/api/keys?userId=${encodeURIComponent(userId)}`),
        client.request<{ limits: Limit[] }>('GET', '/api/limits'),
        client.request<{ entries: Entry[] }>('GET', `/api/entries?limit=5&userId=${encodeURIComponent(userId)}`),
      ])
      const own = limits.filter(({ scope }) => scope.kind === 'user' && scope.id === userId)
      out.sections({ ...user, keys, limits: own, entries }, [
        section(COLUMNS, [user]),
        section(KEY_COLUMNS, keys),
        section(LIMIT_COLUMNS, own),
        section(ENTRY_COLUMNS, entries),
      ])
    })

  users
    .command('limit')
    .description("change a user's token limit; what was used stays used")
    .argument('<userId>')
    .argument('<tokens>', LIMIT_HELP)
    .action(async (userId: string, tokens: string) =>
      show(await client.request<User>('PATCH', path(userId), { tokenLimit: parseTokens(tokens) })),
    )
}
