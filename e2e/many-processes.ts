import { expect, test } from 'vitest'
import { answering, holding } from './answers.ts'
import type { ControlPlane } from './control-plane.ts'
import type { FakeProvider } from './fake-provider.ts'
import type { Installation, Server } from './harness.ts'
import { killRound, type Seen, SHORT_LEASE } from './kill-round.ts'
import { toldOnce } from './told-once.ts'
import { call, CHAT, chatCall, pool, type WireAnswer } from './wire.ts'

/** Processes that share a ledger, whatever engine keeps it, and the provider behind them. */
interface House {
  readonly house: Installation
  readonly servers: readonly Server[]
  readonly provider: FakeProvider
  readonly control: ControlPlane
}

/** What processes that share a ledger prove on every engine. The house is there once the tests run. */
export function testManyProcesses(theHouse: () => House): void {
  test('Q04: of 300 parallel calls to three processes against a limit that fits 100, exactly 100 reach the provider', () =>
    expectAHundred(theHouse()))

  test('F12: of a process killed with kill -9 in the middle, the others end the holds, once', () =>
    expectHoldsOfTheDeadEnded(theHouse()))

  test('F01: a process killed under 20 calls loses and doubles nothing that a client or a provider saw', async () => {
    const { house, provider } = theHouse()
    expect(await killRound(house, provider, 1)).toMatchObject({ faults: [] })
  }, 120_000)

  test('F02: an event that was acknowledged is there once, however often a process is killed in the middle', async () => {
    const { acknowledged, faults } = await toldOnce(theHouse().house, 3)
    expect(faults).toEqual([])
    expect(acknowledged).toBeGreaterThan(2)
  }, 120_000)
}

/** Of 300 calls at once, over all processes, against a limit that fits 100, exactly 100 reach the provider. */
async function expectAHundred({ servers, provider, control }: House): Promise<void> {
  const { userId, key } = await control.newUser(null)
  const scope = { kind: 'user', id: userId } as const
  await control.limit({ scope, window: { kind: 'lifetime' }, metric: 'requests', amount: 100 })
  provider.always(holding(answering()))
  const dispatcher = pool()
  let refused = 0
  const statuses = await Promise.all(
    Array.from({ length: 300 }, async (_, index) => {
      const { status } = await call(servers[index % servers.length]!.url, CHAT, key, chatCall(), { dispatcher })
      // All have been decided: who was let in has arrived, or is on its way.
      if (status === 429 && (refused += 1) === 200) {
        await provider.until(() => provider.holding() >= 100)
        provider.always(answering())
        provider.release()
      }
      return status
    }),
  )
  await dispatcher.close()
  expect(Map.groupBy(statuses, String).get('200')).toHaveLength(100)
  expect(Map.groupBy(statuses, String).get('429')).toHaveLength(200)
  expect(provider.received).toHaveLength(100)
  await control.idle(userId)
  expect(await control.allEntries(userId)).toHaveLength(100)
}

/** Of a process that is killed with eight calls open, the others end the holds, once each and in full. */
export async function expectHoldsOfTheDeadEnded({ house, provider, control }: House): Promise<void> {
  const { userId, key } = await control.newUser(null)
  const victim = await house.start(SHORT_LEASE)
  provider.always(holding(answering()))
  const calls = Array.from({ length: 8 }, () => seenCall(victim.url, key))
  await provider.until(() => provider.holding() === 8)
  await victim.kill()
  expect((await Promise.all(calls)).some(({ complete }) => complete)).toBe(false)
  await control.idle(userId)
  const entries = await control.allEntries(userId)
  expect(entries.map(({ ending, evidence }) => `${ending} ${evidence}`)).toEqual(
    Array.from({ length: 8 }, () => 'expired bounded'),
  )
  expect(new Set(entries.map(({ callId }) => callId)).size).toBe(8)
}

/** What a client knows of its call. */
export function seenOf({ status, headers, broken }: WireAnswer): Seen {
  return { callId: headers['x-token-trackr-call-id'] as string, complete: status === 200 && !broken }
}

export async function seenCall(url: string, key: string): Promise<Seen> {
  const dispatcher = pool()
  try {
    return seenOf(await call(url, CHAT, key, chatCall(), { dispatcher }))
  } catch {
    return { callId: undefined, complete: false }
  } finally {
    await dispatcher.destroy()
  }
}
