import { expect, test } from 'vitest'
import { modelsOverlayFrom } from '../pricing/models.ts'
import { NO_OVERLAY } from '../pricing/overlay.ts'
import { priceBookFrom } from '../pricing/price-book.ts'
import { readYaml } from '../pricing/yaml-document.ts'
import { deploymentsFrom } from './deployments.ts'
import { readEnvironment } from './env.ts'
import { proxyFileFrom } from './proxy-file.ts'

const prices = priceBookFrom(NO_OVERLAY, modelsOverlayFrom(undefined))
function resolve(environment: Record<string, string>, format: string, model: string, list = '[]') {
  const proxy = proxyFileFrom(readYaml(`model_list: ${list}`, 'proxy.yaml'))
  return deploymentsFrom(readEnvironment(environment), { proxy }, prices, 'http://127.0.0.1:1').resolve(
    format,
    model,
  )[0]
}

test('a credential serves the models that the price book knows, by either of the names that Google has for it', () => {
  for (const environment of [{ GEMINI_API_KEY: 'AIza' }, { GOOGLE_API_KEY: 'AIza' }])
    for (const [format, model] of [
      ['gemini-generate', 'gemini-2.5-flash'],
      ['gemini-embed', 'gemini-embedding-001'],
    ] as const)
      expect(resolve(environment, format, model)).toMatchObject({
        ...{ provider: 'gemini', credential: 'AIza', baseUrl: 'https://generativelanguage.googleapis.com' },
      })
  const both = { GEMINI_API_KEY: 'AIza', GOOGLE_API_KEY: 'AIzb' }
  expect(resolve(both, 'gemini-generate', 'gemini-2.5-flash')?.credential).toBe('AIza')
  expect(resolve({ GEMINI_API_KEY: 'AIza' }, 'gemini-generate', 'gpt-4o')).toBeUndefined()
  expect(resolve({}, 'gemini-generate', 'gemini-2.5-flash')).toBeUndefined()
})

test('another base URL is set by either name too', () => {
  for (const name of ['GEMINI_BASE_URL', 'GOOGLE_GEMINI_BASE_URL']) {
    const environment = { GEMINI_API_KEY: 'AIza', [name]: 'http://127.0.0.1:9/' }
    expect(resolve(environment, 'gemini-generate', 'any')?.baseUrl).toBe('http://127.0.0.1:9')
  }
})

test('a client that leaves does not stop Google’s bill, so its answers are drained, unless proxy.yaml says otherwise', () => {
  const environment = { GEMINI_API_KEY: 'AIza', TOKEN_TRACKR_DISCONNECT: 'abort' }
  expect(resolve(environment, 'gemini-generate', 'gemini-2.5-flash')?.disconnect).toBe('drain')
  const listed = (more: string) => `[{ model_name: m, litellm_params: { model: gemini/gemini-2.5-flash${more} } }]`
  expect(resolve(environment, 'gemini-generate', 'm', listed(''))?.disconnect).toBe('drain')
  expect(resolve(environment, 'gemini-generate', 'm', listed(', disconnect: abort'))?.disconnect).toBe('abort')
})
