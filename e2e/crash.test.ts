import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { answering } from './answers.ts'
import { type FakeProvider, startFakeProvider } from './fake-provider.ts'
import { type Installation, newInstallation } from './harness.ts'
import { killRound, lookedOver, SHORT_LEASE, watchedCall } from './kill-round.ts'

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
  test.each([1, 2, 3])('at a random moment, seed %i', async (seed) => {
    const round = await killRound(installation, provider, seed)
    expect(round.faults).toEqual([])
    expect(round.entries).toBeGreaterThan(0)
  })
})

test(
  'F03: killed at each step of reserving, settling and sweeping, the ledger still adds up',
  { timeout: 240_000 },
  async () => {
    let crashes = 0
    for (let point = 1; ; point += 1) {
      const crashed = await crashAt(point)
      expect(crashed.faults, `at crash point ${point}`).toEqual([])
      if (!crashed.died) break
      crashes += 1
    }
    expect(crashes).toBeGreaterThan(10)
  },
)

/** A plain call and a stream on a server that kills itself at its n-th step, if it gets that far. */
async function crashAt(point: number): Promise<{ died: boolean; faults: readonly string[] }> {
  provider.forget()
  const calm = await installation.start(SHORT_LEASE)
  const { userId, key } = await calm.control.newUser(null, `point-${point}`)
  await calm.stop()
  let seen: Awaited<ReturnType<typeof watchedCall>>[] = []
  let died = true
  try {
    const server = await installation.start({ ...SHORT_LEASE, TT_CRASH_AT: String(point) })
    seen = [await watchedCall(server.url, key, false, false), await watchedCall(server.url, key, true, true)]
    const { signal } = await server.stop()
    died = signal === 'SIGKILL'
  } catch (error) {
    if (!(error as Error).message.includes('did not become ready')) throw error
  }
  const { faults } = await lookedOver(installation, userId, seen, provider.received.length)
  return { died, faults }
}
