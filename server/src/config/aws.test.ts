import { expect, test } from 'vitest'
import { modelsOverlayFrom } from '../pricing/models.ts'
import { overlayFrom } from '../pricing/overlay.ts'
import { priceBookFrom } from '../pricing/price-book.ts'
import { readYaml } from '../pricing/yaml-document.ts'
import { deploymentsFrom } from './deployments.ts'
import { readEnvironment } from './env.ts'
import { proxyFileFrom } from './proxy-file.ts'

const prices = priceBookFrom(overlayFrom(readYaml('', 'pricing.yaml')), modelsOverlayFrom(undefined))
const CLAUDE = 'us.anthropic.claude-haiku-4-5-20251001-v1:0'
const KEYS = { AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE', AWS_SECRET_ACCESS_KEY: 'secret', AWS_REGION: 'eu-west-1' }

/** The deployment of a name in Converse's format; undefined where nobody serves it. */
function resolved(environment: Record<string, string>, name = CLAUDE, file = '', format = 'bedrock-converse') {
  const proxy = proxyFileFrom(readYaml(file, 'proxy.yaml'))
  return deploymentsFrom(readEnvironment(environment), { proxy }, prices, 'http://127.0.0.1:1').resolve(format, name)[0]
}
const listing = (more: string) =>
  `model_list: [{ model_name: claude, litellm_params: { model: bedrock/${CLAUDE}${more} } }]`

test('an access key and a region open every model that has a price, in both APIs, signed and drained', () => {
  for (const format of ['bedrock-converse', 'bedrock-invoke'])
    expect(resolved(KEYS, CLAUDE, '', format)).toMatchObject({
      provider: 'bedrock',
      format,
      baseUrl: 'https://bedrock-runtime.eu-west-1.amazonaws.com',
      upstreamModel: CLAUDE,
      credential: 'secret',
      credentialName: 'AWS_SECRET_ACCESS_KEY',
      signing: { accessKeyId: 'AKIDEXAMPLE', region: 'eu-west-1' },
      disconnect: 'drain',
    })
  expect(resolved(KEYS, 'no.such-model')).toBeUndefined()
  expect(resolved({ ...KEYS, AWS_SESSION_TOKEN: 'session' })?.signing?.sessionToken).toBe('session')
  const { AWS_REGION: region, ...others } = KEYS
  expect(resolved({ ...others, AWS_DEFAULT_REGION: region })?.signing?.region).toBe(region)
})

test('a Bedrock API key goes before an access key, and nothing is signed', () => {
  const deployment = resolved({ ...KEYS, AWS_BEARER_TOKEN_BEDROCK: 'bedrock-key' })
  expect(deployment).toMatchObject({ credential: 'bedrock-key', credentialName: 'AWS_BEARER_TOKEN_BEDROCK' })
  expect(deployment).not.toHaveProperty('signing')
})

test('another address is taken from either variable; a Bedrock API key there needs no region, a signature does', () => {
  for (const name of ['BEDROCK_BASE_URL', 'AWS_BEDROCK_RUNTIME_ENDPOINT']) {
    const environment = { [name]: 'https://vpce.example/', AWS_BEARER_TOKEN_BEDROCK: 'bedrock-key' }
    expect(resolved(environment)).toMatchObject({ baseUrl: 'https://vpce.example', credential: 'bedrock-key' })
    const { AWS_REGION: _none, ...keys } = KEYS
    expect(resolved({ ...keys, [name]: 'https://vpce.example' })).toBeUndefined()
  }
  expect(() => resolved({ ...KEYS, AWS_BEDROCK_RUNTIME_ENDPOINT: 'ftp://x' })).toThrow('AWS_BEDROCK_RUNTIME_ENDPOINT')
})

test('nothing is open without a credential or a region', () => {
  expect(resolved({ AWS_REGION: 'us-east-1' })).toBeUndefined()
  expect(resolved({ AWS_BEARER_TOKEN_BEDROCK: 'bedrock-key' })).toBeUndefined()
  expect(resolved({ AWS_REGION: 'us-east-1', AWS_ACCESS_KEY_ID: 'AKID' })).toBeUndefined()
})

test('an entry has a region and keys of its own, or lacks them by name', () => {
  expect(resolved(KEYS, 'claude', listing(', aws_region_name: us-west-2'))).toMatchObject({
    baseUrl: 'https://bedrock-runtime.us-west-2.amazonaws.com',
    signing: { region: 'us-west-2' },
    credential: 'secret',
  })
  const own = `, aws_access_key_id: '\${OTHER_ID}', aws_secret_access_key: '\${OTHER_SECRET}', aws_region_name: us-west-2`
  const others = { OTHER_ID: 'AKIDOTHER', OTHER_SECRET: 'other', AWS_SESSION_TOKEN: 'not-of-these' }
  expect(resolved({ ...KEYS, ...others }, 'claude', listing(own))).toMatchObject({
    credential: 'other',
    credentialName: 'OTHER_SECRET',
    signing: { accessKeyId: 'AKIDOTHER', region: 'us-west-2' },
  })
  expect(resolved({ ...KEYS, ...others }, 'claude', listing(own))?.signing).not.toHaveProperty('sessionToken')
  expect(resolved({ MINE: 'bedrock-key', ...KEYS }, 'claude', listing(`, api_key: '\${MINE}'`))).toMatchObject({
    credential: 'bedrock-key',
    credentialName: 'MINE',
  })
  const nothing = { credential: undefined, credentialName: 'AWS_BEARER_TOKEN_BEDROCK' }
  expect(resolved({}, 'claude', listing(''))).toMatchObject(nothing)
  const { AWS_REGION: _none, ...keys } = KEYS
  expect(resolved(keys, 'claude', listing(''))).toMatchObject({ credential: undefined, credentialName: 'AWS_REGION' })
})

test.each([
  [', aws_region_name: us-east-1.evil.example', 'no region'],
  [`, aws_access_key_id: '\${OTHER_ID}'`, 'must both be there'],
  [', aws_secret_access_key: wJalrXUtnFEMI, aws_access_key_id: AKID', 'must name an environment variable'],
])('an entry that says %s is refused', (more, fault) => {
  expect(() => resolved(KEYS, 'claude', listing(more))).toThrow(fault)
})

test('a region that is none, and keys of AWS at another provider, are refused', () => {
  expect(() => resolved({ ...KEYS, AWS_REGION: 'us-east-1/../' })).toThrow('AWS_REGION: is no region')
  expect(resolved({ AWS_REGION: 'aws-global' })).toBeUndefined()
  const elsewhere = 'model_list: [{ model_name: m, litellm_params: { model: groq/m, aws_region_name: us-east-1 } }]'
  expect(() => resolved(KEYS, 'm', elsewhere)).toThrow('are for Bedrock')
})
