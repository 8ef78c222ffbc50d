import { PublicError } from '../core/errors.ts'
import type { Group, ReportStore } from '../core/ports/report-store.ts'
import { addSums, type CubeName, CUBES, type Dimension, type Grain, GRAINS, type Sums } from '../core/rollup.ts'
import { type Range, rangeAt, type Window } from '../core/window.ts'
import { descending, NO_SUMS, piecesOf, type TokenSums, tokenSums, total } from './sums.ts'
import { type Asked, ianaZone, isoTime, reportRange } from './time.ts'

export const TREND_BUCKETS = ['quarter', 'hour', 'day'] as const
export type TrendBucket = (typeof TREND_BUCKETS)[number]

/** What series can be apart by, and the dimension that it is. */
const APART = {
  none: undefined,
  model: 'model',
  user: 'userId',
  key: 'keyId',
  provider: 'provider',
  outcome: 'outcome',
} as const satisfies Record<string, Dimension | undefined>
export type TrendBy = keyof typeof APART
export const TREND_BY = Object.keys(APART) as [TrendBy, ...TrendBy[]]

export interface TrendAsked extends Asked {
  readonly bucket: TrendBucket
  readonly by: TrendBy
  /** Only what has these. */
  readonly where: Readonly<Partial<Record<'userId' | 'keyId' | 'provider' | 'model', string>>>
}

export interface Trend {
  readonly from: string
  readonly to: string
  readonly zone: string
  readonly bucket: TrendBucket
  readonly by: TrendBy
  /** The dearest first; the ninth and all after it are one, `other`. */
  readonly series: readonly TrendSeries[]
}
export interface TrendSeries {
  /** Null where the series are not apart. */
  readonly key: string | null
  /** One for each bucket of the range, in order, also where nothing happened. */
  readonly points: readonly TrendPoint[]
}
export interface TrendPoint extends TokenSums {
  readonly start: string
  readonly requests: bigint
  readonly costNanoUsd: bigint
}

const MOST_BUCKETS = 800
const MOST_SERIES = 8
/** Always the last, since a user may be called so, too. */
const OTHER = 'other'

type Store = Pick<ReportStore, 'sums'>
type Query = Omit<Parameters<ReportStore['sums']>[0], 'grain' | 'range' | 'byTime'>

/** Sums of a range over time. The points of all series add up to the summary of the same range. */
export async function trend(store: Store, tenantId: string, asked: TrendAsked, nowMs: number): Promise<Trend> {
  const range = reportRange(asked, nowMs)
  const zone = ianaZone(asked.zone)
  const starts = bucketStarts(range, asked.bucket, zone)
  const dimension = APART[asked.by]
  const query: Query = { tenantId, cube: cubeFor(asked), by: dimension ? [dimension] : [], where: asked.where }
  const keys = dimension ? await largestKeys(store, query, range, dimension) : []
  const read = (more: Pick<Query, 'by' | 'where'>) => pointsOf(store, { ...query, ...more }, range, starts)
  const series = await Promise.all(
    keys
      .slice(0, MOST_SERIES)
      .map(async (key) => ({ key, sums: await read({ by: [], where: { ...asked.where, [dimension!]: key } }) })),
  )
  // Read after them, and sums only grow: so what is left is never negative.
  const hasRest = dimension === undefined || keys.length > MOST_SERIES
  const rest = hasRest ? minus(await read({ by: [], where: asked.where }), series) : undefined
  return {
    from: isoTime(range.startMs),
    to: isoTime(range.endMs),
    zone,
    bucket: asked.bucket,
    by: asked.by,
    series: [...series, ...(rest ? [{ key: dimension ? OTHER : null, sums: rest }] : [])].map(({ key, sums }) => ({
      key,
      points: sums.map((sum, at) => pointOf(starts[at]!, sum)),
    })),
  }
}

/** Where the buckets of a range begin: on the zone's own hours and days, the first where the range begins. */
export function bucketStarts({ startMs, endMs }: Range, bucket: TrendBucket, zone: string): number[] {
  const window: Window | undefined = bucket === 'quarter' ? undefined : { kind: 'calendar', unit: bucket, zone }
  const starts: number[] = []
  for (let atMs = startMs; atMs < endMs; atMs = window ? rangeAt(window, atMs).endMs : atMs + GRAINS.quarter) {
    if (starts.length === MOST_BUCKETS)
      throw new PublicError('invalid_field', `The range has more than ${MOST_BUCKETS} buckets of a ${bucket}.`, {
        field: 'bucket',
      })
    starts.push(atMs)
  }
  return starts
}

/** Users and keys make many cells: where nobody asks for them, a month is read in an eighth of the time. */
function cubeFor({ by, where }: TrendAsked): CubeName {
  const dimension = APART[by]
  const asked = [...(dimension ? [dimension] : []), ...(Object.keys(where) as Dimension[])]
  return asked.every((one) => (CUBES.quality as readonly Dimension[]).includes(one)) ? 'quality' : 'account'
}

/** The keys that there are, the dearest first. */
async function largestKeys(store: Store, query: Query, range: Range, dimension: Dimension): Promise<string[]> {
  const pieces = await Promise.all(piecesOf(range).map((piece) => store.sums({ ...query, ...piece, byTime: false })))
  const keys = [...Map.groupBy(pieces.flat(), ({ dimensions }) => dimensions[dimension] ?? '')].map(([key, groups]) => {
    const sums = total(groups)
    return { key, costNanoUsd: sums.costNanoUsd, tokens: tokenSums(sums).totalTokens }
  })
  return keys
    .toSorted(
      (a, b) => descending(a.costNanoUsd, b.costNanoUsd) || descending(a.tokens, b.tokens) || (a.key < b.key ? -1 : 1),
    )
    .map(({ key }) => key)
}

/** The sums of each bucket. Hours are read where all buckets begin on hours of UTC; else quarters. */
async function pointsOf(store: Store, query: Query, range: Range, starts: readonly number[]): Promise<Sums[]> {
  const isOnHours = starts.every((start, at) => at === 0 || start % GRAINS.hour === 0)
  const pieces: { grain: Grain; range: Range }[] = isOnHours ? piecesOf(range) : [{ grain: 'quarter', range }]
  const read = await Promise.all(pieces.map((piece) => store.sums({ ...query, ...piece, byTime: true })))
  const groups: Group[] = read.flat().toSorted((a, b) => a.startMs! - b.startMs!)
  const sums = starts.map(() => NO_SUMS)
  let at = 0
  for (const group of groups) {
    while (at + 1 < starts.length && starts[at + 1]! <= group.startMs!) at++
    sums[at] = addSums(sums[at]!, group.sums)
  }
  return sums
}

function minus(all: readonly Sums[], series: readonly { readonly sums: readonly Sums[] }[]): Sums[] {
  return all.map((sum, at) => series.reduce((rest, { sums }) => addSums(rest, negative(sums[at]!)), sum))
}

function negative(sums: Sums): Sums {
  return Object.fromEntries(Object.entries(sums).map(([name, sum]) => [name, -sum])) as unknown as Sums
}

function pointOf(startMs: number, sums: Sums): TrendPoint {
  return { start: isoTime(startMs), requests: sums.requests, ...tokenSums(sums), costNanoUsd: sums.costNanoUsd }
}
