import { heldAmounts, type Hold } from '../../core/hold.ts'
import type { Limit, Metric } from '../../core/limit.ts'
import { minuteAfter } from '../../core/minute.ts'
import { HOLD_COLUMNS } from '../rows/hold-row.ts'
import { type Item, itemOf, text, whole, wholeOf } from './attributes.ts'
import type { Connection, Outcome } from './connection.ts'
import { counterBatch, lastUpdated, minuteDraft, minuteIn, MOVES, sumsSet, unmoved } from './counters.ts'
import { dayOf, holdKey, type Key, keyText } from './keys.ts'
import { holdIn, openHolds } from './hold-items.ts'
import { nextDraft, oldHoldsDraft, type Operation, operationOf } from './operation.ts'
import { freshFrom, isCounted, type Summed, sumsOf, type Target, targetOf } from './seed-sums.ts'
import { type Condition, type Draft } from './transaction.ts'

/** So many items of counters are filled at once; the transaction has room for what goes with them. */
const COUNTERS_PER_PIECE = 90

/**
 * Fills the counters of new limits with what entries and open holds say, and moves the holds along. DynamoDB cannot do
 * that at once, so the limits are there first: whoever reserves from then on moves their counters too. Then open holds
 * are moved, one by one; then no entry can come any more that the counters do not see, and those that were there are
 * added (seed-sums.ts), in one transaction with the mark that it was done. Any process may take this up where another one died.
 */
export function counterSeed(connection: Connection, nowMs: () => number, reached: (point: string) => void) {
  /** Finishes what is left of the tenant's last change of limits, whoever began it. */
  return async function finish(tenantId: string): Promise<void> {
    for (;;) {
      const operation = await operationOf(connection, tenantId)
      if (!operation) return
      const piece = pieceOf(operation)
      const targets = await unseeded(piece.map((limit) => targetOf(limit, operation.atMs)))
      if (await moveHolds(targets, operation)) await addEntries(operation, piece, targets)
    }
  }

  /** Another limit may have had the counter filled: it has been counting all along. */
  async function unseeded(targets: readonly Target[]): Promise<Target[]> {
    const items = await connection.getMany(targets.map(({ place }) => place.key))
    return targets.filter(({ place }) => !items.get(keyText(place.key))?.[seededName(place.metric)])
  }

  /** Answers whether all are moved; if not, the operation is another one by now. */
  async function moveHolds(targets: readonly Target[], operation: Operation): Promise<boolean> {
    const holds = await openHolds(connection, operation.tenantId)
    const isCountedOld = (hold: Hold) =>
      dayOf(hold.countedAtMs) < freshFrom(operation) && targets.some((target) => isCounted(target, hold))
    if (!operation.hasOldHolds && holds.some(isCountedOld)) {
      answered(await connection.transact([oldHoldsDraft(operation)]))
      return false
    }
    for (const hold of holds) {
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
    return true
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
    const sums = await sumsOf(connection, operation, targets, now)
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
