import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { answering } from './answers.ts'
import { type FakeProvider, startFakeProvider } from './fake-provider.ts'
import { type Installation, newInstallation } from './harness.ts'
import { call, CHAT, chatCall, MESSAGES, messagesCall } from './wire.ts'

const KEPT = 'sk-canary-kept-openai-7d1f03'
const [OLD, NEW] = ['c4f1d9a07b3e58262d9e', '9b70e3c15fa8d246e017'].map((half) => half + half)
const FROM_STORE = { OPENAI_API_KEY: undefined, APP_SECRET_KEY: OLD }

let provider: FakeProvider
let installation: Installation
beforeAll(async () => {
  provider = await startFakeProvider(answering())
  installation = newInstallation(provider, FROM_STORE)
})
afterAll(async () => {
  await installation.remove()
  await provider.close()
})

/** What the provider is asked with. */
async function credentialOf(url: string, path: string, body: object) {
  provider.forget()
  const { status } = await call(url, path, installation.key, body)
  const { authorization, 'x-api-key': key } = provider.received[0]?.headers ?? {}
  return [status, authorization ?? key]
}

function filesWith(secret: string): string[] {
  return readdirSync(installation.folder, { recursive: true, encoding: 'utf8', withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name))
    .filter((file) => readFileSync(file).includes(secret))
}

test('S44: a credential that was set by the command line is sent to its provider, and is nowhere in clear', async () => {
  const first = await installation.start()
  expect(await credentialOf(first.url, CHAT, chatCall())).not.toContain(`Bearer ${KEPT}`)
  expect(provider.received).toHaveLength(0)
  const set = await installation.ttReading(`${KEPT}\n`, 'credentials', 'set', 'OPENAI_API_KEY')
  expect(set).toMatchObject({ code: 0 })
  // The environment has this one, and goes before.
  await installation.ttReading(KEPT, 'credentials', 'set', 'ANTHROPIC_API_KEY')
  await first.stop()

  const second = await installation.start({ LOG_LEVEL: 'trace' })
  expect(await credentialOf(second.url, CHAT, chatCall())).toEqual([200, `Bearer ${KEPT}`])
  expect(await credentialOf(second.url, MESSAGES, messagesCall())).toEqual([200, 'sk-ant-canary-anthropic-81e6a05b'])
  const list = await installation.tt('credentials')
  expect(JSON.parse(list.output)).toMatchObject({
    credentials: [{ name: 'ANTHROPIC_API_KEY' }, { name: 'OPENAI_API_KEY' }],
  })
  for (const text of [set.output, list.output, first.output(), second.output()]) expect(text).not.toContain(KEPT)
  expect(filesWith(KEPT)).toEqual([])
  await second.stop()
})

test('S44: under a wrong secret the server does not start, and says why in one line', async () => {
  const { code, output } = await installation.run({ APP_SECRET_KEY: NEW })
  expect(code).toBe(1)
  expect(output).toMatch(
    /^token-trackr: [^\n]+ was begun under another secret than the one in APP_SECRET_KEY, or rotated to another since: give that one back\.\n$/,
  )
})

test('S44: after a rotation beside a server at work the new secret works, and the old one does not start', async () => {
  const running = await installation.start()
  const file = join(installation.folder, 'new-secret')
  writeFileSync(file, NEW!)
  expect(await installation.tt('secret', 'rotate', file)).toMatchObject({ code: 0 })
  expect(await credentialOf(running.url, CHAT, chatCall())).toEqual([200, `Bearer ${KEPT}`])
  const told = await installation.ttReading('sk-later', 'credentials', 'set', 'COHERE_API_KEY')
  expect([told.code, told.output]).toEqual([1, expect.stringContaining('restart it with the new one')])
  await running.stop()

  expect(await installation.run()).toMatchObject({ code: 1, output: expect.stringMatching(/^[^\n]+another[^\n]+\n$/) })
  const renewed = await installation.start({ APP_SECRET_KEY: NEW })
  expect(await credentialOf(renewed.url, CHAT, chatCall())).toEqual([200, `Bearer ${KEPT}`])
  expect((await renewed.control.ask('GET', '/api/credentials')).status).toBe(200)
  expect(await installation.tt('credentials', 'delete', 'OPENAI_API_KEY')).toMatchObject({ code: 0 })
  await renewed.stop()
  expect(filesWith(KEPT)).toEqual([])
})
