import { expect, test } from 'vitest'
import { modelsOverlayFrom } from '../pricing/models.ts'
import { NO_OVERLAY } from '../pricing/overlay.ts'
import { priceBookFrom } from '../pricing/price-book.ts'
import { readYaml } from '../pricing/yaml-document.ts'
import { deploymentsFrom } from './deployments.ts'
import { readEnvironment } from './env.ts'
import { proxyFileFrom } from './proxy-file.ts'

const prices = priceBookFrom(NO_OVERLAY, modelsOverlayFrom(undefined))
const SIMULATED_URL = 'http://127.0.0.1:1'
const at = (environment: Record<string, string>, ...parameters: string[]) => {
  const list = parameters.map((text, index) => `{ model_name: m${index}, litellm_params: { ${text} } }`)
  const proxy = proxyFileFrom(readYaml(`model_list: [${list.join()}]`, 'proxy.yaml'))
  const deployments = deploymentsFrom(readEnvironment(environment), { proxy }, prices, SIMULATED_URL)
  return { ...deployments, resolve: (format: string, model: string) => deployments.resolve(format, model)[0] }
}

test('simulated models are there in every format, without any credential', () => {
  const { resolve, models } = at({})
  for (const format of ['openai-chat', 'openai-responses', 'anthropic-messages'])
    for (const model of ['sim-small', 'sim-large', 'sim-thinking']) {
      expect(resolve(format, model)).toMatchObject({ provider: 'sim', format, model, baseUrl: SIMULATED_URL })
      expect(resolve(format, model)!.name).toBe(`sim ${model} at ${new URL(SIMULATED_URL).host}`)
      expect(resolve(format, model)?.credential).toBeDefined()
      expect(models()).toContainEqual({ model, provider: 'sim', format })
    }
  expect(resolve('openai-chat', 'sim-other')).toBeUndefined()
  expect(resolve('no-such-format', 'sim-small')).toBeUndefined()
})

test('a credential in the environment serves the models that the price book knows there, in the formats of that host', () => {
  const { resolve } = at({ OPENAI_API_KEY: 'sk', ANTHROPIC_API_KEY: 'sk-ant' })
  expect(resolve('openai-chat', 'gpt-4o')).toMatchObject({
    provider: 'openai',
    model: 'gpt-4o',
    upstreamModel: 'gpt-4o',
    credential: 'sk',
    knowsMaxCompletionTokens: true,
    ceilings: { contextTokens: 128_000, outputTokens: 16_384 },
    disconnect: 'abort',
  })
  expect(resolve('anthropic-messages', 'claude-3-haiku')).toMatchObject({
    provider: 'anthropic',
    baseUrl: 'https://api.anthropic.com',
    credential: 'sk-ant',
  })
  expect(resolve('openai-chat', 'claude-3-haiku')).toMatchObject({ provider: 'anthropic', endpoint: 'anthropic' })
  expect(resolve('anthropic-messages', 'gpt-4o')).toBeUndefined()
  expect(resolve('openai-chat', 'no-such-model')).toBeUndefined()
  expect(at({}).resolve('openai-chat', 'gpt-4o')).toBeUndefined()
})

test('at a base URL that is not the provider’s own, any model is served, with what every host knows', () => {
  const { resolve } = at({ OPENAI_API_KEY: 'sk', OPENAI_BASE_URL: 'http://127.0.0.1:9/v1/' })
  expect(resolve('openai-chat', 'my-own-model')).toMatchObject({
    provider: 'openai',
    baseUrl: 'http://127.0.0.1:9/v1',
    ceilings: {},
    knowsMaxCompletionTokens: false,
  })
  const own = at({ OPENAI_API_KEY: 'sk', OPENAI_BASE_URL: 'https://api.openai.com/v1/' })
  expect(own.resolve('openai-chat', 'my-own-model')).toBeUndefined()
})

test('a model’s name that no provider would give is not served: it could not be kept or shown', () => {
  const { resolve } = at({ OPENAI_API_KEY: 'sk', OPENAI_BASE_URL: 'http://127.0.0.1:9/v1' })
  for (const name of ['', ' ', 'a b', 'a\nb', '\ud800', 'х', 'm'.repeat(201), '\u202emodel'])
    expect(resolve('openai-chat', name)).toBeUndefined()
  for (const name of ['__proto__', 'constructor']) expect(resolve('openai-chat', name)?.upstreamModel).toBe(name)
})

