import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Webhook } from 'standardwebhooks'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { freePort } from '../scripts/engines/ports.ts'
import { missingPostgres, newDatabase } from '../scripts/engines/postgres.ts'
import { postgresForTests } from '../scripts/engines/shared.ts'
import { answering, holding } from './answers.ts'
import type { Json } from './control-plane.ts'
import { type FakeProvider, type Received, type Script, startFakeProvider } from './fake-provider.ts'
import { type Installation, newInstallation, ROOT, type Server } from './harness.ts'
import { blocksOf, snippetFolder } from './snippets.ts'
import { call, CHAT, chatCall, pool } from './wire.ts'

const SECRET = `whsec_${Buffer.from('canary-webhook-secret-0123456789').toString('base64')}`
/** Somebody else's code, as a receiver would have it. */
const receiverOf = (secret: string) => new Webhook(secret)
const TOKENS_PER_CALL = 29

const taken: Script = ({ response }) => void response.writeHead(204).end()
const failing: Script = ({ response }) => void response.writeHead(500).end('canary-answer')

let provider: FakeProvider
let receiver: FakeProvider
let house: Installation
beforeEach(async () => {
  provider = await startFakeProvider(answering())
  receiver = await startFakeProvider(taken)
  house = newInstallation(provider, environment())
})
afterEach(async () => {
  await house.remove()
  await provider.close()
  await receiver.close()
})

const environment = () => ({
  ALERT_WEBHOOK_URL: `${receiver.url}/hook?token=canary-in-address`,
  ALERT_WEBHOOK_SECRET: SECRET,
})
const read = async ({ control }: Server, path: string): Promise<Json> => (await control.ask('GET', path)).body
const deliveries = async (server: Server): Promise<Json[]> =>
  (await read(server, '/api/crossings?limit=200')).crossings.flatMap((crossing: Json) => crossing.deliveries)
const ids = () => receiver.received.map(({ headers }) => headers['webhook-id'])

/** A limit of a new user that so many calls fill. */
async function newLimit({ control }: Server, calls: number, thresholds: readonly number[]) {
  const { userId, key } = await control.newUser(null)
  const window = { kind: 'calendar', unit: 'month', zone: 'Europe/Amsterdam' }
  const scope = { kind: 'user', id: userId }
  await control.limit({ scope, metric: 'tokens', window, amount: calls * TOKENS_PER_CALL, mode: 'soft', thresholds })
  return { userId, key }
}

/** Calls to these servers in turn, some at once. */
async function crowd(servers: readonly Server[], key: string, count: number): Promise<void> {
  const dispatcher = pool()
  let left = count
  const worker = async () => {
    while (left-- > 0) {
      const { status } = await call(servers[left % servers.length]!.url, CHAT, key, chatCall(), { dispatcher })
      expect(status).toBe(200)
    }
  }
  await Promise.all(Array.from({ length: 20 }, worker))
  await dispatcher.close()
}

