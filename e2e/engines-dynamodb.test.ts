import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { dynamoForTests } from '../scripts/engines/shared.ts'
import { answering } from './answers.ts'
import { newDynamoTables } from './databases.ts'
import { type DynamoProxy, startDynamoProxy } from './dynamo-proxy.ts'
import { expectSpooledAndBooked, expectSpoolSurvivesKill, OUTAGE_MS, type Outages } from './fail-open.ts'
import { type FakeProvider, startFakeProvider } from './fake-provider.ts'
import { type Installation, newInstallation, type Server } from './harness.ts'
import { lookedOver, type Seen, SHORT_LEASE } from './kill-round.ts'
import { seenCall, seenOf, testManyProcesses } from './many-processes.ts'
import { call, CHAT, chatCall, jsonOf, pool, type WireAnswer } from './wire.ts'

const engine = await dynamoForTests()
const missing = 'reason' in engine ? engine.reason : undefined

describe.skipIf(missing)(missing ?? 'one ledger on DynamoDB', () => {
  let proxy: DynamoProxy
  let provider: FakeProvider
  let house: Installation
  /** All three work on the same tables, the third one through the proxy. */
  let servers: Server[]
  let url: string
  let throughProxy: (url: string) => string
  beforeAll(async () => {
    const endpoint = 'url' in engine ? engine.url : ''
    proxy = await startDynamoProxy(endpoint)
    provider = await startFakeProvider(answering())
    url = newDynamoTables(endpoint)
    throughProxy = (address) => address.replace(encodeURIComponent(endpoint), encodeURIComponent(proxy.url))
    house = newInstallation(provider, { DATABASE_URL: url, ...SHORT_LEASE })
    // Longer than its bad days: a process that nobody hears of for so long is dead to the others.
    const other = await house.start({ DATABASE_URL: throughProxy(url), TOKEN_TRACKR_LEASE_MS: '30000' })
    servers = [await house.start(), await house.start(), other]
  })
  afterEach(() => provider.forget())
  afterAll(async () => {
    await house.remove()
    await provider.close()
    await proxy.close()
  })

  const control = () => servers[0]!.control

  testManyProcesses(() => ({ house, servers, provider, control: control() }))

  test.for(['throttle', 'conflict', 'drop'] as const)(
    'F10: a commit that meets %s is sent again: nothing is lost, doubled or refused',
    async (fault) => {
      const through = servers[2]!
      const { userId, key } = await control().newUser(null)
      const before = proxy.faults()
      const seen: Seen[] = []
      for (let round = 0; round < 6; round++) {
        proxy.fail(fault, 2)
        seen.push(...(await Promise.all(Array.from({ length: (round % 3) + 1 }, () => seenCall(through.url, key)))))
      }
      proxy.fail(fault, 0)
      expect(proxy.faults() - before).toBeGreaterThanOrEqual(6)
      expect(seen.filter(({ complete }) => !complete)).toEqual([])
      await expectLedger([{ userId, seen, received: provider.received.length }])
      expect(await control().allEntries(userId)).toHaveLength(seen.length)
    },
  )

  test.for(['throttle', 'drop', 'away'] as const)(
    'F07, F16: %s without end is refused by name, and what was acknowledged is there once when it has passed',
    async (fault) => {
      const { userId, key } = await control().newUser(null)
      const load = startLoad(servers[2]!, key)
      await provider.until(() => provider.received.length > 5)
      if (fault === 'away') await proxy.goAway()
      else proxy.fail(fault, Infinity)
      await load.until(({ status }) => status === 503)
      if (fault === 'away') await proxy.comeBack()
      else proxy.fail(fault, 0)
      const backAt = load.answers.length
      await load.until(({ status }, index) => status === 200 && index > backAt)
      const answers = await load.end()
      const refused = answers.filter(({ status }) => status !== 200)
      for (const answer of refused) {
        expect([answer.status, jsonOf(answer).error.code]).toEqual([503, 'ledger_unavailable'])
        expect(answer.headers['retry-after']).toBeDefined()
      }
      await expectLedger([{ userId, seen: answers.map(seenOf), received: provider.received.length }])
    },
  )

  const away = (): Outages => ({
    provider,
    environment: { DATABASE_URL: throughProxy(newDynamoTables('url' in engine ? engine.url : '')) },
    begin: () => proxy.goAway(),
    end: () => proxy.comeBack(),
  })

  test(
    'F17: of calls while DynamoDB is away, as many as may pass and are spooled; after it each is booked once',
    () => expectSpooledAndBooked(away()),
    OUTAGE_MS,
  )

  test('F17: a kill -9 while DynamoDB is away loses nothing', () => expectSpoolSurvivesKill(away()), OUTAGE_MS)

  test('F11: a server that starts before its database waits for it, and serves nobody until then', async () => {
    await proxy.goAway()
    const starting = house.start({ DATABASE_URL: throughProxy(url) })
    await delay(1_000)
    await proxy.comeBack()
    const server = await starting
    const { key } = await server.control.newUser(null)
    expect((await call(server.url, CHAT, key, chatCall())).status).toBe(200)
    await server.stop()
  })

  /** Calls again and again, by four at once, until it is told to end. */
  function startLoad(server: Server, key: string) {
    const answers: WireAnswer[] = []
    const dispatcher = pool()
    const load = { isOver: false }
    const caller = async () => {
      while (!load.isOver) {
        const answer = await call(server.url, CHAT, key, chatCall({ stream: answers.length % 2 === 0 }), { dispatcher })
        answers.push(answer)
        // Clients wait before they come again.
        if (answer.status === 503) await delay(100)
      }
    }
    const callers = Promise.all(Array.from({ length: 4 }, caller))
    return {
      answers,
      async until(isFound: (answer: WireAnswer, index: number) => boolean) {
        while (!answers.some(isFound)) await delay(10)
      },
      async end() {
        load.isOver = true
        await callers
        await dispatcher.close()
        return answers
      },
    }
  }

  async function expectLedger(runs: Parameters<typeof lookedOver>[1]): Promise<void> {
    expect(await lookedOver(house, runs)).toMatchObject({ faults: [] })
  }
})
