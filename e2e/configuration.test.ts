import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { answering } from './answers.ts'
import { type FakeProvider, startFakeProvider } from './fake-provider.ts'
import { newInstallation, type Stage, stage } from './harness.ts'
import { call, CHAT, CHAT_MODEL, chatCall } from './wire.ts'

let provider: FakeProvider
beforeAll(async () => {
  provider = await startFakeProvider(answering())
})
afterAll(() => provider.close())

const price = (rates: string) => `openai:\n  ${CHAT_MODEL}:\n${rates}`
describe('M41: a price that cannot be told from another a thousand times as high stops the start', () => {
  test.concurrent.each([
    ['without a unit', price('    input: 0.15\n    output_per_1m: 0.60\n'), 'input has no known unit'],
    ['in a unit that is none', price('    input_per_1g: 0.15\n'), 'input_per_1g'],
    ['in two units', price('    input_per_1k: 0.15\n    input_per_1m: 150\n'), 'two units'],
    ['per 1k that was per 1m', price('    input_per_1k: 0.15\n    output_per_1k: 0.60\n'), 'confirmed'],
  ])('%s', async (_name, pricing, says) => {
    const house = newInstallation(provider, {}, { 'pricing.yaml': pricing })
    try {
      const { code, output } = await house.run()
      expect(code).toBe(1)
      expect(output.trim().split('\n')).toHaveLength(1)
      expect(output).toContain(says)
      expect(output).toContain('pricing.yaml')
      // It did not get so far as to write anything.
      expect(existsSync(join(house.folder, 'ledger.db'))).toBe(false)
    } finally {
      await house.remove()
    }
  })
})

describe('Q12: a rate limit of the file binds a model under each of its names', () => {
  const PROXY = `
model_list:
  - model_name: fast
    litellm_params: { model: ${CHAT_MODEL}, api_key: '\${OPENAI_API_KEY}', api_base: PROVIDER/v1 }
  - model_name: cheap
    litellm_params: { model: openai/${CHAT_MODEL}, api_base: PROVIDER/v1 }
  - model_name: either
    litellm_params: { model: openai/gpt-4o, api_base: PROVIDER/v1 }
  - model_name: either
    litellm_params: { model: openai/${CHAT_MODEL}, api_base: PROVIDER/v1 }
rate_limits:
  - { model: fast, limit: 3, period: day }
`
  let on: Stage
  beforeAll(async () => {
    on = await stage({}, { 'proxy.yaml': PROXY })
  })
  afterAll(() => on.close())

  test('whichever name it is called by, and where it stands in for another', async () => {
    const { key } = await on.server.control.newUser(null)
    const statusOf = async (model: string) => (await call(on.server.url, CHAT, key, chatCall({ model }))).status
    const statuses = []
    for (const model of ['fast', CHAT_MODEL, 'cheap', 'fast', 'cheap', CHAT_MODEL]) statuses.push(await statusOf(model))
    expect(statuses).toEqual([200, 200, 200, 429, 429, 429])
    expect(await statusOf('gpt-4o')).toBe(200)
    // The first fails, and the one that would stand in for it is at its limit.
    on.provider.next(({ socket }) => void socket.destroy())
    expect(await statusOf('either')).toBe(429)
    expect(await statusOf('either')).toBe(200)
  })
})
