import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { StoreUnavailable } from '../core/errors.ts'
import type { Hold } from '../core/hold.ts'
import { applying, type Limit } from '../core/limit.ts'
import type { LedgerStore } from '../core/ports/ledger-store.ts'
import { A_PRICE, aLimit, anAttempt, aReading, NOON_MS } from '../stores/conformance/fixtures.ts'
import { referenceStore } from '../stores/conformance/reference.ts'
import { openSpool } from '../stores/spool/open.ts'
import { type Ledger, openLedger } from './ledger.ts'
import type { ReserveRequest } from './reserve.ts'
import { verify } from './verify.ts'

const TENANT = 'acme'
const MOST = 3
const DAY_MS = 86_400_000

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'token-trackr-fail-open-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

/** A store that can be out of reach, or lose its answer to what it has committed. */
async function setUp(limits: readonly Limit[], most = MOST) {
  const clock = { nowMs: NOON_MS }
  const stores = referenceStore({ nowMs: () => clock.nowMs })
  const state = { isAway: false, losesAnswers: false }
  const reached = () => {
    if (state.isAway) throw new StoreUnavailable('nobody answers')
  }
  const store: LedgerStore = {
    ...stores.ledger,
    async commit(writerId, plans) {
      reached()
      const answers = await stores.ledger.commit(writerId, plans)
      if (state.losesAnswers) throw new StoreUnavailable('the answer was lost')
      return answers
    },
  }
  const told: string[] = []
  const putLimit = async (limit: Limit) => {
    const { version } = await stores.accounts.tenant(TENANT)
    await stores.accounts.commit({
      tenantId: TENANT,
      expectVersion: version,
      putLimits: { limits: [limit], atMs: clock.nowMs },
    })
  }
  for (const limit of limits) await putLimit(limit)
  const limitsOf = async (tenantId: string) => {
    reached()
    return {
      tenantVersion: (await stores.accounts.tenant(tenantId)).version,
      limits: await stores.reports.limits(tenantId),
    }
  }
  const open = async (writerId: string) =>
    openLedger({
      ...{ store, writerId, leaseMs: 15_000, onCommitted: () => {} },
      onError: (error) => expect.unreachable(String(error)),
      failOpen: {
        spool: await openSpool({ folder, leaseMs: 15_000, report: (problem) => expect.unreachable(problem) }),
        mostCalls: () => most,
        limitsOf,
        nowMs: () => clock.nowMs,
        onError: (error) => expect.unreachable(String(error)),
        told: {
          began: (calls) => told.push(`began, ${calls} at most`),
          found: (calls) => told.push(`found ${calls}`),
          expired: (entry) => told.push(`expired ${entry.id}`),
          over: (calls) => told.push(`over after ${calls}`),
        },
      },
    })
  const request = async (id: string, tokens = 100): Promise<ReserveRequest> => ({
    attempt: anAttempt({ id, callId: id }),
    tenantVersion: (await stores.accounts.tenant(TENANT)).version,
    limits: applying(await stores.reports.limits(TENANT), anAttempt()),
    bound: { inputTokens: tokens - 10, outputTokens: 10, leastOutputTokens: 10, choices: 1 },
    tighten: async () => null,
    price: A_PRICE,
    atMs: clock.nowMs,
  })
  /** As the gateway does: first the ledger, then without it. */
  const admit = async (ledger: Ledger, id: string, tokens?: number): Promise<Hold> => {
    const asked = await request(id, tokens)
    const reserved = await ledger.reserve(asked).catch((cause: unknown) => ledger.letThrough(asked, cause))
    if (reserved.kind !== 'held') throw new Error(reserved.kind)
    return reserved.hold
  }
  const settle = (ledger: Ledger, hold: Hold) => ledger.end(hold, { kind: 'settle', reading: aReading() })
  const entries = async () => {
    const all = await stores.reports.scanEntries(undefined, 100)
    return all.map(({ id, ending, outcome, evidence }) => `${id} ${ending} ${outcome} ${evidence}`).toSorted()
  }
  const proofs = async () => (await verify(stores.reports)).filter(({ ok }) => !ok)
  return { stores, state, clock, told, open, putLimit, admit, settle, entries, proofs }
}

const allBooked = (ledger: Ledger) => expect.poll(() => ledger.failOpen!.depth, { timeout: 10_000 }).toBe(0)
const lifetime = aLimit({ amount: 1_000n })

