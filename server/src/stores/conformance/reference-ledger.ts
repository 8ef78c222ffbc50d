import { newDelivery } from '../../core/delivery.ts'
import { type CounterValue, parseCounterId } from '../../core/counter.ts'
import { EMPTY_MINUTE, minuteAfter, minuteFreesAtMs, minuteValue } from '../../core/minute.ts'
import type { Answer, CounterAdd, Plan } from '../../core/plan.ts'
import type { LedgerStore } from '../../core/ports/ledger-store.ts'
import { addSums, cellId } from '../../core/rollup.ts'
import { refuse } from './reference-refusals.ts'
import { keyOf, type State } from './reference-state.ts'

const NOTHING: CounterValue = { settled: 0n, held: 0n }

export function referenceLedger(state: State, nowMs: () => number): LedgerStore {
  function commitOne(writerId: string, plan: Plan, now: number): Answer {
    const refusal = refusalOf(state, plan, now)
    if (refusal) return refusal
    if (plan.end) state.holds.delete(plan.end.id)
    if (plan.open) state.holds.set(plan.open.id, plan.open)
    for (const price of plan.prices ?? []) if (!state.prices.has(price.version)) state.prices.set(price.version, price)
    for (const add of plan.adds) move(state, add, now)
    for (const add of plan.rollups) {
      const there = state.rollups.get(cellId(add))
      state.rollups.set(cellId(add), there ? { ...add, sums: addSums(there.sums, add.sums) } : add)
    }
    if (plan.refusals) refuse(state, plan.refusals)
    for (const crossing of plan.crossings ?? []) {
      const id = keyOf(crossing.tenantId, crossing.id)
      if (state.crossings.has(id)) continue
      state.crossings.set(id, crossing)
      for (const channel of plan.tellOver ?? [])
        state.deliveries.set(keyOf(crossing.tenantId, crossing.id, channel), newDelivery(crossing, channel))
    }
    if (!plan.entry) return { kind: 'committed', seq: null }
    const writer = state.writers.get(writerId) ?? { seq: 0, leaseUntilMs: 0 }
    const seq = writer.seq + 1
    state.writers.set(writerId, { ...writer, seq })
    state.entries.set(plan.entry.id, { ...plan.entry, writerId, seq })
    if (plan.ingestKey) {
      const { source, id, digest } = plan.ingestKey
      state.ingestKeys.set(keyOf(plan.tenantId, source, id), { entryId: plan.entry.id, digest })
    }
    return { kind: 'committed', seq }
  }

  return {
    maxPlansPerCommit: 256,
    async commit(writerId, plans) {
      const now = nowMs()
      const answers = plans.map((plan) => commitOne(writerId, plan, now))
      if (answers.some(({ kind }) => kind === 'committed')) state.commits++
      return answers
    },
    check: async (plan) => refusalOf(state, plan, nowMs()) ?? { kind: 'committed', seq: null },
    counter: async (counterId, atMs) => valueOf(state, counterId, atMs),
    hold: async (id) => state.holds.get(id),
    entry: async (id) => state.entries.get(id),
    async renewLease(writerId, ttlMs) {
      const seq = state.writers.get(writerId)?.seq ?? 0
      state.writers.set(writerId, { seq, leaseUntilMs: nowMs() + ttlMs })
    },
    async orphanedHolds(limit) {
      const orphans = [...state.holds.values()].filter((hold) => isLeaseOver(state, hold.writerId, nowMs()))
      return orphans.toSorted((a, b) => a.countedAtMs - b.countedAtMs || (a.id < b.id ? -1 : 1)).slice(0, limit)
    },
    watermark: async () => String(state.commits),
    close: async () => {},
  }
}

export function isLeaseOver(state: State, writerId: string, now: number): boolean {
  return (state.writers.get(writerId)?.leaseUntilMs ?? 0) <= now
}

/** The first reason why the plan cannot be committed: the tenant, the hold, the ingest key, then the ceilings. */
function refusalOf(state: State, plan: Plan, now: number): Answer | undefined {
  const { tenantId, expectTenantVersion, open, end, entry, ingestKey } = plan
  if (expectTenantVersion !== undefined && state.tenants.get(tenantId) !== expectTenantVersion)
    return { kind: 'stale', what: 'tenant' }
  if (open && (state.holds.has(open.id) || state.entries.has(open.id))) return { kind: 'stale', what: 'hold' }
  if (entry && state.entries.has(entry.id)) return { kind: 'stale', what: 'hold' }
  const ending = end && state.holds.get(end.id)
  if (end && (ending?.version !== end.version || ending.tenantId !== tenantId)) return { kind: 'stale', what: 'hold' }
  const before = ingestKey && state.ingestKeys.get(keyOf(tenantId, ingestKey.source, ingestKey.id))
  if (before) return { kind: 'duplicate', ...before }
  return missed(state, plan.adds, now)
}

function missed(state: State, adds: readonly CounterAdd[], now: number): Answer | undefined {
  for (const add of adds) {
    if (add.ceiling === null) continue
    const value = valueOf(state, add.counterId, now)
    const after = valueAfter(state, add, now)
    if (after.settled + after.held <= add.ceiling) continue
    const minute = state.minutes.get(add.counterId)
    const freesAtMs = (minute && minuteFreesAtMs(minute, now)) ?? null
    return { kind: 'missed', counterId: add.counterId, value, freesAtMs }
  }
  return undefined
}

function isMinute(counterId: string): boolean {
  return parseCounterId(counterId).window === 'minute'
}

function valueOf(state: State, counterId: string, now: number): CounterValue {
  if (isMinute(counterId)) return minuteValue(state.minutes.get(counterId) ?? EMPTY_MINUTE, now)
  return state.counters.get(counterId) ?? NOTHING
}

function valueAfter(state: State, add: CounterAdd, now: number): CounterValue {
  if (isMinute(add.counterId)) return minuteValue(minuteMoved(state, add, now), now)
  const { settled, held } = valueOf(state, add.counterId, now)
  return { settled: settled + add.settled, held: held + add.held }
}

function minuteMoved(state: State, add: Omit<CounterAdd, 'ceiling'>, now: number) {
  return minuteAfter(state.minutes.get(add.counterId) ?? EMPTY_MINUTE, add.countedAtMs, now, add)
}

/** Moves a counter, whichever kind it is. */
export function move(state: State, add: Omit<CounterAdd, 'ceiling'>, now: number): void {
  if (isMinute(add.counterId)) state.minutes.set(add.counterId, minuteMoved(state, add, now))
  else state.counters.set(add.counterId, valueAfter(state, { ...add, ceiling: null }, now))
}
