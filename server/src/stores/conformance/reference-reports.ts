import type { User } from '../../core/account.ts'
import { counterId, counterOf } from '../../core/counter.ts'
import { dearestFirst } from '../../core/dearest.ts'
import type { Limit } from '../../core/limit.ts'
import type { Group, ReportStore, SumsQuery, UserRow, Where } from '../../core/ports/report-store.ts'
import { addSums, bucketOf, type Dimension, type RollupAdd } from '../../core/rollup.ts'
import { byId } from './reference-accounts.ts'
import { isLeaseOver } from './reference-ledger.ts'
import { referenceRefusals } from './reference-refusals.ts'
import { keyOf, type State } from './reference-state.ts'

export function referenceReports(live: State, nowMs: () => number): ReportStore {
  let frozen: State | undefined
  const now = () => frozen ?? live

  function userRow(user: User): UserRow {
    const like = { id: '', tenantId: user.tenantId, scope: { kind: 'user', id: user.id }, metric: 'tokens' } as const
    const lifetime: Limit = { ...like, window: { kind: 'lifetime' }, amount: null, mode: 'hard' }
    const id = counterId(counterOf(lifetime, 0))
    const limit = [...now().limits.values()].find(
      (other) =>
        other.tenantId === user.tenantId &&
        other.metric === 'tokens' &&
        other.window.kind === 'lifetime' &&
        counterId(counterOf(other, 0)) === id,
    )
    const calls = [...now().entries.values()]
      .filter((entry) => entry.tenantId === user.tenantId && entry.userId === user.id)
      .map((entry) => entry.occurredAtMs)
    return {
      id: user.id,
      createdAtMs: user.createdAtMs,
      tokenLimit: limit?.amount ?? null,
      tokens: now().counters.get(id) ?? { settled: 0n, held: 0n },
      lastCallAtMs: calls.length > 0 ? Math.max(...calls) : null,
    }
  }

  function sums({ tenantId, cube, grain, range, by, where = {}, byTime }: SumsQuery): Group[] {
    const groups = new Map<string, Group>()
    for (const cell of now().rollups.values()) {
      if (cell.tenantId !== tenantId || cell.cube !== cube || cell.grain !== grain) continue
      if (cell.startMs < range.startMs || cell.startMs >= range.endMs) continue
      if (!isWithin(cell.dimensions, where)) continue
      const dimensions = Object.fromEntries(by.map((name) => [name, cell.dimensions[name]]))
      const time = byTime ? { startMs: byTime === true ? cell.startMs : bucketOf(cell.startMs, byTime) } : {}
      const id = JSON.stringify([dimensions, time])
      const there = groups.get(id)
      groups.set(id, { dimensions, ...time, sums: there ? addSums(there.sums, cell.sums) : cell.sums })
    }
    return [...groups.values()]
  }

  return {
    async entries({ tenantId, limit, before, range, quarantined, ...equal }) {
      return [...now().entries.values()]
        .filter((entry) => entry.tenantId === tenantId)
        .filter((entry) => isLike(entry, equal))
        .filter((entry) => !quarantined || entry.quarantine !== null)
        .filter((entry) => !range || (range.startMs <= entry.occurredAtMs && entry.occurredAtMs < range.endMs))
        .filter((entry) => !before || isNewer(before, entry))
        .toSorted((a, b) => (isNewer(a, b) ? -1 : 1))
        .slice(0, limit)
    },
    async entry(tenantId, id) {
      const entry = now().entries.get(id)
      return entry?.tenantId === tenantId ? entry : undefined
    },
    price: async (version) => now().prices.get(version),
    sums: async (query) => sums(query),
    async largest({ of, most, ...asked }) {
      return sums({ ...asked, grain: 'quarter', by: [of], byTime: false })
        .map(({ dimensions, sums: total }) => ({ key: dimensions[of]!, total }))
        .toSorted(dearestFirst)
        .slice(0, most)
        .map(({ key }) => key)
    },
    async users(tenantId, { limit, after }) {
      const own = [...now().users.values()].filter((user) => user.tenantId === tenantId && user.id > (after ?? ''))
      return byId(own).slice(0, limit).map(userRow)
    },
    async user(tenantId, id) {
      const user = now().users.get(keyOf(tenantId, id))
      return user && userRow(user)
    },
    async keys(tenantId, userId) {
      const own = [...now().keys.values()].filter((key) => key.tenantId === tenantId)
      const asked = own.filter((key) => userId === undefined || key.userId === userId)
      return byId(asked).toSorted((a, b) => a.createdAtMs - b.createdAtMs)
    },
    limits: async (tenantId) => byId([...now().limits.values()].filter((limit) => limit.tenantId === tenantId)),
    ...referenceRefusals(now),

    async freeze() {
      frozen ??= structuredClone(live)
    },
    async scanEntries(after, limit) {
      return [...now().entries.values()]
        .filter((entry) => !after || isFurther(entry, after))
        .toSorted((a, b) => (isFurther(a, b) ? 1 : -1))
        .slice(0, limit)
    },
    async scanHolds() {
      const holds = byId([...now().holds.values()])
      return holds.map((hold) => ({ ...hold, leaseExpired: isLeaseOver(now(), hold.writerId, nowMs()) }))
    },
    scanCounters: async () => [...now().counters].map(([id, value]) => ({ counterId: id, value })),
    async *scanRollups() {
      yield* now().rollups.values()
    },
    integrity: async () => [],
    close: async () => {},
  }
}

/** Whether it has all the given values. */
function isLike<Noun extends object>(noun: Noun, values: { readonly [Name in keyof Noun]?: Noun[Name] | undefined }) {
  const names = Object.keys(values) as (keyof Noun)[]
  return names.every((name) => values[name] === undefined || values[name] === noun[name])
}

function isWithin(dimensions: RollupAdd['dimensions'], where: Where): boolean {
  return Object.entries(where).every(([name, value]) => [value].flat().includes(dimensions[name as Dimension]))
}

/** Whether a comes before b where the newest come first. */
function isNewer(a: { occurredAtMs: number; id: string }, b: { occurredAtMs: number; id: string }): boolean {
  return a.occurredAtMs > b.occurredAtMs || (a.occurredAtMs === b.occurredAtMs && a.id > b.id)
}

interface Place {
  readonly writerId: string
  readonly seq: number
}
function isFurther(a: Place, b: Place): boolean {
  return a.writerId > b.writerId || (a.writerId === b.writerId && a.seq > b.seq)
}
