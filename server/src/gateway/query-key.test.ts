import { expect, test } from 'vitest'
import { keyInQuery, withoutKey } from './query-key.ts'

test('S41: the key of a query is found decoded, and nothing of it is left', () => {
  for (const query of ['key=tt_a', 'alt=sse&key=tt_a', 'k%65y=tt%5Fa&alt=sse', 'key=tt_a&key=tt_b', '?=&key=tt_a']) {
    expect(keyInQuery(`/v1beta/models?${query}`)).toBe('tt_a')
    expect(withoutKey(query)).not.toMatch(/tt|%65/)
    expect(keyInQuery(`/?${withoutKey(query)}`)).toBeUndefined()
  }
  expect(withoutKey('alt=sse&k%65y=tt_a&a=%20+b')).toBe('alt=sse&a=%20+b')
})

test('a query without a key stays as it is', () => {
  for (const query of ['', 'a=b', 'keys=1&monkey=2', '%zz&&=', 'a=key&KEY=1']) {
    expect(withoutKey(query)).toBe(query)
    expect(keyInQuery(`/?${query}`)).toBeUndefined()
  }
  expect(keyInQuery('/v1beta/models')).toBeUndefined()
})
