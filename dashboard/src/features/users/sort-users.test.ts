import { expect, test } from 'vitest'
import type { User } from '../../lib/contract.ts'
import { type Sort, sortUsers } from './sort-users.ts'

const user = (userId: string, tokenUsage: number | string, tokenLimit: number | null, percentUsed: number | null) =>
  ({ userId, tokenUsage, tokenLimit, percentUsed }) as User

const USERS = [
  user('user-10', 50, 100, 50),
  user('user-9', '9007199254740993', null, null),
  user('user-2', '9007199254740992', 2, 99.9),
  user('user-1', 50, 100, 50),
]
const ids = (column: Sort['column'], direction: Sort['direction']) =>
  sortUsers(USERS, { column, direction }).map(({ userId }) => userId)

test('by user, numbers in ids count as numbers', () => {
  expect(ids('user', 'ascending')).toEqual(['user-1', 'user-2', 'user-9', 'user-10'])
})

test('by usage, exactly, beyond 2^53; equals in the order of their ids in both directions', () => {
  expect(ids('usage', 'descending')).toEqual(['user-9', 'user-2', 'user-1', 'user-10'])
  expect(ids('usage', 'ascending')).toEqual(['user-1', 'user-10', 'user-2', 'user-9'])
})

test('unlimited is the greatest limit', () => {
  expect(ids('limit', 'descending')).toEqual(['user-9', 'user-1', 'user-10', 'user-2'])
  expect(ids('limit', 'ascending').at(-1)).toBe('user-9')
})

test('who has no percentage comes last in both directions', () => {
  expect(ids('percentage', 'descending')).toEqual(['user-2', 'user-1', 'user-10', 'user-9'])
  expect(ids('percentage', 'ascending')).toEqual(['user-1', 'user-10', 'user-2', 'user-9'])
})
