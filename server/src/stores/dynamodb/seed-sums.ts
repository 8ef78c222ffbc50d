import { counterId, type CounterKey, counterOf, type CounterValue } from '../../core/counter.ts'
import { amountsOf } from '../../core/entry.ts'
import { heldAmounts } from '../../core/hold.ts'
import { idsIn, type Limit, type Subject } from '../../core/limit.ts'
import { EMPTY_MINUTE, minuteAfter, type MinuteRow } from '../../core/minute.ts'
import { amountsIn, type CubeName, type RollupAdd } from '../../core/rollup.ts'
import type { Connection } from './connection.ts'
import { counterPlace, type CounterPlace } from './counters.ts'
import { daysOf, entriesOfDay, hasMoved, markOf, placedEntryIn } from './entry-items.ts'
import { openHolds } from './hold-items.ts'
import { cellPartition, DAY_MS, dayOf } from './keys.ts'
import type { Operation } from './operation.ts'
import { cellsIn } from './rollup-rows.ts'

/** A counter that a new limit reads. */
export interface Target {
  readonly limit: Limit
  readonly key: CounterKey
  readonly id: string
  readonly mark: string
  readonly place: CounterPlace
}

/** What entries and holds say of a counter: all of them, and the entries that it has not seen. */
export interface Summed {
  all: CounterValue
  unseen: bigint
  minute: MinuteRow
  readonly unseenInMinute: { readonly countedAtMs: number; readonly settled: bigint }[]
}

export function targetOf(limit: Limit, atMs: number): Target {
  const key = counterOf(limit, atMs)
  const id = counterId(key)
  return { limit, key, id, mark: markOf(id), place: counterPlace(id) }
}

export function isCounted({ limit, key }: Target, one: Subject & { readonly countedAtMs: number }): boolean {
  return (
    one.tenantId === limit.tenantId &&
    idsIn(one, limit.scope.kind).includes(limit.scope.id) &&
    key.startMs <= one.countedAtMs &&
    one.countedAtMs < key.endMs
  )
}

/**
 * Adds up what was there before the counters began to count: of old days the cells, of others entry by entry, which say what
 * their counters have seen. An event that is told meanwhile of an old day makes that day one of the others.
 */
export async function sumsOf(connection: Connection, operation: Operation, targets: readonly Target[], nowMs: number) {
  for (let days = await daysToRead(connection, operation, targets, nowMs); ;) {
    const sums = await sumsOfDays(connection, operation.tenantId, days, { targets, nowMs })
    const daysAfter = await daysToRead(connection, operation, targets, nowMs)
    if (isSameCells(days, daysAfter)) return sums
    days = daysAfter
  }
}

/** Which targets a day is read for, and how. */
interface DayRead {
  readonly byCells: Target[]
  readonly byEntries: Target[]
}

async function sumsOfDays(
  connection: Connection,
  tenantId: string,
  days: ReadonlyMap<number, DayRead>,
  { targets, nowMs }: { targets: readonly Target[]; nowMs: number },
) {
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
  for (const [day, { byCells, byEntries }] of days) {
    for (const [cube, of] of Map.groupBy(byCells, cubeOf))
      for (const item of await connection.partition(cellPartition(tenantId, cube, day)))
        for (const cell of cellsIn(item, 'hour'))
          for (const target of of.filter(({ limit: { scope } }) => isWithin(cell, scope))) {
            const settled = amountsIn(cell.sums)[target.limit.metric]
            add(sums.get(target)!, day * DAY_MS, { settled, held: 0n })
            sums.get(target)!.unseen += settled
          }
    if (byEntries.length === 0) continue
    for (const item of await entriesOfDay(connection, tenantId, day)) {
      const entry = placedEntryIn(item)
      const used = amountsOf(entry)
      for (const target of byEntries) {
        if (!isCounted(target, entry)) continue
        const sum = sums.get(target)!
        const settled = used[target.limit.metric]
        add(sum, entry.countedAtMs, { settled, held: 0n })
        if (hasMoved(item, target.mark)) continue
        sum.unseen += settled
        if (target.place.isMinute) sum.unseenInMinute.push({ countedAtMs: entry.countedAtMs, settled })
      }
    }
  }
  for (const hold of await openHolds(connection, tenantId))
    for (const [target, sum] of sums)
      if (isCounted(target, hold))
        add(sum, hold.countedAtMs, { settled: 0n, held: heldAmounts(hold)[target.limit.metric] })
  return sums
}

/** Cells know all scopes but labels. */
function cubeOf({ limit: { scope } }: Target): CubeName {
  return scope.kind === 'user' || scope.kind === 'key' ? 'account' : 'quality'
}

function isWithin({ tenantId, dimensions }: RollupAdd, { kind, id }: Limit['scope']): boolean {
  switch (kind) {
    case 'tenant':
      return tenantId === id
    case 'user':
      return dimensions.userId === id
    case 'key':
      return dimensions.keyId === id
    case 'provider':
    case 'model':
      return dimensions[kind] === id
    case 'label':
      return false
  }
}

/** A sliding minute remembers 65 seconds. */
const MINUTE_READS_MS = 65_000

/**
 * From this day on, entries may have come that moved the counters of the operation's limits by themselves: before it, only by
 * holds that were opened long before, which the operation then says, and by events told since, which their day says.
 */
export function freshFrom({ atMs }: Pick<Operation, 'atMs'>): number {
  return dayOf(atMs) - 1
}

/** The days on which something happened that was counted in a window of the targets. */
async function daysToRead(
  connection: Connection,
  operation: Operation,
  targets: readonly Target[],
  nowMs: number,
): Promise<Map<number, DayRead>> {
  const days = new Map<number, DayRead>()
  for (const [userId, own] of Map.groupBy(targets, userOf)) {
    const counted = Map.groupBy(await daysOf(connection, operation.tenantId, userId), ({ day }) => day)
    for (const [day, pairs] of counted) {
      const read = days.get(day) ?? { byCells: [], byEntries: [] }
      days.set(day, read)
      const countedDays = pairs.map(({ countedDay }) => countedDay)
      for (const target of own) {
        if (isKnownByCells(operation, target, [day, ...countedDays])) read.byCells.push(target)
        else if (countedDays.some((countedDay) => isTouched(target, countedDay, nowMs))) read.byEntries.push(target)
      }
    }
  }
  return days
}

function userOf({ limit: { scope } }: Target): string | undefined {
  return scope.kind === 'user' ? scope.id : undefined
}

/** Whether all that happened on a day was counted in the window, and none of it by the counter itself. */
function isKnownByCells(operation: Operation, { limit, key, place }: Target, days: readonly number[]): boolean {
  if (operation.hasOldHolds || place.isMinute || limit.scope.kind === 'label') return false
  const isWhole = (day: number) => key.startMs <= day * DAY_MS && (day + 1) * DAY_MS <= key.endMs
  return days.every((day) => isWhole(day) && day < freshFrom(operation))
}

function isTouched({ key, place }: Target, countedDay: number, nowMs: number): boolean {
  const startMs = place.isMinute ? nowMs - MINUTE_READS_MS : key.startMs
  return dayOf(startMs) <= countedDay && countedDay <= dayOf(key.endMs - 1)
}

function isSameCells(a: ReadonlyMap<number, DayRead>, b: ReadonlyMap<number, DayRead>): boolean {
  return [...a].every(([day, { byCells }]) => b.get(day)!.byCells.length === byCells.length)
}
