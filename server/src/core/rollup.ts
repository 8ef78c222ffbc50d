import type { Entry } from './entry.ts'
import type { Amounts } from './limit.ts'
import { type Bucket, BUCKETS, totalTokens } from './usage.ts'

/** The dimensions of the cubes. All are bounded: accounts, configured models and the closed lists of the core. */
export const DIMENSIONS = ['userId', 'keyId', 'provider', 'model', 'outcome', 'evidence'] as const
export type Dimension = (typeof DIMENSIONS)[number]

/**
 * The cubes: which sums are kept. `account` answers who used what; `quality` how calls went and how well we know, in few cells
 * where nobody asks whose they were.
 */
export const CUBES = {
  account: ['userId', 'keyId', 'provider', 'model', 'outcome', 'evidence'],
  quality: ['provider', 'model', 'outcome', 'evidence'],
} as const satisfies Record<string, readonly Dimension[]>
export type CubeName = keyof typeof CUBES

/** Widths of time buckets. A quarter of an hour, since the day of any zone on earth begins on one. */
export const GRAINS = { quarter: 900_000, hour: 3_600_000 } as const
export type Grain = keyof typeof GRAINS

/** What is summed. `unpriced` and `unknown` count the entries whose cost or tokens the sums lack. */
export const MEASURES = [...BUCKETS, 'entries', 'requests', 'costNanoUsd', 'unpriced', 'unknown', 'durationMs'] as const
export type Measure = (typeof MEASURES)[number]
export type Sums = Readonly<Record<Measure, bigint>>

/** One cell of a cube: its coordinates, and what an entry adds to it. Dimensions that the cube lacks are ''. */
export interface RollupAdd {
  readonly tenantId: string
  readonly cube: CubeName
  readonly grain: Grain
  readonly startMs: number
  readonly dimensions: Readonly<Record<Dimension, string>>
  readonly sums: Sums
}

const CUBE_NAMES = Object.keys(CUBES) as CubeName[]
const GRAIN_NAMES = Object.keys(GRAINS) as Grain[]

/**
 * What an entry adds to the rollups: the same sums to one cell per cube and grain, the finest first. A pure fold, so rollups can
 * be rebuilt and proved.
 */
export function rollupsOf(entry: Entry): RollupAdd[] {
  const sums = sumsOf(entry)
  const adds: RollupAdd[] = []
  for (const cube of CUBE_NAMES) {
    const dimensions = coordinates(CUBES[cube], entry)
    for (const grain of GRAIN_NAMES) {
      const startMs = Math.floor(entry.occurredAtMs / GRAINS[grain]) * GRAINS[grain]
      adds.push({ tenantId: entry.tenantId, cube, grain, startMs, dimensions, sums })
    }
  }
  return adds
}

/** Where a cell is. A store may keep cubes and grains of its own. */
type CellPlace = Omit<RollupAdd, 'sums' | 'cube' | 'grain'> & { readonly cube: string; readonly grain: string }

/** A cell's coordinates as text, for maps. Each is told apart by its length, so that no id can pass for another. */
export function cellId({ tenantId, cube, grain, startMs, dimensions }: CellPlace): string {
  let id = `${cube} ${grain} ${startMs} ${tenantId.length} ${tenantId}`
  for (const name of DIMENSIONS) id += ` ${dimensions[name].length} ${dimensions[name]}`
  return id
}

/** The bucket that a cell is in: the last of those, ascending, that begins no later. */
export function bucketOf(startMs: number, buckets: readonly number[]): number {
  return buckets[buckets.findLastIndex((bucketMs) => bucketMs <= startMs)] ?? startMs
}

/** Two sums of the same cell as one. */
export function addSums(a: Sums, b: Sums): Sums {
  return Object.fromEntries(MEASURES.map((measure) => [measure, a[measure] + b[measure]])) as Record<Measure, bigint>
}

/** What the entries of these sums moved counters by, as `amountsOf` says it of one. */
export function amountsIn(sums: Sums): Amounts {
  const tokens = BUCKETS.reduce((total, bucket) => total + sums[bucket], 0n)
  return { tokens, requests: sums.requests, costNanoUsd: sums.costNanoUsd }
}

function coordinates(dimensions: readonly Dimension[], entry: Entry): Record<Dimension, string> {
  const at: Record<Dimension, string> = { userId: '', keyId: '', provider: '', model: '', outcome: '', evidence: '' }
  for (const name of dimensions) at[name] = entry[name]
  return at
}

function sumsOf(entry: Entry): Sums {
  const tokens = {} as Record<Bucket, bigint>
  for (const bucket of BUCKETS) {
    tokens[bucket] = BigInt(entry.usage.buckets[bucket] ?? 0)
    // With what other models used for it: the cell says what the attempt used, as the counters of limits do.
    for (const { buckets } of entry.usage.elsewhere ?? []) tokens[bucket] += BigInt(buckets[bucket] ?? 0)
  }
  return {
    ...tokens,
    entries: 1n,
    requests: entry.outcome === 'voided' ? 0n : 1n,
    costNanoUsd: entry.costNanoUsd ?? 0n,
    unpriced: entry.costNanoUsd === null ? 1n : 0n,
    unknown: totalTokens(entry.usage) === undefined ? 1n : 0n,
    durationMs: BigInt(Math.round(entry.durationMs)),
  }
}
