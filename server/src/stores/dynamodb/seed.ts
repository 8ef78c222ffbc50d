import { counterId, type CounterKey, counterOf, type CounterValue } from '../../core/counter.ts'
import { amountsOf } from '../../core/entry.ts'
import { heldAmounts, type Hold } from '../../core/hold.ts'
import { idsIn, type Limit, type Metric, type Subject } from '../../core/limit.ts'
import { EMPTY_MINUTE, minuteAfter, type MinuteRow } from '../../core/minute.ts'
import { HOLD_COLUMNS } from '../rows/hold-row.ts'
import { type Item, itemOf, text, whole, wholeOf } from './attributes.ts'
import type { Connection, Outcome } from './connection.ts'
import {
  counterBatch,
  counterPlace,
  type CounterPlace,
  lastUpdated,
  minuteDraft,
  minuteIn,
  MOVES,
  sumsSet,
  unmoved,
} from './counters.ts'
import { daysOf, entriesOfDay, hasMoved, markOf, placedEntryIn } from './entry-items.ts'
import { dayOf, holdKey, type Key, keyText } from './keys.ts'
import { holdIn, openHolds } from './hold-items.ts'
import { nextDraft, type Operation, operationOf } from './operation.ts'
import { type Condition, type Draft } from './transaction.ts'

/** So many items of counters are filled at once; the transaction has room for what goes with them. */
const COUNTERS_PER_PIECE = 90

/** A counter that a new limit reads. */
interface Target {
  readonly limit: Limit
  readonly key: CounterKey
  readonly id: string
  readonly mark: string
  readonly place: CounterPlace
}

/**
 * Fills the counters of new limits with what entries and open holds say, and moves the holds along. DynamoDB cannot do
 * that at once, so the limits are there first: whoever reserves from then on moves their counters too. Then open holds
 * are moved, one by one; then no entry can come any more that the counters do not see, and those that were there are
 * added, in one transaction with the mark that it was done. Any process may take this up where another one died.
 */
export function counterSeed(connection: Connection, nowMs: () => number, reached: (point: string) => void) {
  /** Finishes what is left of the tenant's last change of limits, whoever began it. */
  return async function finish(tenantId: string): Promise<void> {
    for (;;) {
      const operation = await operationOf(connection, tenantId)
      if (!operation) return
      const piece = pieceOf(operation)
      const targets = await unseeded(piece.map((limit) => targetOf(limit, operation.atMs)))
      await moveHolds(targets, tenantId)
      await addEntries(operation, piece, targets)
    }
  }

  /** Another limit may have had the counter filled: it has been counting all along. */
  async function unseeded(targets: readonly Target[]): Promise<Target[]> {
    const items = await connection.getMany(targets.map(({ place }) => place.key))
    return targets.filter(({ place }) => !items.get(keyText(place.key))?.[seededName(place.metric)])
  }

  async function moveHolds(targets: readonly Target[], tenantId: string): Promise<void> {
    for (const hold of await openHolds(connection, tenantId)) {
      for (let current: Hold | undefined = hold; current;) {
        const lacking = targets.filter(
          (target) => isCounted(target, current!) && !current!.counters.includes(target.id),
        )
        if (lacking.length === 0) break
        if ((await moveHold(current, lacking)).kind === 'done') {
          reached('committed')
          break
        }
        const item = await connection.get(holdKey(hold.id))
        current = item && holdIn(item)
      }
    }
  }

  async function moveHold(hold: Hold, lacking: readonly Target[]): Promise<Outcome> {
    const minutes = lacking.filter(({ place }) => place.isMinute).map(({ place }) => place.key)
    const found = await connection.getMany(minutes)
    const counters = counterBatch((key) => found.get(keyText(key)) ?? null, nowMs())
    const amounts = heldAmounts(hold)
    counters.move(
      lacking.map(({ id, limit }) => {
        const add = { counterId: id, countedAtMs: hold.countedAtMs, ceiling: null }
        return { ...add, settled: 0n, held: amounts[limit.metric] }
      }),
    )
    const moved = {
      ...hold,
      version: hold.version + lacking.length,
      counters: [...hold.counters, ...lacking.map(({ id }) => id)],
    }
    const conditions: Condition[] = [{ kind: 'equals', name: 'version', value: whole(hold.version) }]
    const draft: Draft = { kind: 'put', key: holdKey(hold.id), item: itemOf(HOLD_COLUMNS, moved), conditions }
    return answered(await connection.transact([draft, ...counters.drafts()]))
  }

  async function addEntries(operation: Operation, piece: readonly Limit[], targets: readonly Target[]): Promise<void> {
    const before = await connection.getMany(targets.map(({ place }) => place.key))
    const now = nowMs()
    const sums = await sumsOf(connection, operation.tenantId, targets, now)
    const next = nextDraft(operation, piece)
    const exact = [...group(targets)].map((of) => exactDraft(of, sums, before, now))
    if (answered(await connection.transact([next, ...exact])).kind === 'done') return reached('committed')
    // Calls went on meanwhile. What they moved is in the counters; what was there before them is added.
    const found = await connection.getMany(targets.map(({ place }) => place.key))
    const added = [...group(targets)].map((of) => addedDraft(of, sums, found.get(keyText(of[0]!.place.key)), now))
    if (answered(await connection.transact([next, ...added])).kind === 'done') reached('committed')
  }
}

