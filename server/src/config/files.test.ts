import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { modelsOverlayFrom } from '../pricing/models.ts'
import { NO_OVERLAY } from '../pricing/overlay.ts'
import { priceBookFrom } from '../pricing/price-book.ts'
import { deploymentsFrom } from './deployments.ts'
import { readEnvironment } from './env.ts'
import { readFiles } from './files.ts'
import { limitsFrom } from './limits.ts'
import { PRINTED } from './printed-proxy.test.fixture.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'token-trackr-config-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

const write = (name: string, content: string | Buffer) => writeFileSync(join(folder, name), content)
const deployments = (environment: Record<string, string> = {}) =>
  deploymentsFrom(
    readEnvironment(environment),
    readFiles(folder),
    priceBookFrom(NO_OVERLAY, modelsOverlayFrom(undefined)),
    'http://127.0.0.1:1',
  )

const model = (id: string) => ({ kind: 'model', id })

test('R4: the proxy file works as printed: models, rate limits and budgets', () => {
  write('proxy.yaml', PRINTED)
  const { proxy } = readFiles(folder)
  const served = deployments({ GROQ_API_KEY: 'gsk' })
  expect(served.resolve('openai-chat', 'gpt-3.5-turbo')[0]).toMatchObject({
    provider: 'openai',
    model: 'gpt-3.5-turbo',
    upstreamModel: 'gpt-3.5-turbo',
    baseUrl: 'https://api.openai.com/v1',
    credential: undefined,
    credentialName: 'OPENAI_API_KEY',
  })
  expect(served.resolve('openai-chat', 'llama-4-scout')[0]).toMatchObject({
    provider: 'groq',
    model: 'meta-llama/llama-4-scout-17b-16e-instruct',
    credential: 'gsk',
    baseUrl: 'https://api.groq.com/openai/v1',
  })
  const tenantId = 'default'
  // Q12: a limit on an alias limits the model that is billed.
  expect(limitsFrom(proxy, served, tenantId)).toEqual([
    {
      tenantId,
      scope: model('gpt-3.5-turbo'),
      metric: 'requests',
      window: { kind: 'minute' },
      amount: 10n,
      mode: 'hard',
    },
    {
      tenantId,
      scope: model('meta-llama/llama-4-scout-17b-16e-instruct'),
      metric: 'requests',
      window: { kind: 'minute' },
      amount: 5n,
      mode: 'hard',
    },
    {
      tenantId,
      scope: { kind: 'tenant', id: tenantId },
      metric: 'costNanoUsd',
      window: { kind: 'lifetime' },
      amount: 100_000_000_000n,
      mode: 'hard',
      thresholds: [50, 80, 95],
    },
    {
      tenantId,
      scope: { kind: 'tenant', id: tenantId },
      metric: 'costNanoUsd',
      window: { kind: 'calendar', unit: 'day', zone: 'UTC' },
      amount: 10_000_000_000n,
      mode: 'hard',
      thresholds: [50, 80, 95],
    },
  ])
  expect(proxy.alerts.map(({ threshold }) => threshold)).toEqual([50, 80, 95])
  expect(proxy.notices).toEqual([
    '3 budget alerts go to the webhook of ALERT_WEBHOOK_URL, where that is set, and to no e-mail address yet.',
  ])
})

test('the files that come with the product are read, limit nothing and list the two printed models', () => {
  const shipped = readFiles(join(import.meta.dirname, '../../../config'))
  expect(shipped.proxy).toMatchObject({ limits: [], failOpenCalls: 0, alerts: [], notices: [] })
  expect(shipped.proxy.modelList.map(({ name }) => name)).toEqual(['gpt-3.5-turbo', 'llama-4-scout'])
  expect(shipped.pricing).toEqual(NO_OVERLAY)
  const book = priceBookFrom(shipped.pricing, shipped.models)
  expect(book.ceilings('anthropic', 'claude-sonnet-4-5-20250929')).toEqual({
    contextTokens: 200_000,
    outputTokens: 64_000,
  })
})

test('a folder without files says nothing', () => {
  expect(readFiles(join(folder, 'absent'))).toMatchObject({ proxy: { modelList: [], limits: [] }, pricing: NO_OVERLAY })
})

const entry = (parameters: string) => `model_list: [{ model_name: m, litellm_params: { ${parameters} } }]`

