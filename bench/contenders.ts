import type { ChildProcess } from 'node:child_process'
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { ANSWER_BODY, TOTAL_TOKENS } from './call.ts'
import { freePort } from '../scripts/engines/ports.ts'
import { controlPlane, type Installation, newInstallation, readyLine, startGateway } from './gateways.ts'
import { removeAtExit } from './leftovers.ts'
import { file, firstLine, startNode, stop } from './processes.ts'

/** One way from the load to the upstream. */
export interface Contender {
  readonly port: number
  readonly headers: Readonly<Record<string, string>>
  /** Undefined for the way without a proxy. */
  readonly child: ChildProcess | undefined
  /** Throws where the answer that a client saw is not the one that it should see. */
  readonly checkAnswer: (body: string) => void
  /** Throws where the contender's own books do not fit the calls made and the tokens that they used. */
  checkBooks(calls: number, tokens: number): Promise<void>
  stop(): Promise<void>
}

export interface Site {
  readonly upstreamUrl: string
  readonly core: string | undefined
  /** For the proxies alone: options for their Node, such as a profiler's, and more of an environment. */
  readonly node?: readonly string[]
  readonly env?: Readonly<Record<string, string>>
}

export const CONTENDERS = {
  nothing: startNothing,
  'pass-through': startPassThrough,
  portkey: startPortkey,
  'token-trackr': (site: Site) => startTokenTrackr(site, tmpdir()),
  /** The same with its ledger in memory: what the disk costs is the difference. */
  'token-trackr-tmpfs': (site: Site) => startTokenTrackr(site, '/dev/shm'),
} as const satisfies Record<string, (site: Site) => Promise<Contender>>

export type ContenderName = keyof typeof CONTENDERS

async function startNothing({ upstreamUrl }: Site): Promise<Contender> {
  const port = Number(new URL(upstreamUrl).port)
  return { port, headers: CLIENT_KEY, child: undefined, checkAnswer: sameBytes, checkBooks: noBooks, stop: noBooks }
}

async function startPassThrough(site: Site): Promise<Contender> {
  const child = startProxy(site, [file('pass-through.ts'), site.upstreamUrl])
  const { url } = await firstLine(child, readyLine)
  return { ...contender(child, url), headers: CLIENT_KEY, checkAnswer: sameBytes, checkBooks: noBooks }
}

async function startPortkey(site: Site): Promise<Contender> {
  const port = await freePort()
  const gateway = file('node_modules/@portkey-ai/gateway/build/start-server.js')
  const child = startProxy(site, ['--import', file('loopback.mjs'), gateway, `--port=${port}`, '--headless'])
  await firstLine(child, (line) => (line.includes('Ready for connections') ? true : undefined))
  return {
    ...contender(child, `http://127.0.0.1:${port}`),
    headers: {
      ...CLIENT_KEY,
      'x-portkey-provider': 'openai',
      'x-portkey-custom-host': `${site.upstreamUrl}/v1`,
    },
    checkAnswer: sameUsage,
    checkBooks: noBooks,
  }
}

/** @param folder Where its ledger lies. */
export async function startTokenTrackr(
  site: Site,
  folder: string,
): Promise<Contender & { readonly child: ChildProcess }> {
  const data = mkdtempSync(join(folder, 'token-trackr-bench-'))
  removeAtExit(data)
  const installation = newInstallation(`sqlite:${data}/ledger.db`)
  const { child, url } = await startGateway(installation, {
    ...{ core: site.core, command: site.node ?? [] },
    env: { OPENAI_API_KEY: 'upstream-key', OPENAI_BASE_URL: `${site.upstreamUrl}/v1`, ...site.env },
  })
  return { ...(await opened(installation, url)), ...contender(child, url), child }
}

/** A user with a key, and the books that calls with its key must leave. */
export async function opened(
  { administrator }: Installation,
  url: string,
): Promise<Pick<Contender, 'headers' | 'checkAnswer' | 'checkBooks'>> {
  const api = controlPlane(url, administrator)
  // A limit that is far away, so that every reserve checks a ceiling and none is refused.
  await api('POST', '/api/users', { userId: 'bench', tokenLimit: 1e12 })
  const { key } = (await api('POST', '/api/keys', { userId: 'bench' })) as { key: string }
  return {
    headers: { authorization: `Bearer ${key}` },
    checkAnswer: sameBytes,
    checkBooks: async (calls, tokens) => {
      const range = 'from=2020-01-01T00:00:00Z&to=2120-01-01T00:00:00Z'
      const { entries, totalTokens } = (await api('GET', `/api/summary?${range}`)) as Record<string, number>
      const { tokenUsage, tokensHeld } = (await api('GET', '/api/users/bench')) as Record<string, number>
      const found = { entries, totalTokens, tokenUsage, tokensHeld }
      const right = { entries: calls, totalTokens: tokens, tokenUsage: tokens, tokensHeld: 0 }
      if (!isDeepStrictEqual(found, right))
        throw new Error(`The ledger should say ${JSON.stringify(right)}, but says ${JSON.stringify(found)}`)
    },
  }
}

function startProxy({ core, node = [], env }: Site, command: readonly string[], more = {}): ChildProcess {
  return startNode({ core, command: [...node, ...command], env: { NODE_ENV: 'production', ...more, ...env } })
}

const CLIENT_KEY = { authorization: 'Bearer tt_0123456789abcdef0123456789abcdef0123456789a' }

function contender(child: ChildProcess, url: string): Pick<Contender, 'port' | 'child' | 'stop'> {
  return { port: Number(new URL(url).port), child, stop: () => stop(child) }
}

function sameBytes(body: string): void {
  if (body !== ANSWER_BODY) throw new Error(`Not the upstream's answer: ${body}`)
}

function sameUsage(body: string): void {
  const { usage } = JSON.parse(body) as { usage?: { total_tokens?: number } }
  if (usage?.total_tokens !== TOTAL_TOKENS) throw new Error(`Not the upstream's usage: ${body}`)
}

async function noBooks(): Promise<void> {}
