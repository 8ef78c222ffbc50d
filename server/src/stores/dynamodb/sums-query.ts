import { dearestFirst } from '../../core/dearest.ts'
import type { Group, LargestQuery, SumsQuery, Where } from '../../core/ports/report-store.ts'
import { addSums, bucketOf, type CubeName, CUBES, type Dimension, GRAINS, type RollupAdd } from '../../core/rollup.ts'
import type { Item } from './attributes.ts'
import type { Connection } from './connection.ts'
import { daysOf } from './entry-items.ts'
import { cellPartition, dayOf } from './keys.ts'
import { cellsIn, hourOf } from './rollup-rows.ts'

const DAYS_AT_ONCE = 8

/** Sums of cells, by any of their dimensions. */
export async function groups(connection: Connection, query: SumsQuery): Promise<Group[]> {
  const { tenantId, cube, grain, range, by, where = {}, byTime } = query
  const isAsked = ({ startMs, dimensions }: RollupAdd) =>
    range.startMs <= startMs && startMs < range.endMs && isWithin(dimensions, where)
  /** Its four quarters are then one. */
  const isWhole = (item: Item) => {
    const hourMs = hourOf(item)
    return byTime === false && range.startMs <= hourMs && hourMs + GRAINS.hour <= range.endMs
  }
  const found = new Map<string, Group>()
  const days = (await happenedOn(connection, tenantId)).filter(
    (day) => dayOf(range.startMs) <= day && day <= dayOf(range.endMs),
  )
  await eachOf(days, async (day) => {
    for (const item of await connection.partition(cellPartition(tenantId, cube, day)))
      for (const cell of cellsIn(item, isWhole(item) ? 'hour' : grain)) {
        if (!isAsked(cell)) continue
        const dimensions = Object.fromEntries(by.map((name) => [name, cell.dimensions[name]]))
        const time = byTime ? { startMs: byTime === true ? cell.startMs : bucketOf(cell.startMs, byTime) } : {}
        const id = JSON.stringify([time.startMs ?? 0, ...Object.values(dimensions)])
        const there = found.get(id)
        found.set(id, { dimensions, ...time, sums: there ? addSums(there.sums, cell.sums) : cell.sums })
      }
  })
  return [...found]
    .toSorted(([a, one], [b, other]) => startOf(one) - startOf(other) || (a < b ? -1 : 1))
    .map(([, of]) => of)
}

/** The values of a dimension that cost most. */
export async function largest(connection: Connection, { of, most, ...asked }: LargestQuery): Promise<string[]> {
  const found = await groups(connection, { ...asked, grain: 'quarter', by: [of], byTime: false })
  return found
    .map(({ dimensions, sums }) => ({ key: dimensions[of]!, total: sums }))
    .toSorted(dearestFirst)
    .slice(0, most)
    .map(({ key }) => key)
}

function isWithin(dimensions: RollupAdd['dimensions'], where: Where): boolean {
  return Object.entries(where).every(([name, value]) => [value].flat().includes(dimensions[name as Dimension]))
}

function startOf({ startMs = 0 }: Group): number {
  return startMs
}

/** The cells of a tenant, each once: those of several writers are added up. */
export async function* cellsOf(connection: Connection, tenantId: string): AsyncGenerator<RollupAdd> {
  for (const day of await happenedOn(connection, tenantId))
    for (const cube of Object.keys(CUBES) as CubeName[]) {
      const cells = new Map<string, RollupAdd>()
      for (const item of await connection.partition(cellPartition(tenantId, cube, day)))
        for (const cell of cellsIn(item)) {
          const id = JSON.stringify([cell.grain, cell.startMs, Object.values(cell.dimensions)])
          const there = cells.get(id)
          cells.set(id, there ? { ...cell, sums: addSums(there.sums, cell.sums) } : cell)
        }
      yield* cells.values()
    }
}

/** The days on which a tenant has entries, and so cells. */
async function happenedOn(connection: Connection, tenantId: string): Promise<number[]> {
  return [...new Set((await daysOf(connection, tenantId)).map(({ day }) => day))]
}

async function eachOf<T>(all: readonly T[], work: (one: T) => Promise<void>): Promise<void> {
  const left = all.values()
  const worker = async () => {
    for (const one of left) await work(one)
  }
  await Promise.all(Array.from({ length: DAYS_AT_ONCE }, worker))
}