test.each([
  [
    'a secret in the file',
    entry('model: gpt-4o, api_key: sk-hunter2'),
    'model_list.0.litellm_params.api_key: must name an environment variable',
  ],
  ['half a variable', entry('model: gpt-4o, api_key: "x${OPENAI_API_KEY}"'), 'must name an environment variable'],
  [
    'a base URL with a password',
    entry('model: openai/x, api_base: "https://u:hunter2@h/v1"'),
    'api_base: must not have a user',
  ],
  ['a base URL with a query', entry('model: openai/x, api_base: "https://h/v1?key=hunter2"'), 'must not have a query'],
  ['another scheme', entry('model: openai/x, api_base: "file:///etc/hunter2"'), 'http:// or https://'],
  ['an unknown parameter', entry('model: openai/x, timeout: 5'), 'timeout is not known'],
  ['an unknown section', 'general_settings: {}', 'general_settings is not known'],
  ['a model without a name', 'model_list: [{ litellm_params: { model: openai/x } }]', 'model_name is missing'],
  ['an unknown policy', entry('model: openai/x, disconnect: maybe'), 'one of abort, drain'],
  [
    'an unknown period',
    'rate_limits: [{ model: m, limit: 1, period: fortnight }]',
    'rate_limits.0.period: must be one of minute',
  ],
  ['a negative limit', 'rate_limits: [{ model: m, limit: -1, period: minute }]', 'rate_limits.0.limit'],
  ['a fractional limit', 'rate_limits: [{ model: m, limit: 1.5, period: minute }]', 'rate_limits.0.limit'],
  ['a negative budget', 'budget: { total: -5 }', 'budget.total: must be a decimal number'],
  ['an unknown budget', 'budget: { weekly: 5 }', 'weekly is not known'],
  ['fail-open without a number', 'fail_open: {}', 'calls is missing'],
  ['fail-open without an end', 'fail_open: { calls: .inf }', 'fail_open.calls: must be a decimal number'],
  ['fail-open far beyond', 'fail_open: { calls: 100001 }', 'fail_open.calls: must be 100000 at most'],
])('proxy.yaml with %s is refused in one line that repeats no secret', (_, text, message) => {
  write('proxy.yaml', text)
  const problem = problemOf(() => readFiles(folder))
  expect(problem).toContain(message)
  expect(problem).toMatch(/proxy\.yaml line \d+, [^\n]*$/)
  expect(problem).not.toContain('hunter2')
})

test.each([
  ['a provider that nothing tells', entry('model: some-model'), 'whose model is some-model?'],
  ['two providers', entry('model: openai/gpt-oss-120b, api_key: "${GROQ_API_KEY}"'), 'write groq/openai/gpt-oss-120b'],
  [
    'a host of its own without a credential',
    entry('model: x, api_base: "http://127.0.0.1:11434/v1"'),
    'api_key is missing',
  ],
  [
    'the name of a simulated model',
    entry('model: openai/x').replace('model_name: m', 'model_name: sim-small'),
    'sim-small is there already',
  ],
  [
    'a name twice',
    `model_list: [${[1, 2].map(() => '{ model_name: m, litellm_params: { model: openai/x } }').join()}]`,
    'm is there already',
  ],
])('a model list with %s is refused in one line', (_, text, message) => {
  write('proxy.yaml', text)
  const problem = problemOf(() => deployments())
  expect(problem).toContain(message)
  expect(problem).toMatch(/proxy\.yaml line \d+, model_list\.\d: [^\n]*$/)
})

test('S54: files that are large, not UTF-8 or no files are refused by name', () => {
  write('proxy.yaml', '#'.repeat(1_000_001))
  expect(problemOf(() => readFiles(folder))).toContain('proxy.yaml: is larger')
  write('proxy.yaml', Buffer.from([0x61, 0xff, 0x3a]))
  expect(problemOf(() => readFiles(folder))).toContain('proxy.yaml: is not UTF-8')
  expect(problemOf(() => readFiles(join(folder, 'proxy.yaml')))).toContain('cannot be read')
})

function problemOf(read: () => unknown): string {
  try {
    read()
  } catch (error) {
    expect((error as Error).name).toBe('ConfigurationError')
    return (error as Error).message
  }
  return 'nothing was refused'
}
