import { randomUUID } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import { StoreUnavailable } from '../../core/errors.ts'
import type { Hold } from '../../core/hold.ts'
import { type Answer, type Plan, planTakingBack } from '../../core/plan.ts'
import { holdIn } from './hold-items.ts'
import type { Item } from './attributes.ts'
import { think, type Thought, writerIn } from './batch.ts'
import { type Connection, unavailable } from './connection.ts'
import { counterPlace } from './counters.ts'
import { dayDrafts } from './entry-items.ts'
import {
  attemptKey,
  COPIES,
  crossingKey,
  deliveryKey,
  entryKey,
  holdKey,
  ingestKeyKey,
  type Key,
  keyText,
  priceKey,
  refusalCountKey,
  samplesKey,
  shardOf,
  tenantKey,
  writerKey,
} from './keys.ts'
import { quarterOf, sampledKeys } from './refusal-rows.ts'
import { cellKeyOf } from './rollup-rows.ts'
import type { Draft } from './transaction.ts'

/** What one transaction of DynamoDB takes. */
export const ITEMS_PER_TRANSACTION = 100
/** Others may move what a batch stands on again and again; then it is given up. */
const PATIENCE_MS = 5_000
const LONGEST_PAUSE_MS = 40
const MOST_DAYS = 20_000

export interface PlanCommit {
  /** Answers as many of the plans as one transaction takes, at least the first. */
  commit(writerId: string, plans: readonly Plan[]): Promise<readonly Answer[]>
  check(plan: Plan): Promise<Answer>
  /** Finds out what became of a transaction of the writer whose answer was lost, and takes back the holds that it opened. */
  settleUnknown(writerId: string): Promise<void>
}

interface Unknown {
  readonly token: string
  readonly plans: readonly Plan[]
  readonly answers: readonly Answer[]
  /** Nobody will end these: who asked for them was told that they could not be opened. */
  readonly opened: readonly Hold[]
}

export function planCommit(connection: Connection, nowMs: () => number, reached: (point: string) => void): PlanCommit {
  /** Items of writers as this process left them: a guess that the transaction proves. */
  const writers = new Map<string, Item>()
  const days = new Set<string>()
  const unknown = new Map<string, Unknown>()
  const late = new WeakMap<Plan, Answer>()

  async function commit(writerId: string, given: readonly Plan[]): Promise<readonly Answer[]> {
    await settleUnknown(writerId)
    // Whoever brings a plan again gets the answer that was lost.
    const fresh = given.findIndex((plan) => !late.has(plan))
    if (fresh !== 0) return given.slice(0, fresh === -1 ? given.length : fresh).map((plan) => late.get(plan)!)
    const answered = given.findIndex((plan) => late.has(plan))
    const plans = fitting(writerId, answered === -1 ? given : given.slice(0, answered))
    const seen = new Map<string, Item | null>()
    const passed = new Set<string>()
    const look = async (keys: readonly Key[]) => {
      const found = await connection.getMany(keys)
      for (const key of keys) seen.set(keyText(key), found.get(keyText(key)) ?? null)
    }
    answering(() => reached('begun'))
    const writer = writers.get(writerId)
    if (writer) seen.set(keyText(writerKey(writerId)), writer)
    await look([...(writer ? [] : [writerKey(writerId)]), ...neededBefore(plans, writerId)])
    const startMs = performance.now()
    for (let pauseMs = 1; ; pauseMs = Math.min(LONGEST_PAUSE_MS, pauseMs * 2)) {
      const token = randomUUID()
      const thought = think(plans, {
        ...{ writerId, token, nowMs: nowMs() },
        found: (key) => seen.get(keyText(key)),
        hasPassed: (key) => passed.has(keyText(key)),
        isDayThere: (key) => days.has(keyText(key)),
      })
      if (thought.unsure.length > 0) {
        await look(thought.unsure)
        continue
      }
      if (thought.drafts.length === 0) return thought.answers
      answering(() => reached('thought through'))
      const outcome = await connection.transact(thought.drafts, token)
      if (outcome.kind === 'done') {
        remember(writerId, thought, token)
        reached('committed')
        return thought.answers
      }
      if (outcome.kind === 'unknown') {
        writers.delete(writerId)
        unknown.set(writerId, { token, plans, answers: thought.answers, opened: openedBy(plans, thought) })
        throw outcome.error
      }
      for (const { key } of thought.drafts) passed.add(keyText(key))
      for (const [key, item] of outcome.found) seen.set(key, item)
      if (performance.now() - startMs > PATIENCE_MS)
        throw new StoreUnavailable('The database cannot answer: others are always quicker.')
      await delay(Math.random() * pauseMs)
    }
  }

  function remember(writerId: string, { drafts, writer }: Thought, token: string): void {
    const { seq, commits } = writer
    writers.set(writerId, { seq: { N: String(seq) }, commits: { N: String(commits) }, token: { S: token } })
    if (days.size > MOST_DAYS) days.clear()
    for (const { key } of drafts) if (key.pk.startsWith('days#')) days.add(keyText(key))
  }

  async function settleUnknown(writerId: string): Promise<void> {
    const lost = unknown.get(writerId)
    if (!lost) return
    const key = writerKey(writerId)
    const item = await connection.get(key)
    if (item?.token?.S !== lost.token) {
      // It has not happened. It cannot happen any more once the writer has gone on without it.
      const { commits } = writerIn(item)
      const conditions = [
        commits === 0
          ? ({ kind: 'unset', name: 'commits' } as const)
          : ({ kind: 'equals', name: 'commits', value: { N: String(commits) } } as const),
      ]
      const set = { commits: { N: String(commits + 1) }, token: { S: randomUUID() } }
      const outcome = await connection.transact([{ kind: 'update', key, set, conditions }])
      if (outcome.kind === 'unknown') throw outcome.error
      if (outcome.kind === 'refused') return settleUnknown(writerId)
      unknown.delete(writerId)
      return
    }
    lost.plans.forEach((plan, index) => {
      if (!plan.open) late.set(plan, lost.answers[index]!)
    })
    // It has happened. The holds may have been moved by a new limit since, or ended by others.
    const items = await connection.getMany(lost.opened.map(({ id }) => holdKey(id)))
    let left: readonly Plan[] = [...items.values()].map((found) => planTakingBack(holdIn(found)))
    unknown.delete(writerId)
    try {
      while (left.length > 0) left = left.slice((await commit(writerId, left)).length)
    } catch (error) {
      unknown.set(writerId, lost)
      throw error
    }
  }

  async function check(plan: Plan): Promise<Answer> {
    const writerId = ''
    const found = await connection.getMany(keysOf(plan, writerId))
    const thought = think([plan], {
      ...{ writerId, token: '', nowMs: nowMs(), hasPassed: () => true, isDayThere: () => true },
      found: (key) => found.get(keyText(key)) ?? null,
    })
    const [answer] = thought.answers
    return answer!.kind === 'committed' ? { kind: 'committed', seq: null } : answer!
  }

  return { commit, check, settleUnknown }
}

