import { expect, test } from 'vitest'
import { costOf } from '../core/price.ts'
import { modelsOverlayFrom } from './models.ts'
import { NO_OVERLAY } from './overlay.ts'
import { priceBookFrom } from './price-book.ts'
import { SIMULATED_MODELS } from './simulated.ts'
import { readYaml } from './yaml-document.ts'

const NOW = Date.UTC(2026, 10, 22)
const bookWith = (models: string) => priceBookFrom(NO_OVERLAY, modelsOverlayFrom(readYaml(models, 'models.yaml')))
const book = bookWith('')

test('the simulated models have invented prices, named so, and their ceilings', () => {
  for (const model of SIMULATED_MODELS) {
    const price = book.price('sim', model, NOW, 'default')!
    expect(price.source).toBe('simulated')
    expect(costOf({ buckets: { inUncached: 1000, outText: 1000 } }, price)).toMatchObject({ kind: 'priced' })
  }
  expect(SIMULATED_MODELS.map((model) => book.ceilings('sim', model))).toEqual([
    { contextTokens: 16_000, outputTokens: 2_000 },
    { contextTokens: 128_000, outputTokens: 8_000 },
    { contextTokens: 128_000, outputTokens: 16_000 },
  ])
  expect(book.knows('sim', 'sim-other')).toBe(false)
  expect(book.price('openai', 'sim-small', NOW, 'default')).toBeUndefined()
})

test('ceilings come from the catalogues, and are absent where those are silent: never a guess', () => {
  expect(book.ceilings('openai', 'gpt-4o')).toEqual({ contextTokens: 128_000, outputTokens: 16_384 })
  // Known by its price, with no output ceiling anywhere.
  expect(book.ceilings('anthropic', 'claude-sonnet-4-5')).toEqual({ contextTokens: 200_000 })
  expect(book.ceilings('openai', 'no-such-model')).toEqual({})
  expect(book.ceilings('openai', 'constructor')).toEqual({})
  expect(book.ceilings('__proto__', 'toString')).toEqual({})
})

test('models.yaml stands above the catalogues: exact names before beginnings, longer ones before shorter', () => {
  const overlaid = bookWith(`
openai:
  gpt-*: { output_tokens: 1 }
  gpt-4o*: { output_tokens: 2, context_tokens: 9 }
  gpt-4o-mini: { output_tokens: 3 }
own:
  mine: { context_tokens: 5 }
`)
  expect(overlaid.ceilings('openai', 'gpt-3.5-turbo')).toMatchObject({ outputTokens: 1 })
  expect(overlaid.ceilings('openai', 'gpt-4o')).toEqual({ contextTokens: 9, outputTokens: 2 })
  expect(overlaid.ceilings('openai', 'gpt-4o-mini')).toEqual({ contextTokens: 128_000, outputTokens: 3 })
  expect(overlaid.ceilings('own', 'mine')).toEqual({ contextTokens: 5 })
  expect(overlaid.knows('own', 'mine')).toBe(true)
})

test.each([
  ['p: { m: { context: 5 } }', 'context is not known'],
  ['p: { m: { context_tokens: 0 } }', 'from 1 on'],
  ['p: { m: { output_tokens: 1.5 } }', 'must be a decimal number'],
  ['p: { m: {} }', 'must have context_tokens or output_tokens'],
])('models.yaml with %s is refused', (text, message) => {
  expect(() => bookWith(text)).toThrow(message)
})

test('looking a price up again gives the same row, however many names were asked for in between', () => {
  const first = book.price('openai', 'gpt-4o', NOW, 'default')
  for (let n = 0; n < 25_000; n++) book.knows('own', `model-${n}`)
  expect(book.price('openai', 'gpt-4o', NOW, 'default')).toEqual(first)
})
