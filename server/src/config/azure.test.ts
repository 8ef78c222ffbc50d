import { expect, test } from 'vitest'
import { modelsOverlayFrom } from '../pricing/models.ts'
import { NO_OVERLAY } from '../pricing/overlay.ts'
import { priceBookFrom } from '../pricing/price-book.ts'
import { readYaml } from '../pricing/yaml-document.ts'
import { credentialNames } from './credentials.ts'
import { deploymentsFrom } from './deployments.ts'
import { readEnvironment } from './env.ts'
import { proxyFileFrom } from './proxy-file.ts'

const prices = priceBookFrom(NO_OVERLAY, modelsOverlayFrom(undefined))
const OWN = 'https://mine.openai.azure.com'
const KEY = { AZURE_OPENAI_API_KEY: 'az' }
const proxyOf = (parameters: string, more = '') =>
  proxyFileFrom(readYaml(`model_list: [{ model_name: chat, litellm_params: { ${parameters} }${more} }]`, 'proxy.yaml'))
const at = (environment: Record<string, string>, parameters: string, more = '') => {
  const proxy = proxyOf(parameters, more)
  const { resolve } = deploymentsFrom(readEnvironment(environment), { proxy }, prices, 'http://127.0.0.1:1')
  return (model = 'chat', format = 'openai-chat') => resolve(format, model)[0]
}

test('an entry of Azure names a deployment, and beside it the model that it is', () => {
  const parameters = `model: azure/eu-4o, api_base: "${OWN}/", api_version: "2024-10-21"`
  for (const more of [', model_info: { base_model: azure/gpt-4o }', ', model_info: { base_model: gpt-4o }'])
    expect(at(KEY, parameters, more)()).toMatchObject({
      provider: 'azure_openai',
      endpoint: 'azure',
      baseUrl: OWN,
      model: 'gpt-4o',
      upstreamModel: 'eu-4o',
      apiVersion: '2024-10-21',
      credential: 'az',
      credentialName: 'AZURE_OPENAI_API_KEY',
      knowsMaxCompletionTokens: true,
      ceilings: { contextTokens: 128_000 },
    })
  expect(at(KEY, `${parameters}, base_model: gpt-4o`)('chat', 'openai-embeddings')).toMatchObject({ model: 'gpt-4o' })
  expect(prices.price('azure_openai', 'gpt-4o', Date.now(), 'any')).toBeDefined()
})

test('what an entry leaves out, the environment says', () => {
  const environment = { ...KEY, AZURE_OPENAI_ENDPOINT: `${OWN}/openai/v1/`, OPENAI_API_VERSION: '2024-06-01' }
  const older = at(environment, 'model: azure_openai/eu-4o')()
  expect(older).toMatchObject({ baseUrl: OWN, apiVersion: '2024-06-01', knowsMaxCompletionTokens: false })
  const newer = { ...environment, AZURE_OPENAI_API_VERSION: '2024-10-21' }
  expect(at(newer, 'model: azure/eu-4o')()?.apiVersion).toBe('2024-10-21')
  expect(at(newer, 'model: azure/eu-4o, api_version: preview')()?.apiVersion).toBe('preview')
  expect(at({ ...KEY, AZURE_OPENAI_ENDPOINT: OWN }, 'model: azure/eu-4o')()?.apiVersion).toBe('v1')
})

test('without an entry, a deployment is served that is called like a model of Azure, and no other', () => {
  const resolve = at({ ...KEY, AZURE_OPENAI_ENDPOINT: OWN }, 'model: openai/gpt-4o')
  expect(resolve('gpt-4o-mini')).toMatchObject({ provider: 'azure_openai', upstreamModel: 'gpt-4o-mini', baseUrl: OWN })
  expect(resolve('no-such-deployment')).toBeUndefined()
  expect(at(KEY, 'model: openai/gpt-4o')('gpt-4o-mini')).toBeUndefined()
})

test('an address of Azure is known as such, and its credential is asked for by name', () => {
  const parameters = `model: eu-4o, api_base: "https://mine.cognitiveservices.azure.com", api_key: "\${TEAM}"`
  expect(at({ TEAM: 't' }, parameters)()).toMatchObject({ provider: 'azure_openai', credential: 't' })
  expect(credentialNames(proxyOf('model: azure/eu-4o')).needed).toEqual(['AZURE_OPENAI_API_KEY'])
})

test.each([
  ['model: azure/eu-4o', 'api_base is missing'],
  [`model: azure/eu-4o, api_base: "${OWN}", api_version: "2024/10"`, 'is no api_version'],
  ['model: openai/gpt-4o, api_version: "2024-10-21"', 'api_version is for Azure'],
])('{ %s } is refused: %s', (parameters, message) => {
  expect(() => at(KEY, parameters)).toThrow(message)
})

test('a version in the environment that cannot be a part of an address is refused', () => {
  expect(() => readEnvironment({ OPENAI_API_VERSION: 'a/b' })).toThrow('OPENAI_API_VERSION must be a version')
  expect(() => readEnvironment({ AZURE_OPENAI_ENDPOINT: 'mine' })).toThrow('AZURE_OPENAI_ENDPOINT: must be a URL')
})