/** Of a transaction whose answer was lost, the next look at the items says what became of it. */
function answered(outcome: Outcome): Outcome {
  if (outcome.kind === 'unknown') throw outcome.error
  return outcome
}

/** The first of the limits that are left, as many as their counters leave room. */
function pieceOf({ limits, atMs }: Operation): Limit[] {
  const keys = new Set<string>()
  return limits.filter((limit) => {
    keys.add(keyText(targetOf(limit, atMs).place.key))
    return keys.size <= COUNTERS_PER_PIECE
  })
}

function targetOf(limit: Limit, atMs: number): Target {
  const key = counterOf(limit, atMs)
  const id = counterId(key)
  return { limit, key, id, mark: markOf(id), place: counterPlace(id) }
}

function isCounted({ limit, key }: Target, one: Subject & { readonly countedAtMs: number }): boolean {
  return (
    one.tenantId === limit.tenantId &&
    idsIn(one, limit.scope.kind).includes(limit.scope.id) &&
    key.startMs <= one.countedAtMs &&
    one.countedAtMs < key.endMs
  )
}

/** What entries and holds say of a counter: all of them, and the entries that it has not seen. */
interface Summed {
  all: CounterValue
  unseen: bigint
  minute: MinuteRow
  readonly unseenInMinute: { readonly countedAtMs: number; readonly settled: bigint }[]
}

async function sumsOf(connection: Connection, tenantId: string, targets: readonly Target[], nowMs: number) {
  const sums = new Map<Target, Summed>(
    targets.map((target) => [
      target,
      { all: { settled: 0n, held: 0n }, unseen: 0n, minute: EMPTY_MINUTE, unseenInMinute: [] },
    ]),
  )
  const add = (sum: Summed, countedAtMs: number, { settled, held }: CounterValue) => {
    sum.all = { settled: sum.all.settled + settled, held: sum.all.held + held }
    sum.minute = minuteAfter(sum.minute, countedAtMs, nowMs, { settled, held })
  }
  for (const day of await daysToRead(connection, tenantId, targets, nowMs))
    for (const item of await entriesOfDay(connection, tenantId, day)) {
      const entry = placedEntryIn(item)
      const used = amountsOf(entry)
      for (const [target, sum] of sums) {
        if (!isCounted(target, entry)) continue
        const settled = used[target.limit.metric]
        add(sum, entry.countedAtMs, { settled, held: 0n })
        if (hasMoved(item, target.mark)) continue
        sum.unseen += settled
        if (target.place.isMinute) sum.unseenInMinute.push({ countedAtMs: entry.countedAtMs, settled })
      }
    }
  for (const hold of await openHolds(connection, tenantId))
    for (const [target, sum] of sums)
      if (isCounted(target, hold))
        add(sum, hold.countedAtMs, { settled: 0n, held: heldAmounts(hold)[target.limit.metric] })
  return sums
}