describe('A06: a receiver', () => {
  test('believes what we sent just now, and nothing that was altered, is old, or is signed by anybody else', async () => {
    const server = await house.start()
    const { userId, key } = await newLimit(server, 1, [80])
    await call(server.url, CHAT, key, chatCall())
    await receiver.until(() => receiver.received.length === 1)
    const { headers, body } = receiver.received[0] as Received & { headers: Record<string, string> }
    const verified =
      (over: Record<string, string> = {}, bytes: Buffer | string = body, secret = SECRET) =>
      () =>
        receiverOf(secret).verify(bytes, { ...headers, ...over })

    expect(verified()()).toMatchObject({
      type: 'limit.threshold_crossed',
      data: {
        text: expect.stringMatching(
          new RegExp(`^User ${userId} used 100% of 29 tokens \\(left 0\\), resets 1 \\w{3} 00:00 Europe/Amsterdam$`),
        ),
        ...{ scope: { kind: 'user', id: userId }, metric: 'tokens', thresholdPercent: 80, usedPercent: 100 },
        ...{ amount: 29, settled: 29 },
      },
    })
    expect(Date.now() / 1_000 - Number(headers['webhook-timestamp'])).toBeLessThan(30)
    const old = String(Number(headers['webhook-timestamp']) - 301)
    expect(verified({}, body.toString().replace('100%', '10%'))).toThrow(/No matching signature/)
    expect(verified({ 'webhook-id': 'another' })).toThrow(/No matching signature/)
    expect(verified({ 'webhook-timestamp': String(Number(headers['webhook-timestamp']) + 1) })).toThrow(/No matching/)
    expect(verified({ 'webhook-timestamp': old })).toThrow(/too old/)
    expect(verified({}, body, `whsec_${Buffer.alloc(32).toString('base64')}`)).toThrow(/No matching signature/)
    expect(() => receiverOf('')).toThrow(/empty/)
  })

  test('gets nothing from a server whose secret is empty or short: it does not start, and says why', async () => {
    for (const secret of ['', 'whsec_c2hvcnQ=']) {
      const { code, output } = await house.run({ ALERT_WEBHOOK_SECRET: secret })
      expect(code).toBe(1)
      expect(output).toMatch(/^token-trackr: ALERT_WEBHOOK_SECRET must [^\n]+ make one with: [^\n]+\n$/)
      expect(output).not.toContain('canary')
    }
    expect(receiver.received).toEqual([])
  })

  test('S40: no address, secret or answer of it is in a log, an answer or the metrics', async () => {
    receiver.always(failing)
    const server = await house.start({ LOG_LEVEL: 'trace' })
    const { key } = await newLimit(server, 1, [80])
    await call(server.url, CHAT, key, chatCall())
    await expect.poll(() => deliveries(server), { timeout: 10_000 }).toMatchObject([{ error: 'answered 500' }])
    const tested = await server.control.ask('POST', '/api/alerts/test')
    expect(tested.body).toEqual({ results: [{ channel: 'webhook', delivered: false, reason: 'answered 500' }] })
    const { code, output } = await house.tt('alerts', 'test')
    expect([code, output]).toEqual([1, expect.stringContaining('"answered 500"')])
    const metrics = await (await fetch(`${server.url}/metrics`)).text()
    expect(metrics).toContain('token_trackr_alerts_waiting{channel="webhook"} 1')
    expect(metrics).toMatch(/token_trackr_alert_attempts_total\{channel="webhook",outcome="failed"\} [1-9]/)
    const shown = JSON.stringify([await read(server, '/api/alerts'), await deliveries(server), tested.body])
    const said = [shown, metrics, output, (await house.tt('alerts')).output]
    await server.stop()
    for (const text of [...said, server.output()]) {
      for (const hidden of ['canary-in-address', 'canary-answer', SECRET, SECRET.slice('whsec_'.length)])
        expect(text).not.toContain(hidden)
    }
    expect(server.output()).toContain('alert failed, and will be told again')
  })
})

test('the receiver of docs/alerts.md takes a test and an alert, as it is printed', async () => {
  const [code] = blocksOf(readFileSync(join(ROOT, 'docs/alerts.md'), 'utf8'), 'js')
  const snippets = snippetFolder('.alerts')
  const port = String(await freePort())
  const env = { ...process.env, PORT: port, ALERT_WEBHOOK_SECRET: SECRET }
  const child = spawn(process.execPath, [snippets.write('receiver.mjs', code!)], { env })
  let said = ''
  child.stdout.on('data', (text) => (said += String(text)))
  try {
    const server = await house.start({ ALERT_WEBHOOK_URL: `http://127.0.0.1:${port}/` })
    await expect.poll(async () => (await house.tt('alerts', 'test')).code, { timeout: 20_000 }).toBe(0)
    const { key } = await newLimit(server, 1, [100])
    await call(server.url, CHAT, key, chatCall())
    await expect
      .poll(() => said, { timeout: 10_000 })
      .toMatch(
        /^alerts\.test: This is a test[^\n]*\nlimit\.threshold_crossed: User \S+ used 100% of 29 tokens [^\n]*\n$/,
      )
  } finally {
    child.kill('SIGKILL')
    snippets.remove()
  }
})