test('F17: as many calls go without the ledger as may; it has each once when it is back, and counts them', async () => {
  const { state, told, open, admit, settle, entries, proofs, stores } = await setUp([
    lifetime,
    aLimit({ id: 'calls', metric: 'requests', amount: 9n }),
  ])
  const ledger = await open('writer')
  state.isAway = true
  const holds = await Promise.all(['a', 'b', 'c'].map((id) => admit(ledger, id)))
  const full = { body: { code: 'ledger_unavailable', message: expect.stringContaining('3 calls have gone') } }
  await expect(admit(ledger, 'd')).rejects.toMatchObject(full)
  expect(ledger.failOpen!.hasRoom(TENANT)).toBe(false)
  const refused = { kind: 'void', reading: { httpStatus: 429, durationMs: 1 } } as const
  const [ended] = await Promise.all([
    ...holds.slice(0, 2).map((hold) => settle(ledger, hold)),
    ledger.end(holds[2]!, refused),
  ])
  expect(ended).toMatchObject({ kind: 'ended', entry: { id: 'a', ending: 'spooled', countedAtMs: NOON_MS } })
  expect(await settle(ledger, holds[0]!)).toEqual({ kind: 'already_ended', as: 'spooled' })
  // Ended is not booked: there is no room yet.
  await expect(admit(ledger, 'e')).rejects.toMatchObject(full)
  state.isAway = false
  await allBooked(ledger)
  expect(await entries()).toEqual(
    ['a', 'b'].map((id) => `${id} spooled completed reported`).concat('c spooled voided reported'),
  )
  expect(told).toEqual(['began, 3 at most', 'over after 3'])
  await settle(ledger, await admit(ledger, 'f'))
  expect(await entries()).toContain('f settled completed reported')
  expect(await stores.reports.scanCounters()).toMatchObject([
    { value: { settled: 90n, held: 0n } },
    { value: { settled: 3n, held: 0n } },
  ])
  expect(await proofs()).toEqual([])
  await ledger.close()
  expect(readdirSync(folder)).toEqual([])
})

test('without a number nothing goes without the ledger, and the cause is what is told', async () => {
  const { state, open, admit } = await setUp([], 0)
  const ledger = await open('writer')
  state.isAway = true
  await expect(admit(ledger, 'a')).rejects.toThrow('nobody answers')
  await ledger.close()
})

test('a call that is larger than all of a limit does not go without the ledger', async () => {
  const { state, open, admit } = await setUp([lifetime, aLimit({ id: 'blocked', metric: 'requests', amount: 0n })])
  const ledger = await open('writer')
  state.isAway = true
  await expect(admit(ledger, 'a')).rejects.toThrow('nobody answers')
  expect(ledger.failOpen!.depth).toBe(0)
  await ledger.close()
})

test('what was used without the ledger is booked also beyond a limit, and the next call is refused', async () => {
  const { state, open, admit, settle, proofs } = await setUp([aLimit({ amount: 100n })])
  const ledger = await open('writer')
  state.isAway = true
  const holds = await Promise.all(['a', 'b', 'c'].map((id) => admit(ledger, id)))
  await Promise.all(holds.map((hold) => settle(ledger, hold)))
  state.isAway = false
  await allBooked(ledger)
  await expect(admit(ledger, 'd')).rejects.toThrow('refused')
  expect(await proofs()).toEqual([])
  await ledger.close()
})

test('F17: killed at any moment of booking, the next process books what is left, nothing twice; an intent counts in full', async () => {
  const { state, told, open, admit, settle, entries, proofs } = await setUp([lifetime])
  const dead = await open('dead')
  state.isAway = true
  const [a, b] = [await admit(dead, 'a'), await admit(dead, 'b'), await admit(dead, 'c')]
  await settle(dead, a)
  // Committed, and the process is killed before it hears of it.
  state.isAway = false
  state.losesAnswers = true
  await expect.poll(entries).toEqual(['a spooled completed reported'])
  state.isAway = true
  await settle(dead, b)
  state.losesAnswers = false
  state.isAway = false
  const next = await open('next')
  expect(next.failOpen!.depth).toBe(0)
  expect(await entries()).toEqual([
    'a spooled completed reported',
    'b spooled completed reported',
    'c spooled cut bounded',
  ])
  expect(told).toEqual(['began, 3 at most', 'found 3', 'expired c', 'over after 3'])
  expect(await proofs()).toEqual([])
  await Promise.all([dead.close(), next.close()])
})

test('a reserve that the store has committed, though its answer was lost, ends with the truth', async () => {
  const { state, open, admit, settle, entries, proofs, stores } = await setUp([lifetime])
  const ledger = await open('writer')
  state.losesAnswers = true
  const hold = await admit(ledger, 'a')
  await settle(ledger, hold)
  state.losesAnswers = false
  await allBooked(ledger)
  expect(await entries()).toEqual(['a spooled completed reported'])
  expect(await stores.reports.scanHolds()).toEqual([])
  expect(await proofs()).toEqual([])
  await ledger.close()
})

test('a call counts in the windows of its admission: yesterday’s as well, but not of a limit that is newer', async () => {
  const daily = { kind: 'calendar', unit: 'day', zone: 'UTC' } as const
  const { state, clock, open, admit, settle, putLimit, proofs, stores } = await setUp([aLimit({ window: daily })])
  const ledger = await open('writer')
  await settle(ledger, await admit(ledger, 'before'))
  state.isAway = true
  const hold = await admit(ledger, 'a')
  clock.nowMs += DAY_MS
  await putLimit(aLimit({ id: 'newer', metric: 'requests', window: daily }))
  await putLimit(aLimit({ id: 'newest', metric: 'costNanoUsd' }))
  await settle(ledger, hold)
  state.isAway = false
  await allBooked(ledger)
  expect(await proofs()).toEqual([])
  const used = (await stores.reports.scanCounters()).map(({ value }) => value.settled).filter((settled) => settled > 0n)
  expect(used).toEqual([60n, expect.anything()])
  await ledger.close()
})
