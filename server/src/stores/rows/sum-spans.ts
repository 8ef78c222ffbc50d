import type { SumsQuery } from '../../core/ports/report-store.ts'
import { type Dimension, type Grain, GRAINS } from '../../core/rollup.ts'
import { FOREVER_MS } from '../../core/window.ts'
import { DAY, DAY_MS, EVER, USER_CUBE } from './kept-cells.ts'

/** Cells of a cube and a grain that begin in [fromMs, toMs), and the bucket that they are summed up in. */
export interface SumSpan {
  readonly cube: string
  readonly grain: string
  readonly fromMs: number
  readonly toMs: number
  /** 0 where sums are not apart by buckets. */
  readonly bucketMs: number
}

export interface SumSpans {
  readonly spans: readonly SumSpan[]
  /** Each span is one bucket of the key, to be searched for a user that the question names: no other user is read. */
  readonly isSearch: boolean
}

/** Beyond so many buckets, one pass over all users is no more work than a search in each bucket. */
const MOST_SEARCHES = 10_000

/** Which cells answer a question, and as few as can be. */
export function spansOf(query: SumsQuery): SumSpans {
  const { cube, grain, range, where, byTime } = query
  if (cube === 'account' && byTime === false && range.startMs <= 0 && range.endMs >= FOREVER_MS)
    return { spans: [{ cube, grain: EVER, fromMs: 0, toMs: 1, bucketMs: 0 }], isSearch: true }
  const buckets = bucketsOf(query)
  const widthMs = GRAINS[grain]
  const cells = buckets.reduce((sum, { fromMs, toMs }) => sum + Math.ceil((toMs - fromMs) / widthMs), 0)
  if (where?.userId !== undefined && cells <= MOST_SEARCHES)
    return { spans: buckets.flatMap((bucket) => singleCells(bucket, widthMs)), isSearch: true }
  return { spans: byTime === false ? buckets.flatMap((all) => withDays(all, query)) : buckets, isSearch: false }
}

/** The range as a whole, or cut where the asked buckets begin. */
function bucketsOf({ cube, grain, range: { startMs, endMs }, byTime }: SumsQuery): SumSpan[] {
  if (typeof byTime === 'boolean') return [{ cube, grain, fromMs: startMs, toMs: endMs, bucketMs: 0 }]
  return byTime
    .map((bucketMs, at) => ({
      ...{ cube, grain, bucketMs },
      fromMs: Math.max(startMs, bucketMs),
      toMs: Math.min(endMs, byTime[at + 1] ?? endMs),
    }))
    .filter(({ fromMs, toMs }) => fromMs < toMs)
}

function singleCells(span: SumSpan, widthMs: number): SumSpan[] {
  const firstMs = Math.ceil(span.fromMs / widthMs) * widthMs
  const count = Math.max(0, Math.ceil((span.toMs - firstMs) / widthMs))
  return Array.from({ length: count }, (_, at) => {
    const fromMs = firstMs + at * widthMs
    return { ...span, fromMs, toMs: fromMs + 1 }
  })
}

/** Hours at the edges, and days between them where there are days that know what is asked. */
function withDays(span: SumSpan, { cube, grain, by, where = {} }: SumsQuery): SumSpan[] {
  const days = cube === 'quality' ? cube : isOfUsers([...by, ...(Object.keys(where) as Dimension[])]) && USER_CUBE
  const firstDayMs = Math.ceil(span.fromMs / DAY_MS) * DAY_MS
  const lastDayMs = Math.floor(span.toMs / DAY_MS) * DAY_MS
  if (days === false || grain !== ('hour' satisfies Grain) || firstDayMs >= lastDayMs) return [span]
  return [
    { ...span, toMs: firstDayMs },
    { ...span, cube: days, grain: DAY, fromMs: firstDayMs, toMs: lastDayMs },
    { ...span, fromMs: lastDayMs },
  ].filter(({ fromMs, toMs }) => fromMs < toMs)
}

function isOfUsers(asked: readonly Dimension[]): boolean {
  return asked.every((dimension) => dimension === 'userId')
}
