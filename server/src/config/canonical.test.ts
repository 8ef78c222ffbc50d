import { expect, test } from 'vitest'
import { modelsOverlayFrom } from '../pricing/models.ts'
import { overlayFrom } from '../pricing/overlay.ts'
import { priceBookFrom } from '../pricing/price-book.ts'
import { readYaml } from '../pricing/yaml-document.ts'
import { deploymentsFrom } from './deployments.ts'
import { readEnvironment } from './env.ts'
import { limitsFrom } from './limits.ts'
import { proxyFileFrom } from './proxy-file.ts'

const bookWith = (pricing: string) =>
  priceBookFrom(overlayFrom(readYaml(pricing, 'pricing.yaml')), modelsOverlayFrom(undefined))
const book = bookWith('')
const KEYS = { OPENAI_API_KEY: 'sk', ANTHROPIC_API_KEY: 'sk-ant' }
const at = (proxyText = '', pricing = '', environment: Record<string, string> = KEYS) => {
  const proxy = proxyFileFrom(readYaml(proxyText, 'proxy.yaml'))
  const deployments = deploymentsFrom(readEnvironment(environment), { proxy }, bookWith(pricing), 'http://127.0.0.1:1')
  const named = (format: string, model: string) => {
    const { model: canonical, upstreamModel } = deployments.resolve(format, model)[0] ?? {}
    return [canonical, upstreamModel]
  }
  return { deployments, proxy, named }
}

test.each([
  ['openai', 'gpt-4o-2024-08-06', 'gpt-4o'],
  ['openai', 'gpt-4o-2024-05-13', 'gpt-4o-2024-05-13'],
  ['openai', 'gpt-5.1-2025-11-13', 'gpt-5.1'],
  ['anthropic', 'claude-3-haiku-20240307', 'claude-3-haiku'],
  ['anthropic', 'claude-opus-4-5-20251101', 'claude-opus-4-5'],
  ['anthropic', 'claude-sonnet-5-5', 'claude-sonnet-5-5'],
  ['azure_openai', 'gpt-4o-2024-11-20', 'gpt-4o'],
  ['bedrock', 'us.anthropic.claude-3-haiku-20240307-v1:0', 'regional.anthropic.claude-3-haiku-20240307-v1:0'],
  ['bedrock', 'anthropic.claude-3-haiku-20240307-v1:0', 'regional.anthropic.claude-3-haiku-20240307-v1:0'],
  [
    'bedrock',
    'arn:aws:bedrock:eu-west-1:123456789012:inference-profile/eu.anthropic.claude-haiku-4-5-20251001-v1:0',
    'regional.anthropic.claude-haiku-4-5-20251001-v1:0',
  ],
  ['bedrock', 'global.anthropic.claude-haiku-4-5-20251001-v1:0', 'global.anthropic.claude-haiku-4-5-20251001-v1:0'],
  ['my-host.example', 'gpt-4o-2024-08-06', 'gpt-4o-2024-08-06'],
  ['openai', 'constructor', 'constructor'],
])('the one name of %s %s is %s', (provider, name, canonical) => {
  expect(book.canonical(provider, name)).toBe(canonical)
  expect(book.canonical(provider, canonical)).toBe(canonical)
  const atMs = Date.UTC(2026, 10, 22)
  expect(book.price(provider, canonical, atMs, 'default')).toEqual(book.price(provider, name, atMs, 'default'))
})

test('names that are one have one price, at any instant', () => {
  const dated = ['gpt-4o', 'gpt-4o-2024-08-06', 'gpt-4o-2024-11-20', 'gpt-4o-2024-05-13']
  for (const name of dated) {
    const atMs = Date.UTC(2026, 10, 22)
    const price = book.price('openai', name, atMs, 'default')
    expect(price).toEqual(book.price('openai', book.canonical('openai', name), atMs, 'default') ?? null)
  }
})

const OWN_PRICES = `
openai:
  gpt-4o: { input_per_1m: 2, output_per_1m: 8 }
  gpt-4o-2024-11-20: { input_per_1m: 3, output_per_1m: 9 }
`

test('a name that the configuration has stays, and its price holds for the other names of the model', () => {
  const own = bookWith(OWN_PRICES)
  expect(own.canonical('openai', 'gpt-4o-2024-11-20')).toBe('gpt-4o-2024-11-20')
  expect(own.canonical('openai', 'gpt-4o-2024-08-06')).toBe('gpt-4o')
  const input = (name: string) => own.price('openai', name, 0, 'default')?.rates.perToken.inUncached
  expect(['gpt-4o', 'gpt-4o-2024-08-06', 'gpt-4o-2024-11-20'].map(input)).toEqual([2_000_000n, 2_000_000n, 3_000_000n])
})

