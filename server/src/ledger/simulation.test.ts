import { expect, test } from 'vitest'
import type { TokenBound } from '../core/bound.ts'
import { counterIdOf } from '../core/counter.ts'
import type { Attempt, Reading } from '../core/entry.ts'
import { StoreUnavailable } from '../core/errors.ts'
import type { Hold } from '../core/hold.ts'
import type { Limit } from '../core/limit.ts'
import type { LedgerStore } from '../core/ports/ledger-store.ts'
import { referenceStore } from '../stores/conformance/reference.ts'
import { endHold } from './end.ts'
import { groupCommit, type Turns } from './group-commit.ts'
import { reserve } from './reserve.ts'
import { sweep } from './sweep.ts'
import { verify } from './verify.ts'

/** `SIMULATION_SEEDS=10000 SIMULATION_STEPS=1000` for the long run; a seed that fails replays with `SIMULATION_FROM`. */
const SEEDS = Number(process.env['SIMULATION_SEEDS'] ?? 40)
const FROM = Number(process.env['SIMULATION_FROM'] ?? 1)
const STEPS = Number(process.env['SIMULATION_STEPS'] ?? 150)
const TENANT = 'default'
const AMOUNT = 5_000n
const LEASE_MS = 10_000

/** mulberry32: a seed is a whole life. */
function randomFrom(seed: number): (below: number) => number {
  let state = seed
  return (below) => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below
  }
}

/** Time that passes only when told to: work that waits runs in an order that the seed decides. */
function virtualTime(random: (below: number) => number) {
  const clock = { nowMs: 1_000_000 }
  const waiting: { atMs: number; work: () => void }[] = []
  const turns: Turns = {
    soon: (work) => void waiting.push({ atMs: clock.nowMs, work }),
    later: (work, ms) => void waiting.push({ atMs: clock.nowMs + ms, work }),
    now: () => clock.nowMs,
  }
  const run = async (ms: number) => {
    clock.nowMs += ms
    for (let due = pick(); due; due = pick()) {
      due.work()
      await settleMicrotasks()
    }
  }
  const pick = () => {
    const due = waiting.filter(({ atMs }) => atMs <= clock.nowMs)
    const chosen = due[random(due.length || 1)]
    if (chosen) waiting.splice(waiting.indexOf(chosen), 1)
    return chosen
  }
  return { clock, turns, run }
}

/** Everything that only waits for promises has run by the next turn of the real loop. */
const settleMicrotasks = () => new Promise((resolve) => setImmediate(resolve))

/** A store whose commits fail as the seed wants: before anything happened, as the port promises. */
function faulty(store: LedgerStore, fails: () => boolean): LedgerStore {
  return {
    ...store,
    async commit(writerId, plans) {
      if (fails()) throw new StoreUnavailable('the disk is full')
      return store.commit(writerId, plans)
    },
  }
}

const tokenLimit: Limit = {
  id: 'limit',
  tenantId: TENANT,
  scope: { kind: 'user', id: 'alice' },
  metric: 'tokens',
  window: { kind: 'lifetime' },
  amount: AMOUNT,
  mode: 'hard',
}

