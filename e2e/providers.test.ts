import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { FIRST } from '../server/src/config/tls.test.fixture.ts'
import { answering } from './answers.ts'
import { AWS_KEYS, bedrockAnswering } from './bedrock-answers.ts'
import { answeringCohere } from './cohere-answers.ts'
import type { Script } from './fake-provider.ts'
import { answeringGemini } from './gemini-answers.ts'
import { ROOT, type Stage, stage } from './harness.ts'
import { answeringOpenAi } from './openai-answers.ts'
import { blocksOf, run, snippetFolder } from './snippets.ts'

const GUIDE = readFileSync(join(ROOT, 'docs', 'providers.md'), 'utf8')
const SECTIONS = GUIDE.split(/^## /m)
  .slice(1)
  .filter((section) => section.includes('```'))
  .map((section) => [section.split('\n')[0]!, section] as const)

/** What the page takes for set, at one provider that speaks all of its APIs. */
const ENVIRONMENT = {
  ...AWS_KEYS,
  ...{ OTHER_ACCESS_KEY_ID: AWS_KEYS.AWS_ACCESS_KEY_ID, OTHER_SECRET_ACCESS_KEY: AWS_KEYS.AWS_SECRET_ACCESS_KEY },
  ...{ GEMINI_API_KEY: 'AIza-guide', COHERE_API_KEY: 'co-guide', AZURE_OPENAI_API_KEY: 'azure-guide' },
  ...{ GROQ_API_KEY: 'groq-guide', MY_KEY: 'my-guide' },
  ...{ GEMINI_BASE_URL: 'PROVIDER', COHERE_BASE_URL: 'PROVIDER', BEDROCK_BASE_URL: 'PROVIDER' },
}
const answers: readonly (readonly [RegExp, Script])[] = [
  [/^\/model\//, bedrockAnswering()],
  [/\/models\//, answeringGemini()],
  [/^\/v2\//, answeringCohere()],
  [/\/(?:responses|embeddings)$/, answeringOpenAi()],
  [/^/, answering()],
]

const snippets = snippetFolder('.providers')
afterAll(snippets.remove)

const here = (code: string, { server, installation }: Stage) =>
  code.replaceAll('http://localhost:8000', server.url).replaceAll('tt_...', installation.key)

describe.each(SECTIONS)('docs/providers.md, %s', (title, section) => {
  const proxy = blocksOf(section, 'yaml').join('').replaceAll('https://my-resource.openai.azure.com', 'PROVIDER')

  let on: Stage
  beforeAll(async () => {
    on = await stage(ENVIRONMENT, { 'proxy.yaml': proxy })
    on.provider.always((exchange) => answers.find(([path]) => path.test(exchange.received.path))![1](exchange))
  })
  afterAll(() => on.close())

  test('its snippets work as they are printed, and what they call is in the ledger', async () => {
    const codes = blocksOf(section, 'js')
    for (const code of codes) {
      const script = snippets.write(`${title.replaceAll(' ', '-')}.mjs`, here(code, on))
      const { code: exit, output } = await run(process.execPath, [script])
      expect([exit, output], output).toEqual([0, expect.stringMatching(/\S/)])
      expect(output).not.toBe('undefined\n')
    }
    await on.server.control.idle(on.installation.userId)
    const entries = await on.server.control.allEntries(on.installation.userId)
    expect(entries).toHaveLength(codes.length)
    for (const entry of entries) expect(entry).toMatchObject({ outcome: 'completed', evidence: 'reported' })
  })

  test('its models have the names that its entries give them', async () => {
    const headers = { 'x-api-key': on.installation.key }
    const { data } = (await (await fetch(`${on.server.url}/v1/models`, { headers })).json()) as {
      data: { id: string }[]
    }
    const names = [...proxy.matchAll(/model_name: ([^,\s]+)/g)].map(([, name]) => name)
    expect(data.map(({ id }) => id)).toEqual(expect.arrayContaining(names))
  })
})

test('docs/providers.md: Claude Code finds what it is told in its environment', async () => {
  const on = await stage()
  const called = `import Anthropic from '@anthropic-ai/sdk'
const message = { model: 'claude-haiku-4-5', max_tokens: 9, messages: [{ role: 'user', content: 'Hi' }] }
console.log((await new Anthropic({ apiKey: null }).messages.create(message)).content)`
  snippets.write('claude', `#!/bin/sh\nexec "${process.execPath}" "${snippets.write('claude.mjs', called)}"\n`)
  const [code] = blocksOf(GUIDE, 'sh')
  const { code: exit, output } = await run('sh', ['-c', here(code!, on)], {
    PATH: `${snippets.folder}:${process.env['PATH']}`,
  })
  expect([exit, output]).toEqual([0, expect.stringContaining('wörld')])
  await on.close()
})

const PYTHON = join(ROOT, 'e2e', 'node_modules', '.python', 'bin', 'python')
test.runIf(existsSync(PYTHON))('docs/providers.md: boto3, over HTTPS', async () => {
  const on = await stage(ENVIRONMENT)
  on.provider.always(bedrockAnswering())
  const [TLS_CERT_FILE, TLS_KEY_FILE] = ['tls.crt', 'tls.key'].map((name) => join(on.installation.folder, name))
  writeFileSync(TLS_CERT_FILE!, FIRST.cert)
  writeFileSync(TLS_KEY_FILE!, FIRST.key)
  const { url } = await on.installation.start({ TLS_CERT_FILE, TLS_KEY_FILE })
  const [code] = blocksOf(GUIDE, 'python')
  const script = snippets.write('bedrock.py', code!.replaceAll('https://token-trackr.example', url))
  const keys = { AWS_BEARER_TOKEN_BEDROCK: on.installation.key, AWS_CA_BUNDLE: TLS_CERT_FILE }
  expect(await run(PYTHON, [script], keys)).toEqual({ code: 0, output: '' })
  expect(on.provider.received).toHaveLength(1)
  await on.close()
})