/** A sliding minute remembers 65 seconds. */
const MINUTE_READS_MS = 65_000

/** The days on which something happened that was counted in a window of the targets. */
async function daysToRead(connection: Connection, tenantId: string, targets: readonly Target[], nowMs: number) {
  const userIds = new Set(targets.map(({ limit: { scope } }) => (scope.kind === 'user' ? scope.id : undefined)))
  const days = new Set<number>()
  for (const userId of userIds) {
    const own = targets.filter(({ limit: { scope } }) => (scope.kind === 'user' ? scope.id : undefined) === userId)
    for (const { day, countedDay } of await daysOf(connection, tenantId, userId))
      if (
        own.some(({ key, place }) => {
          const startMs = place.isMinute ? nowMs - MINUTE_READS_MS : key.startMs
          return dayOf(startMs) <= countedDay && countedDay <= dayOf(key.endMs - 1)
        })
      )
        days.add(day)
  }
  return days
}

/** The targets of each item. */
function group(targets: readonly Target[]): Iterable<Target[]> {
  return Map.groupBy(targets, ({ place }) => keyText(place.key)).values()
}

export const seededName = (metric: Metric) => `${metric}Seeded`

/** The item as it ought to be, if nothing has moved it since it was found. */
function exactDraft(
  targets: readonly Target[],
  sums: ReadonlyMap<Target, Summed>,
  before: ReadonlyMap<string, Item>,
  nowMs: number,
): Draft {
  const { key, isMinute } = targets[0]!.place
  const found = before.get(keyText(key))
  const seeded = seededAttributes(targets)
  if (isMinute) {
    const minutes = new Map(targets.map((target) => [target.place.metric, sums.get(target)!.minute]))
    return withAttributes(minuteDraft(key, minutes, found, nowMs), seeded)
  }
  const set = Object.assign(
    {},
    ...targets.map((target) => sumsSet(key.table, target.place.metric, sums.get(target)!.all)),
  ) as Item
  return {
    kind: 'update',
    key,
    set: { ...set, ...seeded, [MOVES]: whole(wholeOf(found, MOVES) + 1n), ...updated(key, nowMs) },
    conditions: unmoved(found),
  }
}

/** The item with what it has not seen. */
function addedDraft(
  targets: readonly Target[],
  sums: ReadonlyMap<Target, Summed>,
  found: Item | undefined,
  nowMs: number,
): Draft {
  const { key, isMinute } = targets[0]!.place
  const seeded = seededAttributes(targets)
  if (isMinute) {
    const minutes = new Map(
      targets.map((target) => {
        const added = sums.get(target)!.unseenInMinute
        const row = added.reduce(
          (minute, { countedAtMs, settled }) => minuteAfter(minute, countedAtMs, nowMs, { settled, held: 0n }),
          minuteIn(found, target.place.metric),
        )
        return [target.place.metric, row]
      }),
    )
    return withAttributes(minuteDraft(key, minutes, found, nowMs), seeded)
  }
  const counters = counterBatch(() => null, nowMs)
  counters.move(
    targets.map((target) => {
      const unseen = sums.get(target)!.unseen
      return { counterId: target.id, countedAtMs: nowMs, settled: unseen, held: 0n, ceiling: null }
    }),
  )
  return withAttributes(counters.drafts()[0]!, seeded)
}

function seededAttributes(targets: readonly Target[]): Item {
  return Object.fromEntries(targets.map(({ place }) => [seededName(place.metric), text('yes')]))
}

function withAttributes(draft: Draft, set: Item): Draft {
  return draft.kind === 'update' ? { ...draft, set: { ...draft.set, ...set } } : draft
}

function updated(key: Key, nowMs: number): Item {
  return key.table === 'users' ? lastUpdated(nowMs) : {}
}
