import { type CounterKey, counterId, type CounterValue, parseCounterId } from '../../core/counter.ts'
import { type Metric, METRICS, type ScopeKind } from '../../core/limit.ts'
import { minuteAfter, minuteFreesAtMs, type MinuteRow, minuteValue } from '../../core/minute.ts'
import type { Answer, CounterAdd } from '../../core/plan.ts'
import { FOREVER_MS } from '../../core/window.ts'
import { minuteFrom, minuteText } from '../rows/minute-text.ts'
import { type Item, text, textOf, whole, wholeOf } from './attributes.ts'
import {
  COUNTER,
  counterKey,
  instantFrom,
  instantText,
  type Key,
  keyText,
  MINUTE,
  userOfTable,
  usersTableKey,
} from './keys.ts'
import { ABSENT, type Condition, type Draft } from './transaction.ts'

/** Where a counter is: the metrics of one scope and window share an item. */
export interface CounterPlace {
  readonly key: Key
  readonly metric: Metric
  readonly isMinute: boolean
}

/** The attributes of a metric's sums. `total` is settled + held, since a condition cannot add two attributes. */
interface Names {
  readonly settled: string
  readonly held: string
  readonly total: string
}
const NAMES: Readonly<Record<Key['table'], Readonly<Record<Metric, Names>>>> = {
  ledger: namesOf((metric) => ({ settled: `${metric}Settled`, held: `${metric}Held`, total: `${metric}Total` })),
  // The users' table keeps the name that people know it by.
  users: namesOf((metric) => ({
    settled: metric === 'tokens' ? 'tokenUsage' : `${metric}Settled`,
    held: `${metric}Held`,
    total: `${metric}Total`,
  })),
}
function namesOf(of: (metric: Metric) => Names): Record<Metric, Names> {
  return Object.fromEntries(METRICS.map((metric) => [metric, of(metric)])) as Record<Metric, Names>
}

/** Grows with every move of any metric of the item: what a compare-and-set compares. */
export const MOVES = 'moves'
/** Long after the last call that a sliding minute could remember. */
const MINUTE_LIVES_MS = 3_600_000
export const NOTHING: CounterValue = { settled: 0n, held: 0n }

const places = new Map<string, CounterPlace>()
const MOST_PLACES = 10_000

/** Remembered, since every call asks for the same few. */
export function counterPlace(id: string): CounterPlace {
  const known = places.get(id)
  if (known) return known
  if (places.size >= MOST_PLACES) places.clear()
  const place = placeOf(parseCounterId(id))
  places.set(id, place)
  return place
}

function placeOf({ tenantId, scopeKind, scopeId, metric, window, startMs, endMs }: CounterKey): CounterPlace {
  if (window === 'lifetime' && scopeKind === 'user')
    return { key: usersTableKey(tenantId, scopeId), metric, isMinute: false }
  const isMinute = window === 'minute'
  const sk = isMinute ? MINUTE : `${window}#${instantText(startMs)}#${instantText(endMs)}`
  return { key: counterKey(tenantId, { kind: scopeKind, id: scopeId }, sk), metric, isMinute }
}

/** The counters that an item holds, but for sliding minutes. */
export function countersIn(table: Key['table'], item: Item): { counterId: string; value: CounterValue }[] {
  const of = table === 'users' ? userCounterOf(item) : ledgerCounterOf(item)
  if (of.window === MINUTE) return []
  return METRICS.flatMap((metric) => {
    const value = sumsIn(table, item, metric)
    return value ? [{ counterId: counterId({ ...of, metric }), value }] : []
  })
}

function userCounterOf(item: Item): Omit<CounterKey, 'metric'> {
  const { tenantId, userId } = userOfTable(textOf(item, 'userId'))
  return { tenantId, scopeKind: 'user', scopeId: userId, window: 'lifetime', startMs: 0, endMs: FOREVER_MS }
}

function ledgerCounterOf(item: Item): Omit<CounterKey, 'metric'> {
  const [, tenantId, scopeKind, scopeId] = textOf(item, 'pk').split('#').map(decodeURIComponent)
  const [window, start = '', end = ''] = textOf(item, 'sk').split('#')
  const range = { startMs: instantFrom(start), endMs: instantFrom(end) }
  return {
    ...{ tenantId: tenantId!, scopeKind: scopeKind as ScopeKind, scopeId: scopeId! },
    ...{ window: window as CounterKey['window'], ...range },
  }
}
export const COUNTER_BEGINNING = `${COUNTER}#`

/** Undefined where nothing was ever counted. */
export function sumsIn(table: Key['table'], item: Item | null | undefined, metric: Metric): CounterValue | undefined {
  const names = NAMES[table][metric]
  if (item?.[names.total] === undefined) return undefined
  return { settled: wholeOf(item, names.settled), held: wholeOf(item, names.held) }
}

export function minuteIn(item: Item | null | undefined, metric: Metric): MinuteRow {
  return minuteFrom(item?.[metric]?.S)
}

/** What the counter says at an instant. */
export function valueIn({ key, metric, isMinute }: CounterPlace, item: Item | undefined, nowMs: number): CounterValue {
  if (isMinute) return minuteValue(minuteIn(item, metric), nowMs)
  return sumsIn(key.table, item, metric) ?? NOTHING
}

/** What of an item is moved, folded over the plans of a batch. */
interface Fold {
  readonly place: CounterPlace
  readonly sums: Map<Metric, { settled: bigint; held: bigint; room: bigint | undefined }>
  readonly minutes: Map<Metric, MinuteRow>
}

