import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { answering } from './answers.ts'
import { type ControlPlane, controlPlane } from './control-plane.ts'
import { type Database, newDatabase } from './databases.ts'
import { type FakeProvider, startFakeProvider } from './fake-provider.ts'

export const ROOT = fileURLToPath(new URL('..', import.meta.url))
const NODE = join(ROOT, 'node_modules', '.bin', 'node')
const MAIN = join(ROOT, 'server', 'src', 'main.ts')
const COMMAND_LINE = join(ROOT, 'server', 'bin', 'token-trackr.mjs')
const START_WITHIN_MS = 20_000

/** Credentials that must never be seen again, anywhere: see the test of canaries. */
export const CANARIES = {
  OPENAI_API_KEY: 'sk-canary-openai-3f9b27c1d4',
  ANTHROPIC_API_KEY: 'sk-ant-canary-anthropic-81e6a05b',
  APP_SECRET_KEY: 'canary-app-secret-0123456789abcdef0123456789abcdef',
}

type Environment = Record<string, string | undefined>
export interface Ended {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
}

/** A running server, as a process of its own. */
export interface Server {
  readonly url: string
  readonly pid: number
  readonly control: ControlPlane
  readonly ended: Promise<Ended>
  /** Everything that it printed so far. */
  output(): string
  /** Asks it to end, and waits until it has. */
  stop(): Promise<Ended>
  /** kill -9. */
  kill(): Promise<Ended>
}

/** A data folder with all that its first start said, and the servers that work on it. */
export interface Installation {
  readonly folder: string
  /** Said once, at the first start. */
  adminSecret: string
  key: string
  userId: string
  /** Starts one more server on this folder. */
  start(environment?: Environment): Promise<Server>
  /** Starts one that is expected to end by itself, and waits until it has. */
  run(environment?: Environment): Promise<Ended & { readonly output: string }>
  /** Runs the command line tool on this folder, and on the server that was started last. */
  tt(...args: readonly string[]): Promise<{ readonly code: number | null; readonly output: string }>
  /** As `tt`, with a text on its standard input. */
  ttReading(text: string, ...args: readonly string[]): ReturnType<Installation['tt']>
  remove(): Promise<void>
}

/** A fake provider with a folder and one server before it: what most tests need. */
export interface Stage {
  readonly provider: FakeProvider
  readonly installation: Installation
  readonly server: Server
  close(): Promise<void>
}

/**
 * `files` are the configuration's, by name. Where they or the environment say `PROVIDER`, it is the fake provider's
 * address.
 */
export async function stage(environment: Environment = {}, files: Record<string, string> = {}): Promise<Stage> {
  const provider = await startFakeProvider(answering())
  const installation = newInstallation(provider, environment, files)
  const server = await installation.start()
  return {
    provider,
    installation,
    server,
    async close() {
      await installation.remove()
      await provider.close()
    },
  }
}

