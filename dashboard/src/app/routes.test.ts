import { expect, test } from 'vitest'
import { placeOf } from './routes.ts'

test('a path is one page, with or without its last slash', () => {
  expect(placeOf('/')).toEqual({ page: 'overview' })
  expect(placeOf('/users/')).toEqual({ page: 'users' })
  expect(placeOf('/requests')).toEqual({ page: 'requests' })
  expect(placeOf('/limits')).toEqual({ page: 'limits' })
})

test('a user of any name has a page', () => {
  for (const userId of ['ada', 'a/b?c#d', '<img src=x>', 'مستخدم', '100%'])
    expect(placeOf(`/users/${encodeURIComponent(userId)}`)).toEqual({ page: 'user', userId })
})

test('what is no page is nowhere', () => {
  for (const path of ['/user', '/users/a/b', '/users/%E0%A4%A']) expect(placeOf(path)).toEqual({ page: 'nowhere' })
})
