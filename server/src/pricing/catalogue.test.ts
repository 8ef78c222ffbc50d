import { calcPrice, findProvider } from '@pydantic/genai-prices'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { usdFromNano } from '../core/money.ts'
import { costOf } from '../core/price.ts'
import type { Buckets } from '../core/usage.ts'
import { catalogueRow } from './catalogue.ts'

const NOW = Date.UTC(2026, 10, 22, 12)

function costUsd(provider: string, model: string, buckets: Buckets, atMs = NOW): string | undefined {
  const price = catalogueRow(provider, model)?.priceAt(atMs)
  const cost = price && costOf({ buckets }, price)
  return cost?.kind === 'priced' ? usdFromNano(cost.costNanoUsd) : undefined
}

test('R3: 5,000 tokens in and 1,200 out of Claude Sonnet 4.5 cost $0.033', () => {
  expect(costUsd('anthropic', 'claude-sonnet-4-5', { inUncached: 5_000, outText: 1_200 })).toBe('0.033')
  expect(costUsd('anthropic', 'claude-sonnet-4-5-20250929', { inUncached: 5_000, outText: 1_200 })).toBe('0.033')
})

test('R3: Claude Opus costs $15 and $75 per million tokens, and Claude Haiku $0.25 and $1.25', () => {
  expect(costUsd('anthropic', 'claude-3-opus-20240229', { inUncached: 1_000_000, outText: 1_000_000 })).toBe('90')
  expect(costUsd('anthropic', 'claude-3-haiku', { inUncached: 1_000_000, outText: 1_000_000 })).toBe('1.5')
})

test('M30: input, cache writes and reads of Anthropic are each billed once', () => {
  const usage = { inUncached: 3, inCacheWrite5m: 12_304, inCacheRead: 0, outText: 550 }
  expect(costUsd('anthropic', 'claude-sonnet-4-5', usage)).toBe('0.054399')
})

test('M31: cached input of OpenAI is billed at its own rate and no second time as input', () => {
  // 2,006 prompt tokens of which 1,920 were cached: 86 at $2.50 and 1,920 at $1.25 per million.
  expect(costUsd('openai', 'gpt-4o', { inUncached: 86, inCacheRead: 1_920, outText: 300 })).toBe('0.005615')
})

const write = (bucket: keyof Buckets) => costUsd('anthropic', 'claude-sonnet-4-5', { [bucket]: 1_000_000 - 900_000 })

test('P19: a one-hour cache write is dearer than one of five minutes, and one of unknown duration counts as the dearer', () => {
  expect(
    ['inCacheWrite5m', 'inCacheWrite1h', 'inCacheWriteOther'].map((bucket) => write(bucket as keyof Buckets)),
  ).toEqual(['0.375', '0.6', '0.6'])
})

test('P22: above its threshold a long context has its own rates, for all of its tokens', () => {
  expect(costUsd('anthropic', 'claude-sonnet-4-5', { inUncached: 200_000, outText: 1_000 })).toBe('0.615')
  expect(costUsd('anthropic', 'claude-sonnet-4-5', { inUncached: 200_001, outText: 1_000 })).toBe('1.222506')
})

const o3At = (iso: string) => costUsd('openai', 'o3', { inUncached: 1_000_000 }, Date.parse(iso))

test('a price holds from its date on, and the one before it until then', () => {
  expect(o3At('2025-06-09T23:59:59.999Z')).toBe('10')
  expect(o3At('2025-06-10T00:00:00.000Z')).toBe('2')
})

test('Q11: a model or a provider that the catalogue does not have has no price, which is not a price of 0', () => {
  expect(catalogueRow('openai', 'no-such-model')).toBeUndefined()
  expect(catalogueRow('no-such-provider', 'gpt-4o')).toBeUndefined()
  expect(catalogueRow('my-openai-proxy', 'gpt-4o')).toBeUndefined()
  expect(catalogueRow('anthropic-compatible', 'claude-3-haiku')).toBeUndefined()
  expect(catalogueRow('__proto__', 'constructor')).toBeUndefined()
})

test('what the catalogue gives no rate for is unpriced: audio where only text has one, fees that are not counted', () => {
  expect(costUsd('openai', 'gpt-4o', { inAudio: 1 })).toBeUndefined()
  expect(costUsd('openai', 'gpt-audio', { inAudio: 1_000_000 })).toBe('32')
  expect(costUsd('openai', 'whisper-1', { inUncached: 1 })).toBeUndefined()
})

const version = (model: string, at = NOW) => catalogueRow('openai', model)?.priceAt(at)?.version

test('a price has the same version for the same content, and another for another', () => {
  expect(version('gpt-4o')).toMatch(/^[0-9a-f]{16}$/)
  expect(version('gpt-4o-2024-08-06')).toBe(version('gpt-4o'))
  expect(version('gpt-4o-mini')).not.toBe(version('gpt-4o'))
  expect(version('o3', 0)).not.toBe(version('o3'))
})

const PROVIDERS = [
  'openai',
  'anthropic',
  'bedrock',
  'azure_openai',
  'gemini',
  'groq',
  'mistral',
  'deepseek',
  'openrouter',
  'xai',
]
const THEIRS = new Map([
  ['bedrock', 'aws'],
  ['azure_openai', 'azure'],
  ['gemini', 'google'],
  ['xai', 'x-ai'],
])
const models = PROVIDERS.flatMap((provider) =>
  findProvider({ providerId: THEIRS.get(provider) ?? provider })!.models.map(({ id }) => ({ provider, model: id })),
)

test('costs are those of the catalogue’s own calculator, for every model, at any instant', () => {
  let compared = 0
  fc.assert(
    fc.property(
      fc.constantFrom(...models),
      fc.integer({ min: Date.UTC(2024, 0, 1), max: Date.UTC(2027, 6, 1) }),
      fc.record({
        inUncached: fc.integer({ min: 1, max: 400_000 }),
        inCacheRead: fc.nat(100_000),
        outText: fc.nat(50_000),
      }),
      ({ provider, model }, atMs, buckets) => {
        const ours = costUsd(provider, model, buckets, atMs)
        if (ours === undefined) return
        const theirs = calcPrice(
          {
            input_tokens: buckets.inUncached + buckets.inCacheRead,
            cache_read_tokens: buckets.inCacheRead,
            output_tokens: buckets.outText,
          },
          model,
          { providerId: THEIRS.get(provider) ?? provider, timestamp: new Date(atMs) },
        )
        // Its rules do not match every id of its own.
        if (theirs === null) return
        compared++
        expect(Math.abs(Number(ours) - theirs.total_price)).toBeLessThanOrEqual(theirs.total_price * 1e-9 + 2e-9)
      },
    ),
    { numRuns: 1500 },
  )
  expect(compared).toBeGreaterThan(1000)
})

test('a month with its year is a date of the same version: Cohere’s models, and a rate that the catalogue lacks', () => {
  expect(costUsd('cohere', 'command-a-03-2025', { inUncached: 1_000_000, outText: 1_000_000 })).toBe('12.5')
  expect(catalogueRow('cohere', 'command-r-08-2024')?.id).toBe('command-r')
  expect(catalogueRow('cohere', 'command-r-09')).toBeUndefined()
  expect(costUsd('cohere', 'embed-v4.0', { inUncached: 1_000_000, inImage: 1_000_000 })).toBe('0.59')
})
