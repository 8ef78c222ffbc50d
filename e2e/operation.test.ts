import { execFileSync } from 'node:child_process'
import { chmodSync, existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { once } from 'node:events'
import { connect, createServer } from 'node:net'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { Agent, request } from 'undici'
import { describe, expect, test } from 'vitest'
import { nodeFlags } from '../server/src/config/node-flags.ts'
import { FIRST, SECOND } from '../server/src/config/tls.test.fixture.ts'
import { answering, holding, holdingAfter } from './answers.ts'
import { newInstallation, type Server, type Stage, stage } from './harness.ts'
import { startFakeProvider } from './fake-provider.ts'
import { call, CHAT, chatCall, pool, textOf } from './wire.ts'

/** Runs a test on a stage of its own. */
const on =
  (environment: Record<string, string>, work: (stage: Stage) => Promise<void>): (() => Promise<void>) =>
  async () => {
    const own = await stage(environment)
    try {
      await work(own)
    } finally {
      await own.close()
    }
  }

async function metric(server: Server, name: string): Promise<number> {
  const answer = await request(`${server.url}/metrics`)
  const line = (await answer.body.text()).split('\n').find((one) => one.startsWith(`${name} `))
  return Number(line?.split(' ')[1])
}

describe('F14: a server that is told to stop', () => {
  const STREAMS = 50
  const begun = async ({ server, provider }: Stage, key: string) => {
    provider.always(holdingAfter(3))
    const dispatcher = pool()
    const calls = Array.from({ length: STREAMS }, () =>
      call(server.url, CHAT, key, chatCall({ stream: true }), { dispatcher }),
    )
    await provider.until(() => provider.holding() === STREAMS)
    expect(await metric(server, 'token_trackr_open_calls')).toBe(STREAMS)
    expect(await metric(server, 'token_trackr_open_holds')).toBe(STREAMS)
    return calls
  }
  /** Asks it to stop, and waits until it takes no calls any more. */
  const stopping = async (server: Server, key: string) => {
    process.kill(server.pid, 'SIGTERM')
    for (;;) {
      const ready = await request(`${server.url}/api/ready`)
      const text = await ready.body.text()
      if (ready.statusCode === 503) {
        expect(text).toContain('the server is stopping')
        break
      }
    }
    const refused = await call(server.url, CHAT, key, chatCall())
    expect(refused.status).toBe(503)
    expect(textOf(refused)).toContain('not_ready')
    expect(refused.headers).toMatchObject({ connection: 'close', 'retry-after': '1' })
  }
  const nothingHeld = async ({ installation }: Stage) => {
    expect(await installation.tt('verify')).toMatchObject({ code: 0 })
    expect((await installation.tt('verify')).output).toContain('0 open holds')
  }

  test(
    'lets open streams finish, refuses new calls meanwhile, and exits with 0 and nothing held',
    on({}, async (own) => {
      const { key, userId } = await own.server.control.newUser(null)
      const calls = await begun(own, key)
      await stopping(own.server, key)
      own.provider.release(STREAMS)
      const answers = await Promise.all(calls)
      expect(answers.every(({ broken, status }) => status === 200 && !broken)).toBe(true)
      expect(answers.every((answer) => textOf(answer).endsWith('data: [DONE]\n\n'))).toBe(true)
      expect(await own.server.ended).toEqual({ code: 0, signal: null })
      await nothingHeld(own)
      const again = await own.installation.start()
      const entries = await again.control.allEntries(userId)
      expect(
        entries.filter(({ outcome, evidence }) => outcome === 'completed' && evidence === 'reported'),
      ).toHaveLength(STREAMS)
    }),
  )

  test(
    'cuts at the deadline what has not finished, books it as cut by what was seen, and exits with 0',
    on({ TOKEN_TRACKR_STOP_MS: '300' }, async (own) => {
      const { key, userId } = await own.server.control.newUser(null)
      const calls = await begun(own, key)
      process.kill(own.server.pid, 'SIGTERM')
      const answers = await Promise.all(calls)
      expect(answers.every(({ broken }) => broken)).toBe(true)
      expect(await own.server.ended).toEqual({ code: 0, signal: null })
      await nothingHeld(own)
      const again = await own.installation.start()
      const entries = await again.control.allEntries(userId)
      expect(entries).toHaveLength(STREAMS)
      for (const entry of entries)
        expect(entry).toMatchObject({ outcome: 'cut', ending: 'settled', evidence: 'estimated' })
      expect(await again.control.user(userId)).toMatchObject({ tokensHeld: 0 })
    }),
  )

  test(
    'tells a client that has nothing yet, and books what was sent for it',
    on({ TOKEN_TRACKR_STOP_MS: '0' }, async (own) => {
      const { key, userId } = await own.server.control.newUser(null)
      own.provider.always(holding(answering()))
      const waiting = call(own.server.url, CHAT, key, chatCall())
      await own.provider.until(() => own.provider.holding() === 1)
      expect(await own.server.stop()).toEqual({ code: 0, signal: null })
      const answer = await waiting
      expect(answer.status).toBe(503)
      expect(textOf(answer)).toContain('not_ready')
      const again = await own.installation.start()
      expect(await again.control.allEntries(userId)).toMatchObject([{ outcome: 'cut', ending: 'settled' }])
    }),
  )
})

const flagsOf = (server: Server) =>
  readFileSync(`/proc/${server.pid}/cmdline`, 'utf8')
    .split('\0')
    .filter((word) => word.startsWith('--'))

/** As a process is told that may run on one core alone. */
const ON_ONE_CORE = `--import=data:text/javascript,${encodeURIComponent(
  `import os from 'node:os'; import { syncBuiltinESMExports } from 'node:module'
   os.availableParallelism = () => 1; syncBuiltinESMExports()`,
)}`

describe.skipIf(process.platform !== 'linux')('whoever starts the server', () => {
  test(
    'its process keeps its id and has the flags that bound the young space and the threads of V8, unless told others',
    on({}, async ({ server, installation }) => {
      expect(flagsOf(server)).toEqual(nodeFlags())
      expect((await server.stop()).code).toBe(0)
      const told = await installation.start({ NODE_OPTIONS: '--max-semi-space-size=32' })
      expect(flagsOf(told)).toEqual(nodeFlags().slice(1))
    }),
  )

  test(
    'on a single core no collection is divided',
    on({ NODE_OPTIONS: ON_ONE_CORE }, async ({ server }) => {
      expect(flagsOf(server)).toEqual(nodeFlags(1))
    }),
  )
})

test('F06: a database that cannot be written is one line that says what to do, and nothing listens', async () => {
  const provider = await startFakeProvider(answering())
  const port = await freePort()
  const installation = newInstallation(provider, { PORT: String(port) })
  try {
    const first = await installation.start()
    await first.stop()
    chmodSync(join(installation.folder, 'ledger.db'), 0o444)
    const { code, output } = await installation.run()
    expect(code).toBe(1)
    expect(output).toMatch(/^token-trackr: Cannot open the database .*ledger\.db: it is not writable\. Make [^\n]*\n$/)
    const socket = connect(port, '127.0.0.1')
    await expect(once(socket, 'connect')).rejects.toThrow('ECONNREFUSED')
  } finally {
    await installation.remove()
    await provider.close()
  }
})

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  server.close()
  await once(server, 'close')
  return port
}

