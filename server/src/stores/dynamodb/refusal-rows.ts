import type { RefusalSum } from '../../core/ports/report-store.ts'
import type { AttributeValue } from '@aws-sdk/client-dynamodb'
import { MOST_SAMPLES_PER_QUARTER, type Refusal, type RefusalBatch, type RefusalCount } from '../../core/refusal.ts'
import { GRAINS } from '../../core/rollup.ts'
import { COUNT_COLUMNS, countValues, REFUSAL_COLUMNS, refusalFrom, refusalSumFrom } from '../rows/refusal-row.ts'
import type { Row } from '../rows/columns.ts'
import { type Item, itemOf, rowOf, textOf, whole, wholeOf } from './attributes.ts'
import { MOVES, unmoved } from './counters.ts'
import { type Key, keyText, refusalCountKey, sampledKey, samplesKey } from './keys.ts'
import type { Draft } from './transaction.ts'

/** Samples are for people who look into what happened lately. */
const SAMPLES_LIVE_MS = 90 * 86_400_000
/** Far below the 400 KB of an item. */
const CHARACTERS_PER_ITEM = 100_000
const SAMPLES = 'samples'
const IDS = 'ids'
const COUNT = 'count '

export function quarterOf(atMs: number): number {
  return Math.floor(atMs / GRAINS.quarter) * GRAINS.quarter
}

/** The items that say which samples were kept in the quarters of an hour that these refusals are of. */
export function sampledKeys({ samples }: RefusalBatch): Key[] {
  return samples.map(({ tenantId, atMs }) => sampledKey(tenantId, quarterOf(atMs)))
}

/**
 * The refusals of one batch. Counts of a tenant and quarter of an hour are attributes of a few items; the samples of a
 * batch are one item together, and another one remembers their ids, so that each is kept once and only 200 of them.
 */
export interface RefusalRows {
  add(refusals: RefusalBatch): void
  /** `part` names the items of samples, and is used once. */
  drafts(part: string): Draft[]
}

interface Quarter {
  readonly key: Key
  readonly before: Item | null | undefined
  readonly ids: Set<string>
  readonly samples: Refusal[]
}

export function refusalRows(found: (key: Key) => Item | null | undefined, nowMs: number): RefusalRows {
  const counts = new Map<string, { readonly key: Key; readonly add: Map<string, number> }>()
  const quarters = new Map<string, Quarter>()

  function count(refused: RefusalCount): void {
    const key = refusalCountKey(refused.tenantId, refused.startMs, refused.userId)
    const id = keyText(key)
    const item = counts.get(id) ?? { key, add: new Map<string, number>() }
    counts.set(id, item)
    const name = countName(refused)
    item.add.set(name, (item.add.get(name) ?? 0) + refused.count)
  }

  function keep(sample: Refusal): void {
    const key = sampledKey(sample.tenantId, quarterOf(sample.atMs))
    const id = keyText(key)
    const before = found(key)
    const quarter = quarters.get(id) ?? { key, before, ids: new Set(before?.[IDS]?.SS), samples: [] }
    quarters.set(id, quarter)
    if (quarter.ids.has(sample.id) || quarter.ids.size >= MOST_SAMPLES_PER_QUARTER) return
    quarter.ids.add(sample.id)
    quarter.samples.push(sample)
  }

  return {
    add(refusals) {
      refusals.counts.forEach(count)
      refusals.samples.forEach(keep)
    },
    drafts: (part) => [
      ...[...counts.values()].map(({ key, add }): Draft => ({
        kind: 'update',
        key,
        add: Object.fromEntries([...add].map(([name, number]) => [name, whole(number)])),
      })),
      ...[...quarters.values()].flatMap((quarter) => sampleDrafts(quarter, part, nowMs)),
    ],
  }
}

function sampleDrafts({ key, before, samples }: Quarter, part: string, nowMs: number): Draft[] {
  const [first] = samples
  if (!first) return []
  const expiresAtS = liveUntilS(nowMs)
  return [
    {
      kind: 'update',
      key,
      set: { [MOVES]: whole(wholeOf(before, MOVES) + 1n), expiresAtS },
      add: { [IDS]: { SS: samples.map(({ id }) => id) } },
      conditions: unmoved(before),
    },
    ...itemsOfSamples(samples).map((rows, index): Draft => ({
      kind: 'put',
      key: samplesKey(first.tenantId, quarterOf(first.atMs), `${part}#${index}`),
      item: { [SAMPLES]: { L: rows.map((row) => ({ M: row })) }, expiresAtS },
    })),
  ]
}

/** Most often one item; texts of clients may make some of them long. */
function itemsOfSamples(samples: readonly Refusal[]): Item[][] {
  const items: Item[][] = []
  let characters = Infinity
  for (const sample of samples) {
    const row = itemOf(REFUSAL_COLUMNS, sample)
    const size = JSON.stringify(row).length
    if (characters + size > CHARACTERS_PER_ITEM) {
      items.push([])
      characters = 0
    }
    items.at(-1)!.push(row)
    characters += size
  }
  return items
}

/** The attribute that counts such refusals. */
export function countName(refused: RefusalCount): string {
  return `${COUNT}${JSON.stringify(countValues(refused).slice(2))}`
}

export function liveUntilS(nowMs: number): AttributeValue {
  return whole(Math.floor((nowMs + SAMPLES_LIVE_MS) / 1_000))
}

/** An item of one sample alone. */
export function sampleItem(sample: Refusal, expiresAtS: AttributeValue): Item {
  return { [SAMPLES]: { L: [{ M: itemOf(REFUSAL_COLUMNS, sample) }] }, expiresAtS }
}

export function samplesIn(item: Item): Refusal[] {
  return item[SAMPLES]!.L!.map((row) => refusalFrom(rowOf(REFUSAL_COLUMNS, row.M!)))
}

export function refusalSumsIn(item: Item): RefusalSum[] {
  const tenantId = decodeURIComponent(textOf(item, 'pk').split('#')[1]!)
  return Object.entries(item).flatMap(([name, { N }]) => {
    if (!name.startsWith(COUNT)) return []
    const values = [tenantId, 0, ...(JSON.parse(name.slice(COUNT.length)) as (string | number)[])]
    const row: Row = Object.fromEntries(
      COUNT_COLUMNS.map((column, index) => {
        const value = values[index]!
        return [column, typeof value === 'number' ? BigInt(value) : value]
      }),
    )
    return [refusalSumFrom({ ...row, count: BigInt(N!) })]
  })
}

/** The quarters of an hour are read in order; within one, samples come as they were kept. */
export function quarterIn(item: Item): string {
  return textOf(item, 'sk').split('#', 1)[0]!
}
