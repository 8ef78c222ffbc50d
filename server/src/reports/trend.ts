import { dearestFirst } from '../core/dearest.ts'
import { PublicError } from '../core/errors.ts'
import type { ReportStore } from '../core/ports/report-store.ts'
import { addSums, type CubeName, CUBES, type Dimension, type Grain, GRAINS, type Sums } from '../core/rollup.ts'
import { type Range, rangeAt, type Window } from '../core/window.ts'
import { NO_SUMS, piecesOf, type TokenSums, tokenSums } from './sums.ts'
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

type Store = Pick<ReportStore, 'sums' | 'largest'>
type Query = Omit<Parameters<ReportStore['sums']>[0], 'grain' | 'range' | 'byTime'>

/** Sums of a range over time. The points of all series add up to the summary of the same range. */
export async function trend(store: Store, tenantId: string, asked: TrendAsked, nowMs: number): Promise<Trend> {
  const range = reportRange(asked, nowMs)
  const zone = ianaZone(asked.zone)
  const starts = bucketStarts(range, asked.bucket, zone)
  const pointsOf = (series: TrendSums) => ({
    key: series.key,
    points: series.sums.map((sum, at) => pointOf(starts[at]!, sum)),
  })
  const series = await seriesOf(store, tenantId, asked, range, starts)
  return {
    from: isoTime(range.startMs),
    to: isoTime(range.endMs),
    zone,
    bucket: asked.bucket,
    by: asked.by,
    series: series.map(pointsOf),
  }
}

/** A series as the sums of its buckets. */
interface TrendSums {
  readonly key: string | null
  readonly sums: readonly Sums[]
}

async function seriesOf(
  store: Store,
  tenantId: string,
  { by, where }: TrendAsked,
  range: Range,
  starts: readonly number[],
): Promise<readonly TrendSums[]> {
  const dimension = APART[by]
  const read = (asked: Pick<Query, 'by' | 'where'>) =>
    bucketsOf(store, { tenantId, cube: cubeFor(asked), ...asked }, range, starts)
  if (dimension === undefined) return [{ key: null, sums: (await read({ by: [], where })).get('') ?? noSums(starts) }]
  const query = { by: [dimension], where }
  if (areFew(query)) {
    const all = [...(await read(query))].map(([key, sums]) => ({ key, sums, total: totalOf(sums) }))
    const sorted = all.toSorted(dearestFirst)
    const rest = sorted.slice(MOST_SERIES)
    const other = starts.map((_, at) => rest.reduce((sum, { sums }) => addSums(sum, sums[at]!), NO_SUMS))
    return [...sorted.slice(0, MOST_SERIES), ...(rest.length > 0 ? [{ key: OTHER, sums: other }] : [])]
  }
  const most = MOST_SERIES + 1
  const keys = await store.largest({ tenantId, cube: cubeFor(query), range, where, of: dimension, most })
  const largest = keys.slice(0, MOST_SERIES)
  const found = await read({ by: [dimension], where: { ...where, [dimension]: largest } })
  const shown = largest.map((key) => ({ key, sums: found.get(key) ?? noSums(starts) }))
  if (keys.length < most) return shown
  // Read after them, and sums only grow: so what is left is never negative.
  const all = (await read({ by: [], where })).get('') ?? noSums(starts)
  return [...shown, { key: OTHER, sums: minus(all, shown) }]
}

/** Whether there are so few keys that all can be read bucket by bucket: of users and their keys there may be thousands. */
function areFew({ by, where = {} }: Pick<Query, 'by' | 'where'>): boolean {
  return cubeFor({ by, where }) === 'quality' || where.userId !== undefined
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
function cubeFor({ by, where = {} }: Pick<Query, 'by' | 'where'>): CubeName {
  const asked = [...by, ...(Object.keys(where) as Dimension[])]
  return asked.every((one) => (CUBES.quality as readonly Dimension[]).includes(one)) ? 'quality' : 'account'
}

/**
 * The sums of each bucket, by the one dimension that is asked for, or under ''. Hours are read where all buckets begin on
 * hours of UTC; else quarters.
 */
async function bucketsOf(
  store: Store,
  query: Query,
  range: Range,
  starts: readonly number[],
): Promise<ReadonlyMap<string, readonly Sums[]>> {
  const isOnHours = starts.every((start, at) => at === 0 || start % GRAINS.hour === 0)
  const pieces: { grain: Grain; range: Range }[] = isOnHours ? piecesOf(range) : [{ grain: 'quarter', range }]
  const read = await Promise.all(pieces.map((piece) => store.sums({ ...query, ...piece, byTime: starts })))
  const places = new Map(starts.map((start, at) => [start, at]))
  const [dimension] = query.by
  return new Map(
    [...Map.groupBy(read.flat(), ({ dimensions }) => (dimension && dimensions[dimension]) ?? '')].map(
      ([key, groups]) => {
        const sums = noSums(starts)
        for (const { startMs, sums: more } of groups) {
          const at = places.get(startMs!)!
          sums[at] = addSums(sums[at]!, more)
        }
        return [key, sums]
      },
    ),
  )
}

function noSums(starts: readonly number[]): Sums[] {
  return starts.map(() => NO_SUMS)
}

function totalOf(sums: readonly Sums[]): Sums {
  return sums.reduce(addSums, NO_SUMS)
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