test('A01: two processes tell of each threshold once, and 1,000 requests later of none again', async () => {
  const servers = [await house.start(), await house.start()]
  const { key } = await newLimit(servers[0]!, 100, [50, 80, 95, 100])
  await crowd(servers, key, 100)
  await receiver.until(() => receiver.received.length === 4)
  await crowd(servers, key, 1_000)
  await expect
    .poll(async () => (await deliveries(servers[0]!)).map(({ state }) => state))
    .toEqual(Array.from({ length: 4 }, () => 'delivered'))
  const told = receiver.received.map(({ json }) => (json as Json).data.thresholdPercent)
  expect(told.toSorted((a, b) => a - b)).toEqual([50, 80, 95, 100])
  expect(new Set(ids()).size).toBe(4)
}, 120_000)

test('A03: an endpoint that fails is told again by the same id until it recovers, and once it has taken it never again', async () => {
  receiver.always(failing)
  const server = await house.start()
  const { key } = await newLimit(server, 1, [100])
  await call(server.url, CHAT, key, chatCall())
  await receiver.until(() => receiver.received.length === 2)
  await expect.poll(() => deliveries(server)).toMatchObject([{ state: 'waiting', error: 'answered 500', attempts: 2 }])
  expect(await read(server, '/api/alerts')).toMatchObject({
    channels: [{ channel: 'webhook', target: receiver.url, waiting: 1, failing: { error: 'answered 500' } }],
  })
  receiver.always(taken)
  await expect.poll(() => deliveries(server), { timeout: 30_000 }).toMatchObject([{ state: 'delivered', error: null }])
  expect(new Set(ids()).size).toBe(1)
  for (const { headers, body } of receiver.received) receiverOf(SECRET).verify(body, headers as Record<string, string>)
  const { length } = receiver.received
  await crowd([server], key, 50)
  await server.stop()
  expect(receiver.received).toHaveLength(length)
})

test('A03: what a process killed with kill -9 had crossed, and not yet heard of, another tells by the same id, and marks once', async () => {
  receiver.always(holding(answering()))
  const first = await house.start()
  const { key } = await newLimit(first, 1, [100])
  await call(first.url, CHAT, key, chatCall())
  await receiver.until(() => receiver.holding() === 1)
  await first.kill()
  receiver.always(taken)
  const second = await house.start()
  expect(await deliveries(second)).toMatchObject([{ state: 'waiting', attempts: 1 }])
  await expect.poll(() => deliveries(second), { timeout: 50_000 }).toMatchObject([{ state: 'delivered', attempts: 2 }])
  expect(receiver.received).toHaveLength(2)
  expect(new Set(ids()).size).toBe(1)
}, 90_000)

test('what was crossed before anybody was to be told is told to nobody, and says so', async () => {
  const silent = await house.start({ ALERT_WEBHOOK_URL: undefined, ALERT_WEBHOOK_SECRET: undefined })
  const { key } = await newLimit(silent, 2, [50, 100])
  await call(silent.url, CHAT, key, chatCall())
  await expect.poll(async () => (await read(silent, '/api/crossings')).crossings.length).toBe(1)
  expect(await read(silent, '/api/alerts')).toEqual({ channels: [] })
  expect((await house.tt('alerts', 'test')).output).toMatch(/No channel is configured/)
  await silent.stop()
  const server = await house.start()
  await call(server.url, CHAT, key, chatCall())
  await expect.poll(() => deliveries(server), { timeout: 10_000 }).toMatchObject([{ state: 'delivered' }])
  expect(receiver.received.map(({ json }) => (json as Json).data.thresholdPercent)).toEqual([100])
})

test.skipIf(missingPostgres())('A03: of two instances on PostgreSQL that cross at once, one tells', async () => {
  const engine = await postgresForTests()
  const { url, drop } = await newDatabase('url' in engine ? engine.url : '')
  const shared = newInstallation(provider, { ...environment(), DATABASE_URL: url })
  try {
    const servers = [await shared.start(), await shared.start()]
    const { key } = await newLimit(servers[0]!, 40, [25, 50, 75, 100])
    await crowd(servers, key, 60)
    const all = Array.from({ length: 4 }, () => ({ state: 'delivered', attempts: 1 }))
    await expect.poll(() => deliveries(servers[1]!), { timeout: 10_000 }).toMatchObject(all)
    expect(new Set(ids()).size).toBe(4)
    expect(receiver.received).toHaveLength(4)
  } finally {
    await shared.remove()
    await drop()
  }
})
