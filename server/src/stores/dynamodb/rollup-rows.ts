import {
  type Dimension,
  DIMENSIONS,
  type Grain,
  GRAINS,
  MEASURES,
  type Measure,
  type RollupAdd,
} from '../../core/rollup.ts'
import { type Item, text, textOf, whole, wholeOf } from './attributes.ts'
import { cellKey, digest, instantFrom, type Key, keyText } from './keys.ts'
import type { Draft } from './transaction.ts'

const COORDINATES = 'at'

/**
 * The rollups of one batch. All grains of one cube and one place within an hour share an item, and each of a few writers
 * has its own, or all processes would wait for the few items of a busy model.
 */
export interface RollupBatch {
  add(rollup: RollupAdd): void
  drafts(): Draft[]
}

export function rollupBatch(copy: number): RollupBatch {
  const items = new Map<string, { readonly key: Key; readonly at: string; readonly sums: Map<string, bigint> }>()
  return {
    add(rollup) {
      const key = cellKeyOf(rollup, copy)
      const id = keyText(key)
      const item = items.get(id) ?? { key, at: coordinatesOf(rollup), sums: new Map<string, bigint>() }
      items.set(id, item)
      for (const measure of MEASURES) {
        const amount = rollup.sums[measure]
        if (amount === 0n) continue
        const name = `${bucketOf(rollup)}.${measure}`
        item.sums.set(name, (item.sums.get(name) ?? 0n) + amount)
      }
    },
    drafts: () =>
      [...items.values()].map(({ key, at, sums }) => ({
        kind: 'update',
        key,
        once: { [COORDINATES]: text(at) },
        add: Object.fromEntries([...sums].map(([name, sum]) => [name, whole(sum)])),
      })),
  }
}

export function cellKeyOf(rollup: RollupAdd, copy: number): Key {
  const { tenantId, cube, startMs } = rollup
  const hourMs = Math.floor(startMs / GRAINS.hour) * GRAINS.hour
  return cellKey({ tenantId, cube, hourMs, place: digest(coordinatesOf(rollup)), copy })
}

function coordinatesOf({ dimensions }: RollupAdd): string {
  return JSON.stringify(DIMENSIONS.map((name) => dimensions[name]))
}

/** Which bucket within the hour of the item: `h0` is the hour itself, `q2` its third quarter. */
function bucketOf({ grain, startMs }: Pick<RollupAdd, 'grain' | 'startMs'>): string {
  const offsetMs = startMs - Math.floor(startMs / GRAINS.hour) * GRAINS.hour
  return `${grain[0]}${offsetMs / GRAINS[grain]}`
}

/** When the hour of an item began. */
export function hourOf(item: Item): number {
  return instantFrom(textOf(item, 'sk').split('#', 1)[0]!)
}

/** The cells of one item; `only` one grain where that is given. */
export function cellsIn(item: Item, only?: Grain): RollupAdd[] {
  const [, tenantId, cube] = textOf(item, 'pk').split('#').map(decodeURIComponent)
  const hourMs = hourOf(item)
  const at = JSON.parse(textOf(item, COORDINATES)) as string[]
  const dimensions = Object.fromEntries(DIMENSIONS.map((name, index) => [name, at[index]!])) as Record<
    Dimension,
    string
  >
  const cells: RollupAdd[] = []
  for (const grain of only ? [only] : (Object.keys(GRAINS) as Grain[]))
    for (let startMs = hourMs; startMs < hourMs + GRAINS.hour; startMs += GRAINS[grain]) {
      const bucket = bucketOf({ grain, startMs })
      if (!item[`${bucket}.entries`]) continue
      const sums = Object.fromEntries(
        MEASURES.map((measure) => [measure, wholeOf(item, `${bucket}.${measure}`)]),
      ) as Record<Measure, bigint>
      cells.push({ tenantId: tenantId!, cube: cube as RollupAdd['cube'], grain, startMs, dimensions, sums })
    }
  return cells
}
