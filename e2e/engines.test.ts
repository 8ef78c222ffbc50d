import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { type Cluster, missingPostgres, newCluster, newDatabase, runSql } from '../scripts/engines/postgres.ts'
import { answering } from './answers.ts'
import { type DatabaseProxy, startDatabaseProxy } from './database-proxy.ts'
import { expectSpooledAndBooked, expectSpoolSurvivesKill, OUTAGE_MS, type Outages } from './fail-open.ts'
import { type FakeProvider, startFakeProvider } from './fake-provider.ts'
import { type Installation, newInstallation, type Server } from './harness.ts'
import { lookedOver, type Seen } from './kill-round.ts'
import { seenCall, seenOf, testManyProcesses } from './many-processes.ts'
import { call, CHAT, chatCall, jsonOf, pool, type WireAnswer } from './wire.ts'

const missing = missingPostgres()

describe.skipIf(missing)(missing ?? 'one ledger on PostgreSQL', () => {
  let folder: string
  let cluster: Cluster
  let proxy: DatabaseProxy
  let provider: FakeProvider
  let house: Installation
  let databaseUrl: string
  /** All three work on one database, the third one through the proxy. */
  let servers: Server[]
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'token-trackr-engines-e2e-'))
    chmodSync(folder, 0o711)
    cluster = await newCluster(join(folder))
    proxy = await startDatabaseProxy(cluster.port)
    provider = await startFakeProvider(answering())
    databaseUrl = (await newDatabase(cluster.url())).url
    // Whoever is to live through an outage needs a lease that is longer: else others end its holds in full, as a dead one's.
    house = newInstallation(provider, { DATABASE_URL: databaseUrl, TOKEN_TRACKR_LEASE_MS: '15000' })
    servers = [await house.start(), await house.start(), await house.start({ DATABASE_URL: throughProxy() })]
  })
  afterEach(() => provider.forget())
  afterAll(async () => {
    await house.remove()
    await provider.close()
    await proxy.close()
    await cluster.stop('immediate')
    rmSync(folder, { recursive: true, force: true })
  })

  const throughProxy = () => databaseUrl.replace(`:${cluster.port}/`, `:${proxy.port}/`)
  const control = () => servers[0]!.control

  testManyProcesses(() => ({ house, servers, provider, control: control() }))

  test('F10: a connection that is cut after a commit was sent, before its answer came, neither loses nor doubles it', async () => {
    const through = servers[2]!
    const { userId, key } = await control().newUser(null)
    const before = proxy.cuts()
    const seen: Seen[] = []
    for (let round = 0; round < 12; round++) {
      proxy.cutAnswers('commit_plans', 1)
      seen.push(...(await Promise.all(Array.from({ length: (round % 3) + 1 }, () => seenCall(through.url, key)))))
    }
    proxy.cutAnswers('commit_plans', 0)
    expect(proxy.cuts() - before).toBeGreaterThanOrEqual(12)
    // The database is there all the time: nobody was even refused.
    expect(seen.filter(({ complete }) => !complete)).toEqual([])
    await expectLedger([{ userId, seen, received: provider.received.length }])
    expect(await control().allEntries(userId)).toHaveLength(seen.length)
  })

  test('F07, F16: PostgreSQL stopped with immediate under load and started again', async () => {
    const { userId, key } = await control().newUser(null)
    const load = startLoad(key)
    await provider.until(() => provider.received.length > 20)
    await cluster.stop('immediate')
    await load.until(({ status }) => status === 503)
    await cluster.start()
    const restartedAt = load.answers.length
    await load.until(({ status }, index) => status === 200 && index > restartedAt)
    const answers = await load.end()
    expectRefusals(answers)
    await expectLedger([{ userId, seen: answers.map(seenOf), received: provider.received.length }])
  })

  test(
    'F17: of calls while PostgreSQL is away, as many as may pass and are spooled; after it each is booked once',
    async () => expectSpooledAndBooked(await awayAtOnce()),
    OUTAGE_MS,
  )

  test(
    'F17: a kill -9 while PostgreSQL is away loses nothing',
    async () => expectSpoolSurvivesKill(await awayAtOnce()),
    OUTAGE_MS,
  )

  test('F11: a server that starts before its database waits for it, and serves nobody until then', async () => {
    await cluster.stop('fast')
    const starting = house.start()
    await delay(1_000)
    await cluster.start()
    const server = await starting
    const { key } = await server.control.newUser(null)
    expect((await call(server.url, CHAT, key, chatCall())).status).toBe(200)
    await server.stop()
  })

  test('a full disk: what cannot be written is refused, what was sent is booked once there is room', async () => {
    const { userId, key } = await control().newUser(null)
    const load = startLoad(key)
    await provider.until(() => provider.received.length > 10)
    await runSql(databaseUrl, FULL_DISK)
    await load.until(({ status }) => status === 503)
    await runSql(databaseUrl, 'DROP FUNCTION no_space() CASCADE')
    const roomAt = load.answers.length
    await load.until(({ status }, index) => status === 200 && index > roomAt)
    const answers = await load.end()
    expectRefusals(answers)
    await expectLedger([{ userId, seen: answers.map(seenOf), received: provider.received.length }])
  })

  async function awayAtOnce(): Promise<Outages> {
    const { url } = await newDatabase(cluster.url())
    return {
      provider,
      environment: { DATABASE_URL: url },
      begin: () => cluster.stop('immediate'),
      end: () => cluster.start(),
    }
  }

  /** Calls again and again on all three processes, until it is told to end. */
  function startLoad(key: string) {
    const answers: WireAnswer[] = []
    const dispatcher = pool()
    const state = { isOver: false }
    const caller = async (server: Server) => {
      while (!state.isOver) {
        const answer = await call(server.url, CHAT, key, chatCall({ stream: answers.length % 2 === 0 }), { dispatcher })
        answers.push(answer)
        // Clients wait before they come again.
        if (answer.status === 503) await delay(100)
      }
    }
    const callers = Promise.all([...servers, ...servers].map(caller))
    return {
      answers,
      async until(isFound: (answer: WireAnswer, index: number) => boolean) {
        while (!answers.some(isFound)) await delay(10)
      },
      async end() {
        state.isOver = true
        await callers
        await dispatcher.close()
        return answers
      },
    }
  }

  function expectRefusals(answers: readonly WireAnswer[]): void {
    const refused = answers.filter(({ status }) => status !== 200)
    expect(refused.length).toBeGreaterThan(0)
    for (const answer of refused) {
      expect([answer.status, jsonOf(answer).error.code]).toEqual([503, 'ledger_unavailable'])
      expect(answer.headers['retry-after']).toBeDefined()
    }
  }

  async function expectLedger(runs: Parameters<typeof lookedOver>[1]): Promise<void> {
    expect(await lookedOver(house, runs)).toMatchObject({ faults: [] })
  }
})

/** In the middle of a transaction, as a database does whose table cannot grow. */
const FULL_DISK = `
  CREATE FUNCTION no_space() RETURNS trigger LANGUAGE plpgsql AS $$
  BEGIN
    RAISE EXCEPTION USING ERRCODE = '53100', MESSAGE = 'could not extend file: No space left on device';
  END $$;
  CREATE TRIGGER no_space BEFORE INSERT ON holds FOR EACH ROW EXECUTE FUNCTION no_space();
  CREATE TRIGGER no_space BEFORE INSERT ON entry_ids FOR EACH ROW EXECUTE FUNCTION no_space();
  CREATE TRIGGER no_space BEFORE UPDATE ON rollups FOR EACH ROW EXECUTE FUNCTION no_space()`
