import fc from 'fast-check'
import { expect, test } from 'vitest'
import { MAX_KEPT_TEXT, outputText } from './output-text.ts'

/** Whatever a model may write, halves of surrogate pairs at the edges of pieces among it. */
const PIECE = fc.string({ unit: 'binary', maxLength: 2_000 }).map((text) => text.slice(1))

test('the pieces of a text are the text, however they are cut', () => {
  fc.assert(
    fc.property(fc.array(PIECE, { maxLength: 30 }), (pieces) => {
      const output = outputText()
      for (const piece of pieces) output.add(piece)
      expect(output.text()).toBe(pieces.join(''))
      expect(output.length()).toBe(pieces.join('').length)
    }),
  )
})

test('only the first part of a long text is kept, and all of its length', () => {
  const output = outputText()
  const pieces = Array.from({ length: 70 }, (_, at) => String.fromCodePoint(65 + at).repeat(5_000))
  for (const piece of pieces) output.add(piece)
  expect(output.text()).toBe(pieces.join('').slice(0, MAX_KEPT_TEXT))
  expect(output.length()).toBe(350_000)
})
