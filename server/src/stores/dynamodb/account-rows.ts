import type { Key, User } from '../../core/account.ts'
import { KEY_COLUMNS, keyFrom, USER_COLUMNS, userFrom } from '../rows/account-rows.ts'
import { type Item, itemOf, rowOf } from './attributes.ts'
import { keyHashKey, keyKey, userKey } from './keys.ts'
import { ABSENT, type Draft } from './transaction.ts'

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