const canLimitFiles = process.platform === 'linux' && existsSync('/usr/bin/prlimit')

test.skipIf(!canLimitFiles)(
  'F05: a full disk refuses calls by name, loses nothing that was acknowledged, and is over when there is room again',
  on({}, async (own) => {
    const { server, provider, installation } = own
    const { key, userId } = await server.control.newUser(null)
    const limit = (bytes: string) =>
      execFileSync('prlimit', [`--pid=${server.pid}`, `--fsize=${bytes}:`], { stdio: 'inherit' })
    const acknowledged = new Set<string>()
    const one = async () => {
      const answer = await call(server.url, CHAT, key, chatCall())
      if (answer.status === 200) acknowledged.add(String(answer.headers['x-token-trackr-call-id']))
      return answer
    }
    await one()
    // A stream is open when the disk fills up: its end waits for room, and is not lost.
    provider.next(holdingAfter(3))
    const open = call(server.url, CHAT, key, chatCall({ stream: true }))
    await provider.until(() => provider.holding() === 1)
    const sizes = readdirSync(installation.folder).map((name) => statSync(join(installation.folder, name)).size)
    limit(String(Math.max(...sizes) + 64 * 1024))
    let full = await one()
    for (let calls = 0; full.status === 200 && calls < 500; calls++) full = await one()
    expect(full.status).toBe(503)
    expect(textOf(full)).toContain('ledger_unavailable')
    const asked = provider.received.length
    for (let calls = 0; calls < 5; calls++) expect((await one()).status).toBe(503)
    // Nothing is sent to a provider that cannot be booked.
    expect(provider.received).toHaveLength(asked)
    expect((await request(`${server.url}/api/ready`)).statusCode).toBe(503)
    provider.release()
    await delay(200)
    limit('unlimited')
    await expect.poll(async () => (await one()).status, { timeout: 15_000 }).toBe(200)
    expect(await open).toMatchObject({ status: 200, broken: false })
    await server.control.idle(userId)
    const entries = await server.control.allEntries(userId)
    const booked = new Set(entries.map(({ callId }) => callId))
    expect([...acknowledged].filter((id) => !booked.has(id))).toEqual([])
    expect(entries.filter(({ stream, outcome }) => stream && outcome === 'completed')).toHaveLength(1)
    expect(await installation.tt('verify')).toMatchObject({ code: 0 })
    expect(await metric(server, 'token_trackr_store_failures_total')).toBeGreaterThan(0)
  }),
)

