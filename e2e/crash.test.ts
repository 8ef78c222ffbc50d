import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { answering } from './answers.ts'
import { type FakeProvider, startFakeProvider } from './fake-provider.ts'
import { type Installation, newInstallation } from './harness.ts'
import { killRound, lookedOver, type Run, type Seen, SHORT_LEASE, watchedCall } from './kill-round.ts'
import { expectHoldsOfTheDeadEnded } from './many-processes.ts'
import { toldOnce } from './told-once.ts'

let provider: FakeProvider
let installation: Installation
beforeAll(async () => {
  provider = await startFakeProvider(answering())
  installation = newInstallation(provider)
  await (await installation.start()).stop()
})
afterAll(async () => {
  await installation.remove()
  await provider.close()
})

describe('F01: a server killed under 20 calls loses and doubles nothing that a client or a provider saw', () => {
  test.each([1, 2, 3])('at a random moment, seed %i', { timeout: 120_000 }, async (seed) => {
    const round = await killRound(installation, provider, seed)
    expect(round.faults).toEqual([])
    expect(round.entries).toBeGreaterThan(0)
  })
})

test(
  'F02: an event that was acknowledged is there once, however often the server is killed in the middle',
  {
    timeout: 120_000,
  },
  async () => {
    const { acknowledged, faults } = await toldOnce(installation, 6)
    expect(faults).toEqual([])
    expect(acknowledged).toBeGreaterThan(5)
  },
)

test('F12: of a process killed with kill -9 in the middle, another one on the file ends the holds, once', async () => {
  const server = await installation.start(SHORT_LEASE)
  await expectHoldsOfTheDeadEnded({ house: installation, servers: [server], provider, control: server.control })
  await server.stop()
})

describe('F03: killed at each step of reserving, settling and sweeping, the ledger still adds up', () => {
  // Two folders side by side, since most of a run is waiting: one is killed at the odd steps, one at the even ones.
  test.concurrent.each([1, 2])('from step %i, every second one', { timeout: 240_000 }, async (first) => {
    const fake = await startFakeProvider(answering())
    const house = newInstallation(fake)
    const calm = await house.start(SHORT_LEASE)
    const points = Array.from({ length: 100 }, (_, index) => first + 2 * index)
    const users = await Promise.all(points.map((point) => calm.control.newUser(null, `point-${point}`)))
    await calm.stop()

    // No run looks after the one before it: the next one sweeps, and is killed in the middle of that too.
    const runs: Run[] = []
    for (const [index, point] of points.entries()) {
      const user = users[index] as (typeof users)[number]
      const before = fake.received.length
      const { died, seen } = await killedAt(house, point, user.key)
      runs.push({ userId: user.userId, seen, received: fake.received.length - before })
      if (!died) break
    }
    expect(runs.length).toBeGreaterThan(10)
    expect(runs.length).toBeLessThan(points.length)
    expect(await lookedOver(house, runs)).toMatchObject({ faults: [] })
    await house.remove()
    await fake.close()
  })
})

/** A plain call and a stream on a server that kills itself at its n-th step, if it gets that far. */
async function killedAt(house: Installation, point: number, key: string): Promise<{ died: boolean; seen: Seen[] }> {
  try {
    const server = await house.start({ ...SHORT_LEASE, TT_CRASH_AT: String(point) })
    const seen = [await watchedCall(server.url, key, false, false), await watchedCall(server.url, key, true, true)]
    const { signal } = await server.stop()
    return { died: signal === 'SIGKILL', seen }
  } catch (error) {
    // It may die before it listens.
    if (!(error as Error).message.includes('did not become ready')) throw error
    return { died: true, seen: [] }
  }
}
