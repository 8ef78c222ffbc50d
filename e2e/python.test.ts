import { execFile } from 'node:child_process'
import { existsSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { answering } from './answers.ts'
import { AWS_KEYS, bedrockAnswering } from './bedrock-answers.ts'
import type { Script } from './fake-provider.ts'
import { answeringGemini } from './gemini-answers.ts'
import { FIRST } from '../server/src/config/tls.test.fixture.ts'
import { answeringOpenAi } from './openai-answers.ts'
import { ROOT, type Server, type Stage, stage } from './harness.ts'

const SCRIPTS = join(ROOT, 'e2e', 'python')
const PYTHON = join(ROOT, 'e2e', 'node_modules', '.python', 'bin', 'python')
const LACKING = 'the Python clients are not installed: run `npm run python` in e2e'

let on: Stage | undefined
/** boto3 sends a bearer token over HTTPS alone. */
let secure: Server
let certificate: string
beforeAll(async () => {
  if (!existsSync(PYTHON)) return
  const gemini = { GEMINI_API_KEY: 'AIzaCanary-python-0c94be8a3516', GEMINI_BASE_URL: 'PROVIDER' }
  on = await stage({ ...AWS_KEYS, ...gemini, BEDROCK_BASE_URL: 'PROVIDER' })
  const [usual, openai] = [answering(), answeringOpenAi()]
  const [bedrock, google] = [bedrockAnswering(), answeringGemini()]
  const byPath: Script = (exchange) => {
    const { path } = exchange.received
    if (path.startsWith('/model/')) return bedrock(exchange)
    if (path.includes('/models/')) return google(exchange)
    return (/\/(?:responses|embeddings)$/.test(path) ? openai : usual)(exchange)
  }
  on.provider.always(byPath)
  const [TLS_CERT_FILE, TLS_KEY_FILE] = ['tls.crt', 'tls.key'].map((name) => join(on!.installation.folder, name))
  certificate = TLS_CERT_FILE!
  writeFileSync(certificate, FIRST.cert)
  writeFileSync(TLS_KEY_FILE!, FIRST.key)
  secure = await on.installation.start({ TLS_CERT_FILE, TLS_KEY_FILE })
})
afterAll(() => on?.close())

/** What a client needs of the environment; nothing else of ours, above all no credentials of the machine. */
const environment = (more: Record<string, string>) => ({
  PATH: process.env['PATH'],
  HOME: '/nonexistent',
  AWS_CA_BUNDLE: certificate,
  SSL_CERT_FILE: certificate,
  ...more,
})

test.for(readdirSync(SCRIPTS).filter((file) => file.endsWith('.py')))(
  'the official Python client, with endpoint and key changed: %s',
  async (file, { skip }) => {
    if (!on) return skip(LACKING)
    const { userId, key } = await on.server.control.newUser(null)
    const spent = await on.server.control.newUser(10)
    const env = environment({ TT_URL: secure.url, TT_KEY: key, TT_SPENT_KEY: spent.key })
    const { stdout } = await promisify(execFile)(PYTHON, [join(SCRIPTS, file)], { env, timeout: 50_000 })
    await on.server.control.idle(userId)
    const entries = await on.server.control.allEntries(userId)
    expect(entries.map(({ outcome, evidence }) => `${outcome}, ${evidence}`)).toEqual(
      Array.from({ length: Number(stdout) }, () => 'completed, reported'),
    )
    expect(await on.server.control.allEntries(spent.userId)).toEqual([])
  },
)
