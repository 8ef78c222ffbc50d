import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { ConfigurationError } from '../core/errors.ts'
import { usdFromNano } from '../core/money.ts'
import { costOf, type Price } from '../core/price.ts'
import type { Usage } from '../core/usage.ts'
import { modelsOverlayFrom } from './models.ts'
import { overlayFrom } from './overlay.ts'
import { priceBookFrom } from './price-book.ts'
import { readYaml } from './yaml-document.ts'

const NOW = Date.UTC(2026, 10, 22)
const bookOf = (text: string) =>
  priceBookFrom(overlayFrom(readYaml(text, 'pricing.yaml')), modelsOverlayFrom(undefined))
const usd = (usage: Usage, price: Price | undefined) => {
  const cost = price && costOf(usage, price)
  return cost?.kind === 'priced' ? usdFromNano(cost.costNanoUsd) : cost
}
const thousand = { buckets: { inUncached: 1_000, outText: 1_000 } }

/** Word for word from the requirements. */
const PRINTED = `
bedrock:
  anthropic.claude-3-sonnet-20240229-v1:0:
    input_per_1k: 0.003
    output_per_1k: 0.015

azure_openai:
  gpt-4o:
    input_per_1k: 0.005
    output_per_1k: 0.015

gemini:
  gemini-1.5-pro:
    input_per_1k: 0.00125
    output_per_1k: 0.005

# Tenant-specific overrides
tenant_overrides:
  enterprise-tenant:
    discount_percent: 20
`

test('R2: the pricing file works as printed', () => {
  const book = bookOf(PRINTED)
  const price = (provider: string, model: string, tenant = 'default') =>
    usd(thousand, book.price(provider, model, NOW, tenant))
  expect(price('bedrock', 'anthropic.claude-3-sonnet-20240229-v1:0')).toBe('0.018')
  expect(price('azure_openai', 'gpt-4o')).toBe('0.02')
  expect(price('gemini', 'gemini-1.5-pro')).toBe('0.00625')
  expect(price('azure_openai', 'gpt-4o', 'enterprise-tenant')).toBe('0.016')
  // A discount is on every price, the catalogue's too.
  expect(price('openai', 'gpt-4o')).toBe('0.0125')
  expect(price('openai', 'gpt-4o', 'enterprise-tenant')).toBe('0.01')
})

test('Q11: an explicit price of 0 is free, and differs from a model without a price', () => {
  const book = bookOf('local:\n  llama: { input_per_1m: 0, output_per_1m: 0 }\n')
  expect(usd(thousand, book.price('local', 'llama', NOW, 'default'))).toBe('0')
  expect(book.price('local', 'mistral', NOW, 'default')).toBeUndefined()
  expect(book.knows('local', 'llama')).toBe(true)
  expect(book.knows('local', 'mistral')).toBe(false)
})

const perMillion = (micro: number) => `${Math.floor(micro / 1e6)}.${String(micro % 1e6).padStart(6, '0')}`

const perThousand = (micro: number) => `0.${String(micro).padStart(9, '0')}`

test('a price per thousand and the same per million are one price, with one version', () => {
  fc.assert(
    fc.property(fc.nat(1_000_000), fc.nat(1_000_000), (input, output) => {
      const a = bookOf(`p: { m: { input_per_1m: ${perMillion(input)}, output_per_1m: ${perMillion(output)} } }`)
      const b = bookOf(`p: { m: { input_per_1k: ${perThousand(input)}, output_per_1k: ${perThousand(output)} } }`)
      expect(a.price('p', 'm', NOW, 't')).toEqual(b.price('p', 'm', NOW, 't'))
      expect(a.price('p', 'm', NOW, 't')?.rates.perToken.inUncached).toBe(BigInt(input))
    }),
  )
})

test('a decimal keeps every digit that was written: none passes through a float', () => {
  const book = bookOf('p: { m: { input_per_1m: 9007199254740993.000001 } }')
  expect(book.price('p', 'm', NOW, 't')?.rates.perToken.inUncached).toBe(9007199254740993000001n)
})

test('dated prices hold each from its instant on, and the catalogue’s before the first', () => {
  const book = bookOf(`
openai:
  gpt-4o:
    - { input_per_1m: 3, output_per_1m: 12, valid_from: 2026-06-01T00:00:00+02:00 }
    - { input_per_1m: 2, output_per_1m: 8, valid_from: 2026-01-01 }
`)
  const at = (iso: string) =>
    usd({ buckets: { inUncached: 1_000_000 } }, book.price('openai', 'gpt-4o', Date.parse(iso), 't'))
  expect(at('2025-12-31T23:59:59.999Z')).toBe('2.5')
  expect(at('2026-01-01T00:00:00Z')).toBe('2')
  expect(at('2026-05-31T21:59:59.999Z')).toBe('2')
  expect(at('2026-05-31T22:00:00Z')).toBe('3')
})