/** One life of two writers on one ledger; answers its history as text, so that two runs can be compared. */
async function live(seed: number): Promise<string> {
  const random = randomFrom(seed)
  const { clock, turns, run } = virtualTime(random)
  const stores = referenceStore({ nowMs: () => clock.nowMs })
  const { version } = await stores.accounts.tenant(TENANT)
  const createUser = { id: 'alice', tenantId: TENANT, createdAtMs: 0 }
  const putLimits = { limits: [tokenLimit], atMs: clock.nowMs }
  await stores.accounts.commit({ tenantId: TENANT, expectVersion: version, createUser, putLimits })
  const store = faulty(stores.ledger, () => random(10) === 0)
  const writers = ['a', 'b'].map((id) => ({ id, commits: groupCommit(store, id, () => {}, turns) }))
  const history: string[] = []
  const open: { hold: Hold; bound: TokenBound }[] = []
  const expected = { settled: 0n }
  let minted = 0

  const begin = (writer: (typeof writers)[number]) => {
    const id = `attempt-${++minted}`
    const attempt: Attempt = { ...ATTEMPT, id, callId: id }
    const bound = { inputTokens: random(300), outputTokens: 1 + random(500), leastOutputTokens: 1, choices: 1 }
    const request = { attempt, tenantVersion: version + 1, limits: [tokenLimit], bound, price: undefined }
    reserve(writer.commits.submit, writer.id, { ...request, tighten: async () => null, atMs: clock.nowMs }).then(
      (reserved) => {
        history.push(`${id} ${reserved.kind}`)
        if (reserved.kind === 'held') open.push({ hold: reserved.hold, bound: reserved.bound! })
      },
      (error: Error) => history.push(`${id} ${error.name}`),
    )
  }
  const finish = (writer: (typeof writers)[number], twice: boolean) => {
    const [one] = open.splice(random(open.length || 1), 1)
    if (!one) return
    const usedOutput = random(one.bound.outputTokens + 1)
    const voids = random(5) === 0
    const reading = { ...READING, usage: { buckets: { inUncached: one.bound.inputTokens, outText: usedOutput } } }
    const end = voids ? VOID : ({ kind: 'settle', reading } as const)
    for (let times = twice ? 2 : 1; times > 0; times--)
      void endHold(writer.commits, store, one.hold, end, []).then((ended) => {
        history.push(`${one.hold.id} ${ended.kind}`)
        if (ended.kind === 'ended' && !voids) expected.settled += BigInt(one.bound.inputTokens + usedOutput)
      })
  }

  for (let step = 0; step < STEPS; step++) {
    const writer = writers[random(2)]!
    const what = random(10)
    if (what < 5) begin(writer)
    else if (what < 9) finish(writer, what === 8)
    else await stores.ledger.renewLease(writer.id, LEASE_MS)
    await run(random(40))
    const { settled, held } = await stores.ledger.counter(counterIdOf(tokenLimit, clock.nowMs), clock.nowMs)
    expect(settled + held <= AMOUNT, `seed ${seed}, step ${step}: ${settled} + ${held}`).toBe(true)
  }
  // Both writers die; a third one comes after them.
  for (let turn = 0; turn < 50; turn++) await run(3_000)
  const after = groupCommit(stores.ledger, 'c', () => {}, turns)
  const swept = sweep(after, stores.ledger)
  for (let turn = 0; turn < 5; turn++) await run(100)
  const orphans = open.reduce((sum, { bound }) => sum + BigInt(bound.inputTokens + bound.outputTokens), 0n)
  expect(await swept, `seed ${seed}`).toBe(open.length)
  const { settled, held } = await stores.ledger.counter(counterIdOf(tokenLimit, clock.nowMs), clock.nowMs)
  expect([settled, held], `seed ${seed}`).toEqual([expected.settled + orphans, 0n])
  expect(
    (await verify(stores.reports)).filter(({ ok, name }) => !ok && name !== 'holds belong to living writers'),
  ).toEqual([])
  return history.join('\n')
}

const ATTEMPT: Omit<Attempt, 'id' | 'callId'> = {
  attempt: 1,
  tenantId: TENANT,
  userId: 'alice',
  keyId: 'key',
  provider: 'sim',
  model: 'sim-small',
  format: 'openai-chat',
  stream: false,
  audit: {},
  labels: {},
}
const READING: Omit<Reading, 'usage'> = {
  outcome: 'completed',
  evidence: 'reported',
  rawUsage: null,
  quarantine: null,
  servedModel: null,
  costNanoUsd: null,
  priceVersion: null,
  httpStatus: 200,
  firstByteMs: 1,
  durationMs: 1,
}
const VOID = { kind: 'void', reading: { httpStatus: 500, durationMs: 1 } } as const

test('F25: whatever writers, failures and time do, the ledger equals a count of what was acknowledged', async () => {
  for (let seed = FROM; seed < FROM + SEEDS; seed++) await live(seed)
})

test('F25: a seed replays to the letter', async () => {
  const first = await live(FROM)
  expect(first).toContain('held')
  expect(await live(FROM)).toBe(first)
})
