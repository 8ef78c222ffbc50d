import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { PublicError } from './errors.ts'
import { MAX_DEPTH, MAX_KEYS, memberSpans, parseRequestBody } from './request-body.ts'

function refusal(text: string): string {
  try {
    parseRequestBody(text)
  } catch (error) {
    if (error instanceof PublicError && error.body.code === 'invalid_json') return error.message
    throw error
  }
  return 'accepted'
}

const jsonText = fc
  .tuple(fc.dictionary(fc.string({ unit: 'binary' }), fc.jsonValue()), fc.constantFrom(undefined, 1, '\t', '\r\n '))
  .filter(([object]) => Object.keys(object).every((key) => key.isWellFormed() && !key.includes('\0')))
  .map(([object, space]) => JSON.stringify(object, null, space))

describe('what is sent is what is seen', () => {
  test('every object that JSON.parse reads is read alike, and each span holds its member', () => {
    fc.assert(
      fc.property(jsonText, (text) => {
        const body = parseRequestBody(text)
        expect({ ...body.json }).toEqual({ ...JSON.parse(text) })
        expect([...body.members.keys()].toSorted()).toEqual(Object.keys(body.json).toSorted())
        for (const [key, { keyStart, valueStart, valueEnd }] of body.members) {
          expect(JSON.parse(text.slice(valueStart, valueEnd))).toEqual(body.json[key])
          expect(JSON.parse(`{${text.slice(keyStart, valueEnd)}}`)).toEqual({ [key]: body.json[key] })
        }
      }),
    )
  })

  test('text that JSON.parse refuses, or that is no object, is refused', () => {
    const broken = fc.tuple(jsonText, fc.nat(), fc.constantFrom('', '"', '}', ']', ',', '\\', '{', 'x', '\u0001'))
    fc.assert(
      fc.property(broken, ([text, at, by]) => {
        const cut = at % text.length
        const changed = text.slice(0, cut) + by + text.slice(cut + 1)
        let json: unknown
        try {
          json = JSON.parse(changed)
        } catch {
          expect(refusal(changed)).toMatch(/^The body is not valid JSON/)
          return
        }
        if (json === null || typeof json !== 'object' || Array.isArray(json))
          expect(refusal(changed)).toMatch(/, not an object\.$/)
      }),
    )
  })

  test('a key that stands twice is refused at any depth and in any spelling', () => {
    const key = fc.string({ minLength: 1, unit: 'grapheme-ascii' })
    const around = fc.array(
      fc.constantFrom<[string, string]>(['[1,', ']'], ['{"x":', '}'], ['{"a":[],"b":', ',"c":{}}']),
    )
    fc.assert(
      fc.property(key, around, fc.nat(30), ([...characters], wrappers, others) => {
        const spelled = characters.map((each) => `\\u${each.charCodeAt(0).toString(16).padStart(4, '0')}`).join('')
        const between = Array.from({ length: others }, (_, index) =>
          `"${characters.join('')}-${index}":0`.replace('\\', ''),
        )
        const plain = JSON.stringify(characters.join(''))
        const object = `{${[`${plain}:1`, ...new Set(between), `"${spelled}":2`].join(',')}}`
        const text = wrappers.reduce((inner, [open, close]) => open + inner + close, object)
        if (isObject(text) && !hasSyntaxError(text)) expect(refusal(text)).toContain('stands twice')
      }),
    )
    expect(refusal('{"a":{"b":[{"c":1,"\\u0063":2}]}}')).toBe(
      'The body has a key that stands twice in one object, at character 18.',
    )
  })

  test('the same key in different objects is no repetition', () => {
    expect(refusal('{"a":{"a":[{"a":1},{"a":2}]},"b":{"a":1}}')).toBe('accepted')
  })
})

function isObject(text: string): boolean {
  return text.startsWith('{')
}
function hasSyntaxError(text: string): boolean {
  try {
    JSON.parse(text)
    return false
  } catch {
    return true
  }
}

test('B05: keys named after the prototype do no harm, and absent members are absent', () => {
  const { json, members } = parseRequestBody(
    '{"__proto__":{"model":"evil","polluted":1},"constructor":{"prototype":{"polluted":1}},"a[__proto__][x]":1}',
  )
  expect(json['model']).toBeUndefined()
  expect(json['toString']).toBeUndefined()
  expect(json['polluted']).toBeUndefined()
  expect(({} as Record<string, unknown>)['polluted']).toBeUndefined()
  expect(members.get('model')).toBeUndefined()
  expect(members.has('__proto__')).toBe(true)
  const inherited = parseRequestBody('{}').json
  for (const name of Object.getOwnPropertyNames(Object.prototype)) expect(inherited[name]).toBeUndefined()
})

const nested = (depth: number) => `${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`
const withKeys = (count: number) => `{${Array.from({ length: count }, (_, index) => `"k${index}":1`).join(',')}}`

describe('hostile bodies', () => {
  test('depth is capped, and just below the cap is fine', () => {
    expect(refusal(nested(MAX_DEPTH))).toBe('accepted')
    expect(refusal(nested(MAX_DEPTH + 1))).toContain('nested more than')
    expect(refusal(`{"a":${'['.repeat(1e6)}`)).toContain('nested more than')
  })

  test('so is the number of keys of one object', () => {
    expect(refusal(withKeys(MAX_KEYS))).toBe('accepted')
    expect(refusal(withKeys(100_000))).toContain('members')
  })

  test('keys that parsers read differently are refused: NUL and half a surrogate pair', () => {
    expect(refusal('{"model\\u0000x":1}')).toContain('NUL')
    expect(refusal('{"a":{"\\ud83d":1}}')).toContain('surrogate')
    expect(refusal('{"\\ud83d\\ude00":"\\ud83d \\u0000"}')).toBe('accepted')
  })

  test('the reason never quotes the body', () => {
    for (const text of ['{"key": hunter2}', 'hunter2', '{"a":"b" hunter2', '["hunter2"', '{"hunter2":1,"hunter2":2}'])
      expect(refusal(text)).not.toMatch(/hunter|accepted/)
  })
})

test('of a member that stands twice in an answer, the span is that of the last, as JSON.parse reads it', () => {
  const { valueStart, valueEnd } = memberSpans('{"a":1,"a": 22 }').get('a')!
  expect([valueStart, valueEnd]).toEqual([12, 14])
})