export function newInstallation(
  provider: Pick<FakeProvider, 'url'>,
  always: Environment = {},
  files: Record<string, string> = {},
): Installation {
  const folder = mkdtempSync(join(tmpdir(), 'token-trackr-e2e-'))
  mkdirSync(join(folder, 'config'))
  for (const [name, text] of Object.entries(files))
    writeFileSync(join(folder, 'config', name), text.replaceAll('PROVIDER', provider.url))
  const servers = new Set<ChildProcess>()
  /** Of the server that was started last: the command line tool speaks to it. */
  let address: string | undefined
  const common: Environment = {
    PATH: process.env.PATH,
    HOME: folder,
    HOST: '127.0.0.1',
    PORT: '0',
    TOKEN_TRACKR_DATA: folder,
    TOKEN_TRACKR_CONFIG: join(folder, 'config'),
    OPENAI_BASE_URL: `${provider.url}/v1`,
    ANTHROPIC_BASE_URL: provider.url,
    ...CANARIES,
    ...withProvider(always, provider.url),
  }
  let database: Promise<Database> | undefined
  /** Its database is made when it is first needed. */
  const environmentOf = async (environment: Environment) => {
    if (common.DATABASE_URL !== undefined) return { ...common, ...environment }
    const { url } = await (database ??= newDatabase(folder))
    return { ...common, DATABASE_URL: url, ...environment }
  }
  const installation: Installation = {
    folder,
    adminSecret: '',
    key: '',
    userId: '',
    async start(environment = {}) {
      const child = launch(servers, await environmentOf(environment))
      const ready = await readyLine(child)
      address = ready.url
      installation.adminSecret ||= ready.adminSecret ?? ''
      installation.key ||= ready.key ?? ''
      installation.userId ||= ready.userId ?? ''
      return serverOf(child, ready.url, installation.adminSecret)
    },
    async run(environment = {}) {
      const child = launch(servers, await environmentOf(environment))
      return { ...(await child.ended), output: child.output() }
    },
    tt: (...args) => installation.ttReading('', ...args),
    async ttReading(text, ...args) {
      const env = clean({ TOKEN_TRACKR_URL: address, ...(await environmentOf({})) })
      const child = track(spawn(NODE, [COMMAND_LINE, ...args], { env, cwd: ROOT }))
      // A command that reads nothing may have ended by then.
      child.child.stdin?.on('error', () => {}).end(text)
      return { code: (await child.ended).code, output: child.output() }
    },
    async remove() {
      await Promise.all([...servers].map((child) => ended(child, 'SIGKILL')))
      await (await database)?.remove()
      rmSync(folder, { recursive: true, force: true })
    },
  }
  return installation
}

function withProvider(environment: Environment, url: string): Environment {
  return Object.fromEntries(
    Object.entries(environment).map(([name, value]) => [name, value?.replaceAll('PROVIDER', url)]),
  )
}

interface Tracked {
  readonly child: ChildProcess
  readonly ended: Promise<Ended>
  output(): string
}

function launch(servers: Set<ChildProcess>, environment: Environment): Tracked {
  const child = spawn(NODE, [MAIN], { cwd: ROOT, env: clean(environment), stdio: ['ignore', 'pipe', 'pipe'] })
  servers.add(child)
  child.once('exit', () => servers.delete(child))
  return track(child)
}

function track(child: ChildProcess): Tracked {
  let output = ''
  for (const stream of [child.stdout, child.stderr])
    stream?.setEncoding('utf8').on('data', (text: string) => {
      output += text
    })
  const end: Promise<Ended> = once(child, 'close').then(([code, signal]) => ({ code, signal }))
  return { child, ended: end, output: () => output }
}

interface Ready {
  readonly url: string
  readonly adminSecret?: string
  readonly key?: string
  readonly userId?: string
}

async function readyLine({ child, ended: end, output }: Tracked): Promise<Ready> {
  if (!child.stdout) throw new Error('the server has no standard output')
  const lines = createInterface({ input: child.stdout })
  const ready = (async () => {
    for await (const line of lines) if (line.startsWith('{"event":"ready"')) return JSON.parse(line) as Ready
    return undefined
  })()
  const late = AbortSignal.timeout(START_WITHIN_MS)
  const found = await Promise.race([ready, end.then(() => undefined), once(late, 'abort').then(() => undefined)])
  if (!found) {
    child.kill('SIGKILL')
    throw new Error(`the server did not become ready; it said:\n${output()}`)
  }
  return found
}

function serverOf({ child, ended: end, output }: Tracked, url: string, adminSecret: string): Server {
  if (child.pid === undefined) throw new Error('the server has no process')
  return {
    url,
    pid: child.pid,
    control: controlPlane(url, adminSecret),
    ended: end,
    output,
    stop: () => ended(child, 'SIGTERM').then(() => end),
    kill: () => ended(child, 'SIGKILL').then(() => end),
  }
}

async function ended(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const exit = once(child, 'exit')
  child.kill(signal)
  await exit
}

function clean(environment: Environment): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== undefined))
}
