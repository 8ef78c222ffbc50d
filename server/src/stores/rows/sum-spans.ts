import type { SumsQuery } from '../../core/ports/report-store.ts'
import { type Dimension, GRAINS } from '../../core/rollup.ts'
import { FOREVER_MS } from '../../core/window.ts'
import { DAY, DAY_MS, EVER, USER_CUBE, WEEK, WEEK_MS } from './kept-cells.ts'

/** Cells of a cube and a grain that begin in [fromMs, toMs). Several may be parts of one span, which has a number. */
export interface SpanCells {
  readonly span: number
  readonly cube: string
  readonly grain: string
  readonly fromMs: number
  readonly toMs: number
}

/** What the sums of a span are good for. */
export interface SpanUse {
  readonly span: number
  /** The bucket that they are summed up in; 0 where sums are not apart by buckets. */
  readonly bucketMs: number
  /** -1 where they are in a wider cell that was added, and are not asked for. */
  readonly sign: 1 | -1
}

export interface SumSpans {
  readonly cells: readonly SpanCells[]
  readonly uses: readonly SpanUse[]
  /** Each piece is one bucket of the key, to be searched for the users that the question names: no other is read. */
  readonly isSearch: boolean
}

interface SignedSpan extends Omit<SpanCells, 'span'> {
  readonly sign: 1 | -1
}

/** Cells as wide as these, by the grain that they are kept in. */
interface Level {
  readonly cube: string
  readonly grain: string
  readonly widthMs: number
}

/** Beyond so many searches, one pass over all users is no more work. */
const MOST_SEARCHES = 20_000

/** Which cells answer a question, and few of them; each is read once, also where one bucket has it and another has not. */
export function spansOf(query: SumsQuery): SumSpans {
  const { cube, range, where, byTime } = query
  if (cube === 'account' && byTime === false && range.startMs <= 0 && range.endMs >= FOREVER_MS)
    return {
      cells: [{ span: 0, cube, grain: EVER, fromMs: 0, toMs: 1 }],
      uses: [{ span: 0, bucketMs: 0, sign: 1 }],
      isSearch: true,
    }
  const levels = levelsOf(query)
  const spans = new Map<string, SpanCells>()
  const uses = bucketsOf(query, levels[0].widthMs).flatMap(([bucketMs, fromMs, toMs]) =>
    covered(levels, fromMs, toMs).map(({ sign, ...cells }): SpanUse => {
      const id = JSON.stringify(cells)
      const { span } = spans.get(id) ?? { span: spans.size }
      spans.set(id, { span, ...cells })
      return { span, bucketMs, sign }
    }),
  )
  const widths = new Map(levels.map(({ grain, widthMs }) => [grain, widthMs]))
  const single = singleCells([...spans.values()], widths, where?.userId)
  return { cells: single ?? [...spans.values()], uses, isSearch: single !== undefined }
}

/** The cells that know what is asked, the narrowest first. */
function levelsOf({ cube, grain, by, where = {}, byTime }: SumsQuery): [Level, ...Level[]] {
  const own = { cube, grain, widthMs: GRAINS[grain] }
  if (byTime === true) return [own]
  const asked = [...by, ...(Object.keys(where) as Dimension[])]
  const areUsers = cube === 'account' && asked.every((dimension) => dimension === 'userId')
  return [
    own,
    ...(grain === 'quarter' ? [{ cube, grain: 'hour', widthMs: GRAINS.hour }] : []),
    { cube: areUsers ? USER_CUBE : cube, grain: DAY, widthMs: DAY_MS },
    ...(areUsers ? [{ cube: USER_CUBE, grain: WEEK, widthMs: WEEK_MS }] : []),
  ]
}

/** The range as a whole, or cut where the asked buckets begin; from the start of a cell to the start of another. */
function bucketsOf({ range: { startMs, endMs }, byTime }: SumsQuery, widthMs: number) {
  const starts = typeof byTime === 'boolean' ? [0] : byTime
  return starts
    .map((bucketMs, at) => {
      const fromMs = at === 0 ? startMs : Math.max(startMs, bucketMs)
      const toMs = Math.min(endMs, starts[at + 1] ?? endMs)
      return [bucketMs, ...[fromMs, toMs].map((ms) => Math.ceil(ms / widthMs) * widthMs)] as [number, number, number]
    })
    .filter(([, fromMs, toMs]) => fromMs < toMs)
}

/**
 * [fromMs, toMs) in wide cells from the edge of one that is nearest to its beginning to the one nearest to its end. What
 * lies between those and its own edges is added in narrower cells, or taken away: a day in Amsterdam is one of UTC with two
 * hours more and two less, not 24 hours.
 */
function covered(levels: readonly Level[], fromMs: number, toMs: number): SignedSpan[] {
  const { cube, grain, widthMs } = levels.at(-1)!
  const narrower = levels.slice(0, -1)
  if (narrower.length === 0) return [{ cube, grain, fromMs, toMs, sign: 1 }]
  const [firstMs, lastMs] = [fromMs, toMs].map((ms) => Math.round(ms / widthMs) * widthMs) as [number, number]
  if (Math.abs(firstMs - fromMs) + Math.abs(toMs - lastMs) >= toMs - fromMs) return covered(narrower, fromMs, toMs)
  return [
    ...edge(narrower, fromMs, firstMs),
    { cube, grain, fromMs: firstMs, toMs: lastMs, sign: 1 },
    ...edge(narrower, lastMs, toMs),
  ]
}

/** What lies between two instants; taken away where the one that comes first in the range is the later one. */
function edge(levels: readonly Level[], aMs: number, bMs: number): SignedSpan[] {
  if (aMs === bMs) return []
  if (aMs < bMs) return covered(levels, aMs, bMs)
  return covered(levels, bMs, aMs).map((span) => ({ ...span, sign: span.sign === 1 ? -1 : 1 }))
}

/** One by one, where users are named, and few enough for that. */
function singleCells(
  spans: readonly SpanCells[],
  widths: ReadonlyMap<string, number>,
  userId: string | readonly string[] | undefined,
): SpanCells[] | undefined {
  if (userId === undefined) return undefined
  const cellsIn = ({ grain, fromMs, toMs }: SpanCells) => (toMs - fromMs) / widths.get(grain)!
  const cells = spans.reduce((sum, span) => sum + cellsIn(span), 0)
  if (cells * Math.max(1, [userId].flat().length) > MOST_SEARCHES) return undefined
  return spans.flatMap((span) =>
    Array.from({ length: cellsIn(span) }, (_, at) => {
      const fromMs = span.fromMs + at * widths.get(span.grain)!
      return { ...span, fromMs, toMs: fromMs + 1 }
    }),
  )
}