/** As many plans as surely fit into one transaction. */
function fitting(writerId: string, plans: readonly Plan[]): readonly Plan[] {
  const items = new Set([keyText(writerKey(writerId))])
  for (const [index, plan] of plans.entries()) {
    for (const key of keysOf(plan, writerId)) items.add(keyText(key))
    if (items.size <= ITEMS_PER_TRANSACTION) continue
    if (index > 0) return plans.slice(0, index)
    throw new StoreUnavailable(
      `A plan of ${items.size} items is more than the ${ITEMS_PER_TRANSACTION} that DynamoDB commits at once.`,
    )
  }
  return plans
}

/** Every item that a plan may touch, the writer's left out. */
export function keysOf(plan: Plan, writerId: string): Key[] {
  const { tenantId, expectTenantVersion, open, end, entry, ingestKey, refusals } = plan
  const copy = shardOf(writerId, COPIES)
  return [
    ...(expectTenantVersion === undefined ? [] : [tenantKey(tenantId, copy)]),
    ...(open ? [holdKey(open.id), attemptKey(open.id)] : []),
    ...(end ? [holdKey(end.id)] : []),
    ...(entry
      ? [
          attemptKey(entry.id),
          entryKey(entry.tenantId, entry.occurredAtMs, entry.id),
          ...dayDrafts(entry).map(({ key }: Draft) => key),
        ]
      : []),
    ...(plan.prices ?? []).map(({ version }) => priceKey(version)),
    ...(ingestKey ? [ingestKeyKey(tenantId, ingestKey.source, ingestKey.id)] : []),
    ...plan.adds.map(({ counterId }) => counterPlace(counterId).key),
    ...plan.rollups.map((rollup) => cellKeyOf(rollup, copy)),
    ...(plan.crossings ?? []).flatMap(({ tenantId: of, id }) => [
      crossingKey(of, id),
      ...(plan.tellOver ?? []).map((channel) => deliveryKey(of, id, channel)),
    ]),
    ...(refusals?.counts ?? []).map((count) => refusalCountKey(count.tenantId, count.startMs, count.userId)),
    ...(refusals ? sampledKeys(refusals) : []),
    ...(refusals?.samples ?? []).map(({ tenantId: of, atMs }) => samplesKey(of, quarterOf(atMs), '')),
  ]
}

/** What a batch cannot be thought through without: rows of compare-and-set, and what its plans do not agree about. */
function neededBefore(plans: readonly Plan[], writerId: string): Key[] {
  const versions = new Map<string, Set<number>>()
  for (const { tenantId, expectTenantVersion: version } of plans)
    if (version !== undefined) versions.set(tenantId, (versions.get(tenantId) ?? new Set()).add(version))
  const disputed = [...versions].filter(([, expected]) => expected.size > 1)
  return [
    ...disputed.map(([tenantId]) => tenantKey(tenantId, shardOf(writerId, COPIES))),
    ...plans.flatMap(({ adds, refusals }) => [
      ...adds.map(({ counterId }) => counterPlace(counterId)).flatMap(({ key, isMinute }) => (isMinute ? [key] : [])),
      ...(refusals ? sampledKeys(refusals) : []),
    ]),
  ]
}

function openedBy(plans: readonly Plan[], { answers }: Thought): Hold[] {
  return plans.flatMap(({ open }, index) => (open && answers[index]!.kind === 'committed' ? [open] : []))
}

/** A crash point may throw, as the engine might. */
export function answering(work: () => void): void {
  try {
    work()
  } catch (error) {
    throw unavailable(error)
  }
}
