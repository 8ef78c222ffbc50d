import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { stripVTControlCharacters } from 'node:util'
import { afterEach } from 'vitest'
import { openFixture } from '../api/control-plane.test.fixture.ts'
import { readEnvironment } from '../config/env.ts'
import { runCli, type Surroundings } from './program.ts'

const closers: (() => unknown)[] = []
afterEach(async () => {
  for (const close of closers.splice(0).toReversed()) await close()
})
/** For tests: done when the test ends, the last first. */
export function atEnd(close: () => unknown): void {
  closers.push(close)
}

/** For tests: a server of its own, at the answered URL. */
export async function listen(listener: RequestListener, port = 0): Promise<string> {
  const server = createServer(listener)
  await new Promise<void>((done) => void server.listen(port, '127.0.0.1', done))
  atEnd(() => {
    server.closeAllConnections()
    server.close()
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

/** For tests: a control plane, and a command line before it that keeps what it prints. */
export async function open(more: Partial<Surroundings> = {}) {
  const fixture = await openFixture()
  atEnd(() => fixture.close())
  const url = await listen((request, response) => fixture.app.routing(request, response))
  const configuration = { url, secret: fixture.adminSecret, credentialsFile: 'credentials' }
  return { ...fixture, url, tt: commandLine({ configuration, ...more }) }
}

/** For tests: runs commands on a wide terminal, unless told otherwise. */
export function commandLine(more: Partial<Surroundings> & Pick<Surroundings, 'configuration'>) {
  return async (...words: string[]) => {
    let out = ''
    let error = ''
    const exitCode = await runCli(words, {
      version: '0.0.0-test',
      isTty: true,
      columns: 160,
      write: (text) => void (out += text),
      writeError: (text) => void (error += text),
      stopped: new AbortController().signal,
      delay: async () => {},
      readConfiguration: () => readEnvironment({}),
      run: async () => 0,
      backup: async (file) => ({ file, bytes: 4_096, secret: '.token-trackr/secret' }),
      restore: async () => ({ file: 'ledger.db', keptAside: null }),
      whyNoRedis: async () => undefined,
      rotate: async () => ({ database: 'ledger.db', secret: '.token-trackr/secret' }),
      readSecret: async () => 'sk-typed',
      inspect: async () => ({ file: 'ledger.db', problems: [] }),
      migrate: async () => ({ database: 'ledger.db', version: 1, latest: 1 }),
      copy: async ({ from, to }) => ({ from, to, moved: [], provingMs: 0, alive: 0, ok: true, checks: [] }),
      start: async () => {},
      verify: async () => ({ ok: true, checks: [] }),
      ...more,
    })
    return { exitCode, out: stripVTControlCharacters(out), raw: out, error }
  }
}

/** For tests: where nobody answers. */
export const NOWHERE = { url: 'http://127.0.0.1:1', secret: 's3cret-of-mine', credentialsFile: 'x' }