test('cache, reasoning, audio, images, tools and long contexts are priced where a rate is given', () => {
  const book = bookOf(`
p:
  m:
    input_per_1m: 1
    output_per_1m: 2
    cache_read_per_1m: 0.1
    cache_write_per_1m: 1.25
    cache_write_1h_per_1m: 2
    reasoning_per_1m: 3
    input_audio_per_1m: 10
    output_audio_per_1m: 20
    input_image_per_1m: 5
    output_image_per_1m: 30
    tool_calls: { web_search_per_1k: 10, lookup_per_call: 0.5 }
    tiers: [{ above_input_tokens: 1000000, input_per_1m: 7, output_per_1m: 8 }]
`)
  const price = book.price('p', 'm', NOW, 't')!
  const per = (bucket: string) => usd({ buckets: { [bucket]: 1_000_000 } }, price)
  const buckets = [
    'inUncached',
    'inCacheRead',
    'inCacheWrite5m',
    'inCacheWrite1h',
    'inCacheWriteOther',
    'inAudio',
    'inImage',
    'inToolPrompt',
  ]
  expect(buckets.map(per)).toEqual(['1', '0.1', '1.25', '2', '2', '10', '5', '1'])
  expect(['outText', 'outReasoning', 'outAudio', 'outImage'].map(per)).toEqual(['2', '3', '20', '30'])
  expect(usd({ buckets: { outText: 0 }, toolCalls: { web_search: 3, lookup: 2 } }, price)).toBe('1.03')
  expect(usd({ buckets: { inUncached: 1_000_001, outText: 1_000_000 } }, price)).toBe('15.000007')
})

test('what follows from no given rate stays unpriced, and what follows does so as documented', () => {
  const book = bookOf(
    'p: { text: { input_per_1m: 1, output_per_1m: 2 }, cached: { input_per_1m: 1, cache_write_per_1m: 1.25 } }',
  )
  const rates = (model: string) => book.price('p', model, NOW, 't')!.rates.perToken
  expect(rates('text')).toEqual({
    inUncached: 1_000_000n,
    inCacheRead: 1_000_000n,
    inCacheWrite5m: 1_000_000n,
    inCacheWrite1h: 1_000_000n,
    inCacheWriteOther: 1_000_000n,
    inImage: 1_000_000n,
    inToolPrompt: 1_000_000n,
    outText: 2_000_000n,
    outReasoning: 2_000_000n,
  })
  expect(rates('cached').inCacheWrite1h).toBeUndefined()
  expect(rates('cached').outText).toBeUndefined()
})

test('a discount takes its exact share of every rate, rounded to a whole pico-USD, half up', () => {
  fc.assert(
    fc.property(fc.nat(1_000_000), fc.nat(3_000_000), (tenThousandths, rate) => {
      const percent = `${Math.floor(tenThousandths / 10_000)}.${String(tenThousandths % 10_000).padStart(4, '0')}`
      const book = bookOf(`
p: { m: { input_per_1m: ${Math.floor(rate / 1e6)}.${String(rate % 1e6).padStart(6, '0')} } }
tenant_overrides: { t: { discount_percent: ${percent} } }
`)
      const paid = book.price('p', 'm', NOW, 't')!.rates.perToken.inUncached!
      const twice = BigInt(rate) * BigInt(1_000_000 - tenThousandths) * 2n
      // |paid - exact| is at most a half, and a half is rounded up.
      expect(paid * 2_000_000n - twice <= 1_000_000n && twice - paid * 2_000_000n < 1_000_000n).toBe(true)
      expect(book.price('p', 'm', NOW, 'other')!.rates.perToken.inUncached).toBe(BigInt(rate))
    }),
  )
})

test('a discount of 100 % is free and one of 0 % changes nothing, not even the version', () => {
  const book = bookOf(
    'p: { m: { input_per_1m: 1 } }\ntenant_overrides: { all: { discount_percent: 100 }, none: { discount_percent: 0 } }',
  )
  expect(book.price('p', 'm', NOW, 'all')?.rates.perToken.inUncached).toBe(0n)
  expect(book.price('p', 'm', NOW, 'none')).toBe(book.price('p', 'm', NOW, 'default'))
  expect(book.price('p', 'm', NOW, 'all')).toBe(book.price('p', 'm', NOW, 'all'))
})

