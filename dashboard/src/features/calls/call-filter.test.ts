import { expect, test } from 'vitest'
import { asCallFilter, chosenIn, parseFilter } from './call-filter.ts'

test('the address says what is filtered, in the words of the API', () => {
  const chosen = chosenIn('?user=ada&model=gpt-4o&range=7d&code=limit_reached&key=')
  expect(chosen).toEqual({ user: 'ada', model: 'gpt-4o', code: 'limit_reached' })
  expect(asCallFilter(chosen)).toEqual({ userId: 'ada', model: 'gpt-4o' })
})

test('a filter can be typed, with quotes where a value has spaces', () => {
  expect(parseFilter('user:ada')).toEqual({ user: 'ada' })
  expect(parseFilter(' outcome:cut  model:"gpt 4: x" ')).toEqual({ outcome: 'cut', model: 'gpt 4: x' })
})

test('what is no filter is not guessed at', () => {
  for (const text of ['', 'ada', 'user:', 'user:ada grace', 'colour:red', 'user:"ada'])
    expect(parseFilter(text)).toBeUndefined()
})
