import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { ConfigurationError } from '../core/errors.ts'
import { countAt, decimalAt, mapAt, readYaml, textAt } from './yaml-document.ts'

test.each([
  ['a bomb of aliases', 'a: &a [x]\nb: [*a, *a]\n', 'anchors'],
  ['an alias', 'a: &a x\nb: *a\n', 'anchors'],
  ['a merge key', 'a: &a { x: 1 }\nb: { <<: *a }\n', 'anchors'],
  ['a tag of JavaScript', 'a: !!js/function "x"\n', 'line 1'],
  ['a plain tag', 'a: !!str 1\n', 'tags'],
  ['a tag on a map', 'a: !!map { b: 1 }\n', 'tags'],
  ['a tag on a key', '!!str a: 1\n', 'plain text'],
  ['__proto__', '__proto__: { x: 1 }\n', '__proto__ is not taken'],
  ['constructor, deep inside', 'a: [{ b: { constructor: 1 } }]\n', 'constructor is not taken'],
  ['a repeated key', 'a: 1\na: 2\n', 'line 2'],
  ['a key repeated in other quotes', 'a: 1\n"a": 2\n', 'line 2'],
  ['a key that is a list', '? [a]\n: 1\n', 'plain text'],
  ['two documents', 'a: 1\n---\nb: 2\n', 'multiple documents'],
  ['broken YAML', 'a: [1\nb: 2\n', 'line'],
  ['nesting without end', '['.repeat(50_000), 'file.yaml'],
  ['a large file', `a: ${'x'.repeat(1_000_001)}`, 'larger'],
])('S54: %s is refused, in one line', (_, text, message) => {
  const began = read(text)
  expect(began).toContain(message)
  expect(began).toMatch(/^file\.yaml[^\n]*$/)
  expect(({} as Record<string, unknown>)['x']).toBeUndefined()
})

test('whatever is in a file, it is read or refused with one line', () => {
  const pieces = fc.constantFrom(
    'a',
    ':',
    ' ',
    '\n',
    '- ',
    '"',
    "'",
    '{',
    '}',
    '[',
    ']',
    '&a ',
    '*a',
    '!!x ',
    '#',
    '|',
    '>',
    '%',
    '\t',
    '\0',
    '---\n',
    '<<',
    '1',
    '\u{1f600}',
  )
  fc.assert(
    fc.property(fc.array(pieces, { maxLength: 40 }), (parts) => {
      const answer = read(parts.join(''))
      if (answer !== undefined) expect(answer).toMatch(/^file\.yaml[^\n]*$/)
    }),
    { numRuns: 2000 },
  )
})

test('numbers keep their text: 1e3, 1_0 and 0x10 are what was written', () => {
  const { entries } = mapAt(
    readYaml('a: 0.1000000000000000055511151231257827\nb: "2.50"\nc: 1e3\nd: 0x10\ne: 12', 'file.yaml')!,
  )
  expect(textAt(entries.get('a')!)).toBe('0.1000000000000000055511151231257827')
  expect(decimalAt(entries.get('b')!, 2)).toBe(250n)
  expect(decimalAt(entries.get('c')!, 0)).toBe(1000n)
  expect(() => decimalAt(entries.get('d')!, 0)).toThrow(ConfigurationError)
  expect(countAt(entries.get('e')!, 12)).toBe(12)
  expect(() => countAt(entries.get('e')!, 13)).toThrow('line 5, e: must be a whole number from 13 on')
})

test('a file of comments says nothing', () => {
  expect(readYaml('# nothing\n', 'file.yaml')).toBeUndefined()
  expect(readYaml('', 'file.yaml')).toBeUndefined()
})

function read(text: string): string | undefined {
  try {
    readYaml(text, 'file.yaml')
    return undefined
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigurationError)
    return (error as Error).message
  }
}
