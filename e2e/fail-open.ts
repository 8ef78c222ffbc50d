import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { request } from 'undici'
import { expect } from 'vitest'
import { answering, holding } from './answers.ts'
import type { EntryRow } from './control-plane.ts'
import type { FakeProvider } from './fake-provider.ts'
import { type Installation, newInstallation, type Server } from './harness.ts'
import { SHORT_LEASE } from './kill-round.ts'
import { call, CHAT, chatCall, jsonOf, pool, textOf, type WireAnswer } from './wire.ts'

/** A ledger of any engine that can be made unreachable, and the provider behind its servers. */
export interface Outages {
  readonly provider: FakeProvider
  readonly environment: Record<string, string>
  begin(house: Installation): Promise<void>
  end(): Promise<void>
}

/** A store that is silent is waited for again and again. */
export const OUTAGE_MS = 120_000

const MOST_CALLS = 4
const FILES = { 'proxy.yaml': `fail_open: { calls: ${MOST_CALLS} }` }
/** A limit that is not near is known to have its sums right afterwards. */
const TOKEN_LIMIT = 100_000

/** F17: as many calls pass as may, spooled to disk, and the next is refused; after the outage the ledger has each once. */
export async function expectSpooledAndBooked(outages: Outages): Promise<void> {
  const { provider, environment } = outages
  const house = newInstallation(provider, environment, FILES)
  try {
    const server = await house.start(SHORT_LEASE)
    const { userId, key } = await server.control.newUser(TOKEN_LIMIT)
    const before = await call(server.url, CHAT, key, chatCall())
    expect([before.status, ledgerOf(before)]).toEqual([200, undefined])

    await outages.begin(house)
    const passed = await inParallel(server, key, MOST_CALLS)
    expect(passed.map((answer) => [answer.status, answer.broken, ledgerOf(answer)])).toEqual(
      passed.map(() => [200, false, 'spooled']),
    )
    expect(provider.received).toHaveLength(1 + MOST_CALLS)
    const refused = await call(server.url, CHAT, key, chatCall())
    expect([refused.status, jsonOf(refused).error.code]).toEqual([503, 'ledger_unavailable'])
    expect(textOf(refused)).toContain('fail_open')
    expect(Number(refused.headers['retry-after'])).toBeGreaterThan(0)
    expect(provider.received).toHaveLength(1 + MOST_CALLS)
    expect(await spooledCalls(server)).toBe(MOST_CALLS)
    expect(spoolFiles(house)).toHaveLength(1)
    await outages.end()

    await until(async () => (await spooledCalls(server)) === 0)
    const entries = await server.control.allEntries(userId)
    expect(entries.map(howBooked).toSorted()).toEqual([
      'settled completed reported',
      ...passed.map(() => 'spooled completed reported'),
    ])
    expect(new Set(entries.map(({ callId }) => callId))).toEqual(new Set([before, ...passed].map(callIdOf)))
    const { tokenUsage, tokensHeld } = await server.control.user(userId)
    expect([tokenUsage, tokensHeld]).toEqual([entries.reduce((sum, entry) => sum + entry.totalTokens!, 0), 0])
    expect(spoolFiles(house)).toEqual([])
    const after = await call(server.url, CHAT, key, chatCall())
    expect([after.status, ledgerOf(after)]).toEqual([200, undefined])
    await server.stop()
    expect(await house.tt('verify')).toMatchObject({ code: 0 })
  } finally {
    await house.remove()
  }
}

/** Whatever the moment of a kill -9: what was seen complete is booked as it was, what was under way at its bound. */
export async function expectSpoolSurvivesKill(outages: Outages): Promise<void> {
  const { provider, environment } = outages
  const house = newInstallation(provider, environment, FILES)
  try {
    const first = await house.start(SHORT_LEASE)
    const { userId, key } = await first.control.newUser(TOKEN_LIMIT)
    expect((await call(first.url, CHAT, key, chatCall())).status).toBe(200)

    await outages.begin(house)
    const [seen] = await inParallel(first, key, 1)
    expect(seen).toMatchObject({ status: 200, broken: false })
    provider.always(holding(answering()))
    const open = call(first.url, CHAT, key, chatCall()).catch(() => undefined)
    await provider.until(() => provider.holding() === 1)
    await first.kill()
    await open
    provider.always(answering())
    const starting = house.start(SHORT_LEASE)
    await delay(500)
    await outages.end()

    const second = await starting
    await until(async () => (await spooledCalls(second)) === 0)
    const entries = await second.control.allEntries(userId)
    expect(entries.map(howBooked).toSorted()).toEqual([
      'settled completed reported',
      'spooled completed reported',
      'spooled cut bounded',
    ])
    expect(entries.find(({ evidence, ending }) => evidence === 'reported' && ending === 'spooled')?.callId).toBe(
      callIdOf(seen!),
    )
    expect(spoolFiles(house)).toEqual([])
    await second.stop()
    expect(await house.tt('verify')).toMatchObject({ code: 0 })
  } finally {
    await house.remove()
  }
}

/** Plain and streamed. */
async function inParallel({ url }: Server, key: string, count: number): Promise<WireAnswer[]> {
  const dispatcher = pool()
  const calls = Array.from({ length: count }, (_, index) =>
    call(url, CHAT, key, chatCall({ stream: index % 2 === 1 }), { dispatcher }),
  )
  const answers = await Promise.all(calls)
  await dispatcher.close()
  return answers
}

const ledgerOf = ({ headers }: WireAnswer) => headers['x-token-trackr-ledger']
const callIdOf = ({ headers }: WireAnswer) => headers['x-token-trackr-call-id']
const howBooked = ({ ending, outcome, evidence }: EntryRow) => `${ending} ${outcome} ${evidence}`
const spoolFiles = ({ folder }: Installation) => readdirSync(join(folder, 'spool'))

async function spooledCalls({ url }: Server): Promise<number> {
  const { body } = await request(`${url}/metrics`)
  return Number(/^token_trackr_spooled_calls (\d+)$/m.exec(await body.text())?.[1])
}

async function until(isSo: () => Promise<boolean>): Promise<void> {
  while (!(await isSo())) await delay(20)
}