test('Q12: a model is one for limits, prices and reports, and the provider is sent a name that it takes', () => {
  const { named } = at()
  expect(named('openai-chat', 'gpt-4o-2024-08-06')).toEqual(['gpt-4o', 'gpt-4o-2024-08-06'])
  expect(named('anthropic-messages', 'claude-3-haiku')).toEqual(['claude-3-haiku', 'claude-3-haiku-20240307'])
  expect(named('anthropic-messages', 'claude-3-haiku-20240307')).toEqual(['claude-3-haiku', 'claude-3-haiku-20240307'])
  expect(named('anthropic-messages', 'claude-opus-4-5')).toEqual(['claude-opus-4-5', 'claude-opus-4-5'])
  // Two dated versions: Anthropic may choose, or refuse.
  expect(named('anthropic-messages', 'claude-3-5-sonnet')).toEqual(['claude-3-5-sonnet', 'claude-3-5-sonnet'])
})

const LISTED = `
model_list:
  - { model_name: fast, litellm_params: { model: gpt-4o-mini-2024-07-18, api_key: "\${OPENAI_API_KEY}" } }
  - model_name: ours
    litellm_params: { model: our-deployment, api_key: "\${OPENAI_API_KEY}", api_base: "https://ours.example/v1" }
    model_info: { base_model: gpt-4o-2024-08-06 }
  - model_name: both
    litellm_params: { model: gpt-4o, api_key: "\${OPENAI_API_KEY}" }
  - model_name: both
    litellm_params: { model: groq/llama-3.1-8b-instant }
rate_limits:
  - { model: fast, limit: 10, period: minute }
  - { model: gpt-4o-2024-11-20, limit: 20, period: minute }
  - { model: both, limit: 30, period: minute }
  - { model: nobody-knows, limit: 40, period: minute }
`

test('a deployment with a name of its own is the model that base_model says, and is sent its own name', () => {
  const { named, deployments } = at(LISTED)
  expect(named('openai-chat', 'ours')).toEqual(['gpt-4o', 'our-deployment'])
  expect(deployments.resolve('openai-chat', 'ours')[0]!.ceilings).toEqual({ contextTokens: 128_000 })
  const here = (text: string) => at(`model_list: [{ model_name: m, litellm_params: { ${text} } }]`)
  expect(here('model: openai/mine, base_model: gpt-4o').named('openai-chat', 'm')).toEqual(['gpt-4o', 'mine'])
  const twice =
    'model_list: [{ model_name: m, litellm_params: { model: openai/x, base_model: a }, model_info: { base_model: b } }]'
  expect(() => at(twice)).toThrow('base_model is both b and a')
})

test('Q12: a limit by any name of a model is a limit of the model', () => {
  const { deployments, proxy } = at(LISTED)
  const scopes = limitsFrom(proxy, deployments, 't').map(({ scope, amount }) => [scope.id, Number(amount)])
  expect(scopes).toEqual([
    ['gpt-4o-mini', 10],
    ['gpt-4o', 20],
    ['gpt-4o', 30],
    ['llama-3.1-8b-instant', 30],
    ['nobody-knows', 40],
  ])
  // Also where no credential serves it yet.
  expect(at('', '', {}).deployments.canonical('gpt-4o-2024-11-20')).toEqual(['gpt-4o'])
})

test('a host of somebody’s own serves any name, and says which of them nobody has heard of', () => {
  const { deployments } = at('', '', { OPENAI_API_KEY: 'sk', OPENAI_BASE_URL: 'http://127.0.0.1:9/v1' })
  const unheardOf = (model: string) => deployments.resolve('openai-chat', model)[0]!.isUnheardOf
  expect(['gpt-4o', 'gpt-4o-2024-08-06', 'made-up'].map(unheardOf)).toEqual([undefined, undefined, true])
  const both = { ...KEYS, OPENAI_BASE_URL: 'http://127.0.0.1:9/v1', ANTHROPIC_BASE_URL: 'http://127.0.0.1:9' }
  expect(at('', '', both).deployments.canonical('gpt-4o-2024-08-06')).toEqual(['gpt-4o'])
  expect(at('', '', both).deployments.canonical('made-up')).toEqual(['made-up'])
})

test('a model is listed once, whatever formats it is served in', () => {
  const names = at(LISTED)
    .deployments.models()
    .filter(({ format }) => format === 'openai-chat')
    .map(({ model }) => model)
  expect(names).toEqual([...new Set(names)])
})
