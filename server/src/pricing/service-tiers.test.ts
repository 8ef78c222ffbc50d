import { expect, test } from 'vitest'
import { type Cost, costOf } from '../core/price.ts'
import type { Usage } from '../core/usage.ts'
import { modelsOverlayFrom } from './models.ts'
import { overlayFrom } from './overlay.ts'
import { priceBookFrom } from './price-book.ts'
import { readYaml } from './yaml-document.ts'

const NOW = Date.UTC(2026, 10, 22)
const bookOf = (text: string) =>
  priceBookFrom(overlayFrom(readYaml(text, 'pricing.yaml')), modelsOverlayFrom(undefined))
const MILLION = 1_000_000
const tokens = (buckets: Usage['buckets'], more: Partial<Usage> = {}): Usage => ({ buckets, ...more })

function costAt(provider: string, model: string, usage: Usage, yaml = '', tenantId = 'default'): Cost {
  return costOf(usage, bookOf(yaml).price(provider, model, NOW, tenantId)!)
}
const cents = (cost: Cost) => (cost.kind === 'priced' ? Number(cost.costNanoUsd) / 10_000_000 : cost.missing)

test('M33: each kind of use is a dimension of its own with a rate of its own', () => {
  const anthropic = (usage: Usage) => cents(costAt('anthropic', 'claude-opus-5', usage))
  expect(anthropic(tokens({ inUncached: MILLION }))).toBe(500)
  expect(anthropic(tokens({ inCacheRead: MILLION }))).toBe(50)
  expect(anthropic(tokens({ inCacheWrite5m: MILLION }))).toBe(625)
  expect(anthropic(tokens({ inCacheWrite1h: MILLION }))).toBe(1_000)
  expect(anthropic(tokens({ outText: MILLION }))).toBe(2_500)
  expect(anthropic(tokens({ outReasoning: MILLION }))).toBe(2_500)
  expect(anthropic(tokens({ inUncached: 0 }, { toolCalls: { web_search: 3 } }))).toBe(3)
  expect(anthropic(tokens({ inAudio: 1 }))).toEqual(['inAudio'])
  const spoken = costAt('openai', 'gpt-audio', tokens({ inAudio: MILLION, outAudio: MILLION }))
  expect(spoken.kind === 'priced' && spoken.lines.map(({ what }) => what)).toEqual(['inAudio', 'outAudio'])
  expect(cents(costAt('openai', 'gpt-5', tokens({ inUncached: 0 }, { toolCalls: { file_search: 4 } })))).toBe(1)
})

test.each([
  ['openai', 'gpt-5', undefined, 1_125],
  ['openai', 'gpt-5', 'flex', 562.5],
  ['openai', 'gpt-5', 'batch', 562.5],
  ['openai', 'gpt-5-2025-08-07', 'priority', 2_250],
  ['openai', 'gpt-4o', 'priority', ['service tier priority']],
  ['openai', 'gpt-5', 'scale', ['service tier scale']],
  ['anthropic', 'claude-opus-5', 'batch', 1_500],
  ['anthropic', 'claude-opus-5', 'us', 3_300],
  ['anthropic', 'claude-opus-5', 'batch+us', 1_650],
  ['anthropic', 'claude-opus-5', 'fast', 6_000],
  ['anthropic', 'claude-opus-5', 'fast+us', 6_600],
  ['anthropic', 'claude-opus-5', 'priority', ['service tier priority']],
  ['anthropic', 'claude-sonnet-4-5', 'us', ['service tier us']],
  ['anthropic', 'claude-sonnet-5', 'fast', ['service tier fast']],
  ['gemini', 'gemini-3.5-flash', 'priority', ['service tier priority']],
  ['groq', 'openai/gpt-oss-120b', 'flex', ['service tier flex']],
] as const)('M33: a million in and out of %s %s, served at %s', (provider, model, serviceTier, expected) => {
  const usage = tokens({ inUncached: 100_000, outText: 100_000 }, { ...(serviceTier && { serviceTier }) })
  const cost = cents(costAt(provider, model, usage))
  expect(typeof cost === 'number' ? cost * 10 : cost).toEqual(expected)
})

test('M33: a long context has its own rates in each tier, and none where the tier does not serve it', () => {
  const at = (serviceTier?: string) =>
    cents(costAt('openai', 'gpt-5.4', tokens({ inUncached: MILLION }, { ...(serviceTier && { serviceTier }) })))
  expect(at()).toBe(500)
  expect(at('flex')).toBe(250)
  expect(at('priority')).toEqual(['inUncached'])
})

test('a batch halves tokens and no fees of tools, and a discount is taken off every tier', () => {
  const usage = tokens({ outText: MILLION }, { toolCalls: { web_search: 100 }, serviceTier: 'batch' })
  expect(cents(costAt('anthropic', 'claude-opus-5', usage))).toBe(1_250 + 100)
  const discount = 'tenant_overrides: { acme: { discount_percent: 20 } }'
  expect(cents(costAt('anthropic', 'claude-opus-5', usage, discount, 'acme'))).toBe(1_080)
})

const CONFIGURED = `
openai:
  gpt-5:
    input_per_1m: 1
    output_per_1m: 10
    service_tiers:
      flex: { input_per_1m: 0.4, output_per_1m: 4, tiers: [{ above_input_tokens: 1000, input_per_1m: 0.8, output_per_1m: 8 }] }
`

test('a configured price has the tiers that it names, whole, and no other', () => {
  const at = (serviceTier: string, inUncached: number) =>
    cents(costAt('openai', 'gpt-5', tokens({ inUncached }, { serviceTier }), CONFIGURED))
  expect(at('flex', 1_000)).toBe(0.04)
  expect(at('flex', 10_000)).toBe(0.8)
  expect(at('priority', 1_000)).toEqual(['service tier priority'])
})

test('prices that differ in a tier alone have different versions', () => {
  const version = (yaml: string) => bookOf(yaml).price('openai', 'gpt-5', NOW, 'default')!.version
  expect(version(CONFIGURED)).toBe(version(CONFIGURED))
  expect(version(CONFIGURED)).not.toBe(version(CONFIGURED.replace('input_per_1m: 0.8', 'input_per_1m: 0.9')))
  expect(version(CONFIGURED)).not.toBe(version(CONFIGURED.replace('flex', 'batch')))
})

test('a version that came after the one that the catalogue knows is not taken for it', () => {
  const known = (model: string) => bookOf('').knows('anthropic', model)
  expect(['claude-sonnet-5', 'claude-sonnet-5-20260101', 'claude-sonnet-5-5', 'claude-sonnet-5-5-20260901'].map(known)) //
    .toEqual([true, true, false, false])
})