test(
  'F24: while the event loop stands still for 2 s nobody else ends its calls, none is given up, and the lag is told',
  on(
    { TOKEN_TRACKR_LEASE_MS: '6000', TOKEN_TRACKR_UPSTREAM_TIMEOUT_MS: '1500' },
    async ({ server, provider, installation }) => {
      const { key, userId } = await server.control.newUser(null)
      // Another server on the same ledger, which would sweep the holds of a dead one.
      const other = await installation.start()
      provider.always(holdingAfter(3))
      const dispatcher = pool()
      const calls = Array.from({ length: 10 }, () =>
        call(server.url, CHAT, key, chatCall({ stream: true }), { dispatcher }),
      )
      await provider.until(() => provider.holding() === 10)
      process.kill(server.pid, 'SIGSTOP')
      provider.release(10)
      await delay(2_000)
      expect((await other.control.user(userId)).tokensHeld).toBeGreaterThan(0)
      process.kill(server.pid, 'SIGCONT')
      const answers = await Promise.all(calls)
      expect(answers.every(({ status, broken }) => status === 200 && !broken)).toBe(true)
      expect((await request(`${server.url}/api/health`)).statusCode).toBe(200)
      const entries = await server.control.allEntries(userId)
      expect(entries.map(({ outcome, evidence }) => `${outcome} ${evidence}`)).toEqual(
        Array.from({ length: 10 }, () => 'completed reported'),
      )
      await expect.poll(() => metric(server, 'token_trackr_event_loop_blocked_seconds_total')).toBeGreaterThan(1.5)
      // The log is written a little later than what it tells of.
      await expect.poll(() => server.output()).toContain('the event loop was blocked')
    },
  ),
)

test(
  'B12: 500 connections that send a byte now and then are closed within 15 s, and calls are answered meanwhile',
  on({}, async ({ server }) => {
    const { key } = await server.control.newUser(null)
    const { hostname, port } = new URL(server.url)
    const startedAtMs = performance.now()
    const stays: Promise<number>[] = Array.from({ length: 500 }, async () => {
      const socket = connect(Number(port), hostname)
      socket.on('error', () => undefined)
      socket.write('GET / HTTP/1.1\r\nx-slow: ')
      const dripping = setInterval(() => socket.write('x'), 3_000)
      await once(socket.resume(), 'close')
      clearInterval(dripping)
      return performance.now() - startedAtMs
    })
    for (let calls = 0; calls < 10; calls++) expect((await call(server.url, CHAT, key, chatCall())).status).toBe(200)
    // The server's own clock decides; what this machine adds on top is not what is proved.
    expect(Math.max(...(await Promise.all(stays)))).toBeLessThan(20_000)
    expect((await call(server.url, CHAT, key, chatCall())).status).toBe(200)
  }),
)