test.each([
  [
    'model: groq/llama-3.3-70b-versatile',
    'groq',
    'llama-3.3-70b-versatile',
    'GROQ_API_KEY',
    'https://api.groq.com/openai/v1',
  ],
  ['model: groq/openai/gpt-oss-120b', 'groq', 'openai/gpt-oss-120b', 'GROQ_API_KEY', 'https://api.groq.com/openai/v1'],
  [
    'model: openrouter/openai/gpt-4o',
    'openrouter',
    'openai/gpt-4o',
    'OPENROUTER_API_KEY',
    'https://openrouter.ai/api/v1',
  ],
  [
    'model: meta-llama/x, api_key: "${GROQ_API_KEY}"',
    'groq',
    'meta-llama/x',
    'GROQ_API_KEY',
    'https://api.groq.com/openai/v1',
  ],
  ['model: openai/gpt-4o, api_key: "${TEAM_KEY}"', 'openai', 'gpt-4o', 'TEAM_KEY', 'https://api.openai.com/v1'],
  [
    'model: x, api_key: "${K}", api_base: "https://api.deepseek.com/v1"',
    'deepseek',
    'x',
    'K',
    'https://api.deepseek.com/v1',
  ],
  [
    'model: llama3, api_key: "${K}", api_base: "http://127.0.0.1:11434/v1/"',
    '127.0.0.1:11434',
    'llama3',
    'K',
    'http://127.0.0.1:11434/v1',
  ],
  ['model: openai/x, api_base: "http://127.0.0.1:8/v1"', 'openai', 'x', 'OPENAI_API_KEY', 'http://127.0.0.1:8/v1'],
])('of an entry with { %s } the provider is %s', (parameters, provider, model, credentialName, baseUrl) => {
  const { resolve } = at({ [credentialName]: 'secret' }, parameters)
  expect(resolve('openai-chat', 'm0')).toMatchObject({ provider, model, credentialName, baseUrl, credential: 'secret' })
})

test('a host serves the APIs that it documents; one that nobody knows may have any', () => {
  const served = (parameters: string) => {
    const { resolve } = at({}, parameters)
    return ['chat', 'responses', 'embeddings', 'completions'].filter((api) => resolve(`openai-${api}`, 'm0'))
  }
  expect(served('model: openai/gpt-4o')).toEqual(['chat', 'responses', 'embeddings', 'completions'])
  expect(served('model: openai/x, api_base: "http://127.0.0.1:8/v1"')).toEqual(served('model: openai/gpt-4o'))
  expect(served('model: x, api_key: "${K}", api_base: "http://127.0.0.1:8/v1"')).toEqual(served('model: openai/gpt-4o'))
  expect(served('model: groq/x')).toEqual(['chat', 'responses'])
  expect(served('model: mistral/x')).toEqual(['chat', 'embeddings'])
  expect(served('model: together/x')).toEqual(['chat', 'embeddings', 'completions'])
  expect(served('model: x, api_key: "${K}", api_base: "https://api.deepseek.com/beta"')).toEqual([
    'chat',
    'completions',
  ])
})

test('an entry of Anthropic is served in its format and in that of OpenAI, and its policy for hang-ups goes before the environment’s', () => {
  const { resolve, models } = at(
    { TOKEN_TRACKR_DISCONNECT: 'drain' },
    'model: anthropic/claude-haiku-4-5, disconnect: abort',
    'model: openai/gpt-4o',
  )
  expect(resolve('anthropic-messages', 'm0')).toMatchObject({
    model: 'claude-haiku-4-5',
    disconnect: 'abort',
    credential: undefined,
  })
  expect(resolve('openai-chat', 'm0')).toMatchObject({ provider: 'anthropic', disconnect: 'abort' })
  expect(resolve('openai-responses', 'm0')).toBeUndefined()
  expect(resolve('openai-chat', 'm1')?.disconnect).toBe('drain')
  expect(models()).toContainEqual({ model: 'm0', provider: 'anthropic', format: 'anthropic-messages' })
})

test('entries of one name stand in for each other in their order; the same one twice is a mistake', () => {
  const list = (...models: string[]) => {
    const entries = models.map((model) => `{ model_name: chat, litellm_params: { model: ${model} } }`)
    const proxy = proxyFileFrom(readYaml(`model_list: [${entries.join()}]`, 'proxy.yaml'))
    return deploymentsFrom(readEnvironment({}), { proxy }, prices, SIMULATED_URL)
  }
  const serving = list('openai/gpt-4o', 'groq/llama-3.3-70b-versatile').resolve('openai-chat', 'chat')
  expect(serving.map(({ provider }) => provider)).toEqual(['openai', 'groq'])
  expect(() => list('openai/gpt-4o', 'openai/gpt-4o')).toThrow('chat is there already')
})

test('a host’s own clients may have other names for its credential and address', () => {
  const model = 'command-a-03-2025'
  for (const name of ['COHERE_API_KEY', 'CO_API_KEY'])
    expect(at({ [name]: 'co' }).resolve('cohere-chat', model)).toMatchObject({
      ...{ provider: 'cohere', credential: 'co', model: 'command-a', upstreamModel: model },
      ...{ baseUrl: 'https://api.cohere.com', disconnect: 'abort' },
    })
  for (const name of ['COHERE_BASE_URL', 'CO_API_URL'])
    expect(at({ CO_API_KEY: 'co', [name]: 'http://127.0.0.1:9' }).resolve('cohere-embed', 'any')?.baseUrl).toBe(
      'http://127.0.0.1:9',
    )
  expect(at({}).resolve('cohere-chat', model)).toBeUndefined()
})
