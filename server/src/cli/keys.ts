import type { Command } from 'commander'
import type { Column } from './table.ts'
import type { World } from './world.ts'

export interface Key {
  readonly keyId: string
  readonly userId: string
  readonly name: string
  readonly last4: string
  readonly createdAt: string
  readonly revokedAt: string | null
}

export const KEY_COLUMNS: readonly Column<Key>[] = [
  { title: 'key', of: (key) => key.keyId },
  { title: 'user', of: (key) => key.userId },
  { title: 'name', of: (key) => key.name, isWide: true },
  { title: 'ends in', of: (key) => key.last4 },
  { title: 'created', of: (key) => key.createdAt, isWide: true },
  { title: 'revoked', of: (key) => key.revokedAt ?? 'no' },
]

export function addKeys(program: Command, { client, out }: World): void {
  const keys = program.command('keys').description('the credentials of users')

  keys
    .command('list')
    .description('all keys, revoked ones too')
    .option('--user <userId>', 'of one user')
    .action(async ({ user }: { user?: string }) => {
      const query = user === undefined ? '' : `?userId=${encodeURIComponent(user)}`
      const answer = await client.request<{ keys: Key[] }>('GET', `/api/keys${query}`)
      out.show(answer, KEY_COLUMNS, answer.keys, 'There are no keys. Create one: token-trackr keys create <userId>')
    })

  keys
    .command('create')
    .description('a new key; it is shown this once')
    .argument('<userId>')
    .option('--name <name>', 'what it is for')
    .action(async (userId: string, { name }: { name?: string }) => {
      const body = { userId, ...(name !== undefined && { name }) }
      const answer = await client.request<Key & { key: string }>('POST', '/api/keys', body)
      out.say(answer, `${answer.key}  (${answer.keyId}, for ${userId}; shown this once, so keep it now)`)
    })

  keys
    .command('revoke')
    .description('from the next call on, the key is refused')
    .argument('<keyId>')
    .action(async (keyId: string) => {
      await client.request('DELETE', `/api/keys/${encodeURIComponent(keyId)}`)
      out.say({ keyId, revoked: true }, `${keyId} is revoked.`)
    })
}