/** The counters of one batch: however many plans move an item, it is written once, under one condition. */
export interface CounterBatch {
  /** The first ceiling that the adds would surely break, by what is known of the items; moves nothing. */
  missed(adds: readonly CounterAdd[]): Answer | undefined
  move(adds: readonly CounterAdd[]): void
  drafts(): Draft[]
}

/** `found` says what is known of an item: null where it is not there, undefined where nobody looked. Minutes must be known. */
export function counterBatch(found: (key: Key) => Item | null | undefined, nowMs: number): CounterBatch {
  const folds = new Map<string, Fold>()

  function foldOf(place: CounterPlace): Fold {
    const id = keyText(place.key)
    const fold = folds.get(id) ?? { place, sums: new Map(), minutes: new Map() }
    folds.set(id, fold)
    return fold
  }
  function minuteOf(place: CounterPlace): MinuteRow {
    return folds.get(keyText(place.key))?.minutes.get(place.metric) ?? minuteIn(found(place.key), place.metric)
  }
  function pendingOf({ key, metric }: CounterPlace): CounterValue {
    return folds.get(keyText(key))?.sums.get(metric) ?? NOTHING
  }

  function missedMinute(place: CounterPlace, add: CounterAdd, ceiling: bigint): Answer | undefined {
    const row = minuteOf(place)
    const after = minuteValue(minuteAfter(row, add.countedAtMs, nowMs, add), nowMs)
    if (after.settled + after.held <= ceiling) return undefined
    const value = minuteValue(row, nowMs)
    return { kind: 'missed', counterId: add.counterId, value, freesAtMs: minuteFreesAtMs(row, nowMs) ?? null }
  }
  function missedSums(place: CounterPlace, add: CounterAdd, ceiling: bigint): Answer | undefined {
    const item = found(place.key)
    if (item === undefined) return undefined
    const before = sumsIn(place.key.table, item, place.metric) ?? NOTHING
    const pending = pendingOf(place)
    const value = { settled: before.settled + pending.settled, held: before.held + pending.held }
    if (value.settled + value.held + add.settled + add.held <= ceiling) return undefined
    return { kind: 'missed', counterId: add.counterId, value, freesAtMs: null }
  }

  return {
    missed(adds) {
      for (const add of adds) {
        if (add.ceiling === null) continue
        const place = counterPlace(add.counterId)
        const answer = (place.isMinute ? missedMinute : missedSums)(place, add, add.ceiling)
        if (answer) return answer
      }
      return undefined
    },
    move(adds) {
      for (const add of adds) {
        const place = counterPlace(add.counterId)
        const fold = foldOf(place)
        if (place.isMinute) {
          fold.minutes.set(place.metric, minuteAfter(minuteOf(place), add.countedAtMs, nowMs, add))
          continue
        }
        const before = fold.sums.get(place.metric)
        const settled = (before?.settled ?? 0n) + add.settled
        const held = (before?.held ?? 0n) + add.held
        const room = add.ceiling === null ? undefined : add.ceiling - settled - held
        fold.sums.set(place.metric, { settled, held, room: least(before?.room, room) })
      }
    },
    drafts: () =>
      [...folds.values()].map((fold) => {
        const { key, isMinute } = fold.place
        if (isMinute) return minuteDraft(key, fold.minutes, found(key), nowMs)
        return sumsDraft(key, fold.sums, nowMs)
      }),
  }
}

function least(a: bigint | undefined, b: bigint | undefined): bigint | undefined {
  if (a === undefined || b === undefined) return a ?? b
  return a < b ? a : b
}

function sumsDraft(key: Key, sums: Fold['sums'], nowMs: number): Draft {
  const add: Item = { [MOVES]: whole(1) }
  const conditions: Condition[] = []
  for (const [metric, { settled, held, room }] of sums) {
    const names = NAMES[key.table][metric]
    add[names.settled] = whole(settled)
    add[names.held] = whole(held)
    add[names.total] = whole(settled + held)
    // Nothing has been counted where the attribute is not there: below any room, but for one below nothing.
    if (room !== undefined)
      conditions.push({ kind: 'atMost', name: names.total, value: whole(room), orUnset: room >= 0n })
  }
  return { kind: 'update', key, add, conditions, ...(key.table === 'users' && { set: lastUpdated(nowMs) }) }
}

export function lastUpdated(nowMs: number): Item {
  return { lastUpdated: text(new Date(nowMs).toISOString()) }
}

/** A sliding minute is written by compare-and-set. */
export function minuteDraft(
  key: Key,
  minutes: ReadonlyMap<Metric, MinuteRow>,
  before: Item | null | undefined,
  nowMs: number,
): Draft {
  const set: Item = {
    [MOVES]: whole(wholeOf(before, MOVES) + 1n),
    expiresAtS: whole(Math.floor((nowMs + MINUTE_LIVES_MS) / 1_000)),
  }
  for (const [metric, minute] of minutes) set[metric] = text(minuteText(minute))
  return { kind: 'update', key, set, conditions: unmoved(before) }
}

/** The item is as it was found. */
export function unmoved(before: Item | null | undefined): readonly Condition[] {
  if (!before) return ABSENT
  return [before[MOVES] ? { kind: 'equals', name: MOVES, value: before[MOVES] } : { kind: 'unset', name: MOVES }]
}

/** Sets a metric to what was summed up anew. */
export function sumsSet(table: Key['table'], metric: Metric, { settled, held }: CounterValue): Item {
  const names = NAMES[table][metric]
  return { [names.settled]: whole(settled), [names.held]: whole(held), [names.total]: whole(settled + held) }
}
