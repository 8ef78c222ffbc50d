import type { Key, User } from '../../core/account.ts'
import { keyFrom, keyValues, userFrom } from '../rows/account-rows.ts'
import type { Columns } from '../rows/columns.ts'
import { type Item, itemOf, rowOf } from './attributes.ts'
import { keyHashKey, keyKey, userKey } from './keys.ts'
import { ABSENT, type Draft } from './transaction.ts'

const USER_COLUMNS: Columns<User> = [
  ['user_id', (user) => user.id],
  ['tenant_id', (user) => user.tenantId],
  ['created_at_ms', (user) => user.createdAtMs],
]
const KEY_NAMES = ['tenant_id', 'key_id', 'user_id', 'name', 'hash', 'last4', 'created_at_ms', 'revoked_at_ms']
const KEY_COLUMNS: Columns<Key> = KEY_NAMES.map((name, index) => [name, (key) => keyValues(key)[index]!])

export function userIn(item: Item): User {
  return userFrom(rowOf(USER_COLUMNS, item))
}
export function keyIn(item: Item): Key {
  return keyFrom(rowOf(KEY_COLUMNS, item))
}

export function userDraft(user: User): Draft {
  return { kind: 'put', key: userKey(user.tenantId, user.id), item: itemOf(USER_COLUMNS, user), conditions: ABSENT }
}

/** A key is there twice: by its id for lists, and by its hash for calls. */
export function keyDrafts(key: Key, { isNew }: { isNew: boolean }): Draft[] {
  const [item, conditions] = [itemOf(KEY_COLUMNS, key), isNew ? ABSENT : []]
  return [
    { kind: 'put', key: keyKey(key.tenantId, key.id), item, conditions },
    { kind: 'put', key: keyHashKey(key.hash), item, conditions },
  ]
}
