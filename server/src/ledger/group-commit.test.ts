import { expect, test } from 'vitest'
import { StoreUnavailable } from '../core/errors.ts'
import type { Answer, Plan } from '../core/plan.ts'
import type { LedgerStore } from '../core/ports/ledger-store.ts'
import { groupCommit, REAL_TURNS } from './group-commit.ts'

/** A store whose commits are told how to go. */
function scriptedStore(commit: (plans: readonly Plan[]) => readonly Answer[]) {
  const batches: Plan[][] = []
  const store = {
    maxPlansPerCommit: 64,
    commit: async (_writerId: string, plans: readonly Plan[]) => {
      batches.push([...plans])
      return commit(plans)
    },
  } as unknown as LedgerStore
  return { store, batches }
}

const plan = (tenantId: string): Plan => ({ tenantId, adds: [], rollups: [] })
const committed = (plans: readonly Plan[]): Answer[] => plans.map((_, seq) => ({ kind: 'committed', seq }))

test('plans that arrive in one turn are one commit, and each gets its own answer', async () => {
  const { store, batches } = scriptedStore(committed)
  const commits = groupCommit(store, 'writer', () => undefined)
  const answers = await Promise.all(['a', 'b', 'c'].map((id) => commits.submit(plan(id))))
  expect(batches.map((batch) => batch.map(({ tenantId }) => tenantId))).toEqual([['a', 'b', 'c']])
  expect(answers.map((answer) => answer.kind === 'committed' && answer.seq)).toEqual([0, 1, 2])
})

test('a plan does not wait for others for longer than a flush takes, however slowly and steadily they come', async () => {
  const { store, batches } = scriptedStore(committed)
  let nowMs = 0
  const more: Promise<Answer>[] = []
  const turns = {
    ...REAL_TURNS,
    now: () => nowMs,
    // Each turn takes a millisecond, and another plan comes in it.
    soon: (work: () => void) => {
      nowMs += 1
      if (more.length < 10) more.push(commits.submit(plan(`${more.length}`)))
      REAL_TURNS.soon(work)
    },
  }
  const commits = groupCommit(store, 'writer', () => undefined, turns)
  await commits.submit(plan('first'))
  expect(batches[0]!.length).toBeLessThanOrEqual(4)
  await Promise.all(more)
})

test('F10: a commit that fails loses no end: it is there when the store is back, and is booked once', async () => {
  let healthy = false
  const { store, batches } = scriptedStore((plans) => {
    if (!healthy) throw new StoreUnavailable('disk is full')
    return committed(plans)
  })
  const commits = groupCommit(store, 'writer', () => undefined)
  const end = commits.submitUntilAnswered(plan('end'))
  await expect(commits.submit(plan('reserve'))).rejects.toThrow(StoreUnavailable)
  expect(commits.isFailing).toBe(true)
  healthy = true
  await expect(end).resolves.toEqual({ kind: 'committed', seq: 0 })
  await commits.drained()
  const successful = batches.filter((batch) => batch.some(({ tenantId }) => tenantId === 'end'))
  expect(successful.length).toBeGreaterThan(1)
  expect(commits.isFailing).toBe(false)
})

test('who does not wait for the store is told at once that it is away: neither behind ends that wait, nor behind each other', async () => {
  let nowMs = 0
  const pauses: (() => void)[] = []
  const turns = { ...REAL_TURNS, now: () => nowMs, later: (work: () => void) => void pauses.push(work) }
  const { store, batches } = scriptedStore(() => {
    nowMs += 5_000
    throw new StoreUnavailable('nobody answers')
  })
  const commits = groupCommit(store, 'writer', () => undefined, turns)
  void commits.submitUntilAnswered(plan('end'))
  while (pauses.length === 0) await new Promise((resolve) => setImmediate(resolve))
  const tries = batches.length
  const reserves = ['a', 'b', 'c'].map((id) => commits.submit(plan(id)))
  expect(await Promise.allSettled(reserves)).toMatchObject(reserves.map(() => ({ status: 'rejected' })))
  expect(batches.slice(tries).map((batch) => batch.map(({ tenantId }) => tenantId).join())).toEqual(['a'])
})

test('what a store does not take at once goes first in the next commit, in its order', async () => {
  const { store, batches } = scriptedStore((plans) => committed(plans.slice(0, 2)))
  const commits = groupCommit(store, 'writer', () => undefined)
  const early = ['a', 'b', 'c', 'd', 'e'].map((id) => commits.submitUntilAnswered(plan(id)))
  await early[0]
  const late = commits.submitUntilAnswered(plan('f'))
  await Promise.all([...early, late])
  const names = batches.map((batch) => batch.map(({ tenantId }) => tenantId).join(''))
  expect(names.map((name) => name.slice(0, 2))).toEqual(['ab', 'cd', 'ef'])
})

test('a plan that the store cannot take holds up no other', async () => {
  const { store } = scriptedStore((plans) => {
    if (plans.some(({ tenantId }) => tenantId === 'poison')) throw new StoreUnavailable('no')
    return committed(plans)
  })
  const commits = groupCommit(store, 'writer', () => undefined)
  void commits.submitUntilAnswered(plan('poison'))
  const ends = ['a', 'b', 'c'].map((id) => commits.submitUntilAnswered(plan(id)))
  await expect(Promise.all(ends)).resolves.toHaveLength(3)
})

test('a failure that is no StoreUnavailable reaches the caller as one, with its cause', async () => {
  const cause = new Error('bug')
  const { store } = scriptedStore(() => {
    throw cause
  })
  const failing = groupCommit(store, 'writer', () => undefined).submit(plan('a'))
  await expect(failing).rejects.toMatchObject({ name: 'StoreUnavailable', cause })
})
