import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { dependencyFaults } from './dependencies.ts'

const read = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8')

test('S61: each runtime dependency of the server has its reason written down, none is forgotten, and they are few', () => {
  const names = Object.keys(JSON.parse(read('server/package.json')).dependencies)
  expect(dependencyFaults(names, read('docs/dependencies.md'))).toEqual([])
})

describe('S61: what is planted is found', () => {
  const row = (name: string, reason = 'why') => `| \`${name}\` | ${reason} | what |\n`
  const document = row('@here/one') + row('two')
  const names = ['@here/one', 'two']
  test('and nothing where both lists are the same', () => expect(dependencyFaults(names, document)).toEqual([]))
  test.each([
    ['a dependency without a row', [...names, 'three'], document],
    ['a row without a dependency', ['two'], document],
    ['a row written twice', names, document + row('two')],
    ['a row without a reason', [...names, 'three'], document + row('three', '')],
  ])('%s', (_what, dependencies, text) => expect(dependencyFaults(dependencies, text)).toHaveLength(1))

  test('one too many', () => {
    const many = Array.from({ length: 25 }, (_, index) => `package-${index}`)
    const told = (some: readonly string[]) => some.map((name) => row(name)).join('')
    expect(dependencyFaults(many.slice(1), told(many.slice(1)))).toEqual([])
    expect(dependencyFaults(many, told(many))).toHaveLength(1)
  })
})