test.each([
  ['M41: a rate without a unit', 'p: { m: { input: 1 } }', 'p.m.input: input has no known unit'],
  ['M41: a rate in a unit that is none', 'p: { m: { input_per_1g: 1 } }', '_per_1k or _per_1m'],
  ['M41: a rate in two units', 'p: { m: { input_per_1k: 1, input_per_1m: 1000 } }', 'input has two units'],
  [
    'M41: a tool without a unit',
    'p: { m: { input_per_1m: 1, tool_calls: { search: 1 } } }',
    'tool_calls.search: search has no known unit',
  ],
  ['an unknown key', 'p: { m: { input_per_1m: 1, inptu_per_1m: 1 } }', 'inptu_per_1m is not known'],
  ['a negative rate', 'p: { m: { input_per_1m: -1 } }', 'p.m.input_per_1m: must be a decimal number, not negative'],
  ['a rate that is no number', 'p: { m: { input_per_1m: cheap } }', 'must be a decimal number'],
  ['a rate that is finer than can be kept', 'p: { m: { input_per_1m: 0.0000001 } }', 'at most 6 decimals'],
  ['no number', 'p: { m: { input_per_1m: .nan } }', 'must be a decimal number'],
  ['an absent rate', 'p: { m: { input_per_1m: } }', 'must be a decimal number'],
  ['a repeated model', 'p:\n  m: { input_per_1m: 1 }\n  m: { input_per_1m: 2 }', 'line 3'],
  ['a repeated key', 'p: { m: { input_per_1m: 1, input_per_1m: 1 } }', 'line 1'],
  ['a model without a rate', 'p: { m: { valid_from: 2026-01-01 } }', 'has no rate'],
  ['a day that is none', 'p: { m: { input_per_1m: 1, valid_from: 2026-02-30 } }', 'must be a date'],
  ['a time without its offset', 'p: { m: { input_per_1m: 1, valid_from: 2026-02-03T10:00 } }', 'must be a date'],
  ['two prices from one instant', 'p: { m: [{ input_per_1m: 1 }, { input_per_1m: 2 }] }', 'from the same instant'],
  [
    'tiers out of order',
    'p: { m: { input_per_1m: 1, tiers: [{ above_input_tokens: 9, input_per_1m: 1 }, { above_input_tokens: 9, input_per_1m: 1 }] } }',
    'ascending order',
  ],
  ['no tier', 'p: { m: { input_per_1m: 1, service_tiers: {} } }', 'must have a tier'],
  [
    'the usual tier',
    'p: { m: { input_per_1m: 1, service_tiers: { default: { input_per_1m: 1 } } } }',
    'default is the usual tier',
  ],
  [
    'a tier that no answer can name',
    'p: { m: { input_per_1m: 1, service_tiers: { us+batch: { input_per_1m: 1 } } } }',
    'us+batch is no name of a tier',
  ],
  [
    'a tier without a rate',
    'p: { m: { input_per_1m: 1, service_tiers: { flex: { tiers: [] } } } }',
    'p.m.service_tiers.flex: has no rate',
  ],
  [
    'M41: a rate of a tier without a unit',
    'p: { m: { input_per_1m: 1, service_tiers: { flex: { input: 1 } } } }',
    'service_tiers.flex.input: input has no known unit',
  ],
  [
    'a tier valid from a day',
    'p: { m: { input_per_1m: 1, service_tiers: { flex: { input_per_1m: 1, valid_from: 2026-01-01 } } } }',
    'no known unit',
  ],
  [
    'M41: a rate of a tier that is a hundred times off',
    'openai: { gpt-4o: { input_per_1m: 2.5, service_tiers: { flex: { input_per_1m: 1250 } } } }',
    'flex input is 1250000000',
  ],
  [
    'a discount above 100',
    'tenant_overrides: { t: { discount_percent: 100.0001 } }',
    'tenant_overrides.t.discount_percent: must be from 0 to 100',
  ],
  ['a discount that is too fine', 'tenant_overrides: { t: { discount_percent: 1.00001 } }', 'at most 4 decimals'],
  ['an unknown override', 'tenant_overrides: { t: { discount: 20 } }', 'discount is not known'],
  ['a list in the place of providers', '- openai', 'must be a map'],
])('%s is refused in one line that names the file and the place', (_, text, message) => {
  const problem = problemOf(() => bookOf(text))
  expect(problem).toContain(message)
  expect(problem).toMatch(/^pricing\.yaml line \d+[^\n]*$/)
})

const gpt4oPerThousand = (more: string) => `openai: { gpt-4o: { input_per_1k: 2.5, output_per_1k: 10${more} } }`

test('M41: a price a hundred times the catalogue’s, or a hundredth, must be confirmed', () => {
  expect(problemOf(() => bookOf(gpt4oPerThousand('')))).toContain('openai.gpt-4o: input is 2500000000 pico-USD')
  expect(problemOf(() => bookOf('openai: { gpt-4o: { input_per_1m: 0.0025, output_per_1m: 0.01 } }'))).toContain(
    'check the unit',
  )
  expect(usd(thousand, bookOf(gpt4oPerThousand(', confirmed: true')).price('openai', 'gpt-4o', NOW, 't'))).toBe('12.5')
  expect(() => bookOf('openai: { gpt-4o: { input_per_1m: 0, output_per_1m: 0 } }')).not.toThrow()
})

function problemOf(read: () => unknown): string {
  try {
    read()
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigurationError)
    return (error as Error).message
  }
  return 'nothing was refused'
}