test(
  'S63: on an address that others reach, metrics are for the administrator',
  on({ HOST: '0.0.0.0' }, async ({ server, installation }) => {
    const at = server.url.replace('0.0.0.0', '127.0.0.1')
    const asked = async (headers: Record<string, string> = {}) => {
      const { statusCode, body } = await request(`${at}/metrics`, { headers })
      return { statusCode, text: await body.text() }
    }
    const { key, userId } = await server.control.newUser(null, 'canary-user')
    await call(at, CHAT, key, chatCall())
    expect((await asked()).statusCode).toBe(401)
    const { statusCode, text } = await asked({ authorization: `Bearer ${installation.adminSecret}` })
    expect(statusCode).toBe(200)
    expect(text).toContain('token_trackr_attempts_total{provider="openai"')
    expect(text).not.toContain(userId)
    expect(text).not.toContain('tenant')
  }),
)

test(
  'a backup is made beside a server at work, and gives back the ledger on another machine with its secret',
  on({}, async ({ server, installation, provider }) => {
    const { key, userId } = await server.control.newUser(null)
    await call(server.url, CHAT, key, chatCall())
    const file = join(installation.folder, 'backup.db')
    expect(await installation.tt('backup', file)).toMatchObject({
      code: 0,
      output: expect.stringContaining('APP_SECRET_KEY') as string,
    })
    await call(server.url, CHAT, key, chatCall())
    expect((await installation.tt('restore', file)).output).toContain('is in use')
    const other = newInstallation(provider)
    try {
      expect(await other.tt('restore', file)).toMatchObject({ code: 0 })
      other.adminSecret = installation.adminSecret
      const restored = await other.start()
      expect(await restored.control.allEntries(userId)).toHaveLength(1)
      // The keys are what they were.
      expect((await call(restored.url, CHAT, key, chatCall())).status).toBe(200)
      expect(await other.tt('verify')).toMatchObject({ code: 0 })
    } finally {
      await other.remove()
    }
  }),
)

test('HTTPS is spoken with the configured certificate, its successor after SIGHUP, and no other; a bad pair is one line', async () => {
  const provider = await startFakeProvider(answering())
  const installation = newInstallation(provider)
  const [TLS_CERT_FILE, TLS_KEY_FILE] = ['tls.crt', 'tls.key'].map((name) => join(installation.folder, name)) as [
    string,
    string,
  ]
  const write = ({ cert }: { cert: string }, { key }: { key: string }) => {
    writeFileSync(TLS_CERT_FILE, cert)
    writeFileSync(TLS_KEY_FILE, key)
  }
  try {
    write(FIRST, SECOND)
    const { code, output } = await installation.run({ TLS_CERT_FILE, TLS_KEY_FILE })
    expect(code).toBe(1)
    expect(output).toMatch(/^token-trackr: TLS_KEY_FILE [^\n]* is not the key of the certificate in [^\n]*\n$/)
    write(FIRST, FIRST)
    const server = await installation.start({ TLS_CERT_FILE, TLS_KEY_FILE })
    expect(server.url).toMatch(/^https:/)
    const signIn = async (ca: string) => {
      const dispatcher = new Agent({ connect: { ca, servername: 'localhost' }, keepAliveTimeout: 1 })
      const body = JSON.stringify({ secret: installation.adminSecret })
      const headers = { 'content-type': 'application/json' }
      const answer = await request(`${server.url}/api/session`, { method: 'POST', body, headers, dispatcher })
      await dispatcher.close()
      return answer
    }
    const { headers, statusCode } = await signIn(FIRST.cert)
    expect(statusCode).toBe(204)
    expect(headers['set-cookie']).toContain('Secure')
    expect(headers['strict-transport-security']).toContain('max-age=')
    write(FIRST, SECOND)
    process.kill(server.pid, 'SIGHUP')
    await expect.poll(() => server.output()).toContain('the certificate could not be renewed')
    expect((await signIn(FIRST.cert)).statusCode).toBe(204)
    write(SECOND, SECOND)
    process.kill(server.pid, 'SIGHUP')
    await expect.poll(() => server.output()).toContain('certificate renewed')
    expect((await signIn(SECOND.cert)).statusCode).toBe(204)
    await expect(signIn(FIRST.cert)).rejects.toThrow()
    expect(await server.stop()).toEqual({ code: 0, signal: null })
    expect(server.output()).not.toContain('PRIVATE KEY')
  } finally {
    await installation.remove()
    await provider.close()
  }
})
