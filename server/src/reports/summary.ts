import { type Outcome, OUTCOMES } from '../core/entry.ts'
import type { Group, ReportStore } from '../core/ports/report-store.ts'
import {
  addSums,
  type CubeName,
  type Dimension,
  type Grain,
  GRAINS,
  MEASURES,
  type Measure,
  type Sums,
} from '../core/rollup.ts'
import { type Bucket, EVIDENCE, type Evidence, INPUT_BUCKETS, OUTPUT_BUCKETS } from '../core/usage.ts'
import type { Range } from '../core/window.ts'
import { type Asked, ianaZone, isoTime, reportRange } from './time.ts'

/** What was spent in [from, to), by when it happened. Sums lack what `unpricedEntries` and `unknownEntries` count. */
export interface Summary extends TokenSums {
  readonly from: string
  readonly to: string
  readonly zone: string
  readonly asOf: string
  readonly entries: bigint
  readonly requests: bigint
  readonly costNanoUsd: bigint
  readonly unpricedEntries: bigint
  readonly unknownEntries: bigint
  readonly byEvidence: Readonly<Record<Evidence, bigint>>
  readonly byOutcome: Readonly<Record<Outcome, bigint>>
  readonly byModel: readonly ModelSums[]
  /** Where it was asked for. */
  readonly byUser?: readonly UserSums[]
}
interface TokenSums {
  readonly inputTokens: bigint
  /** The part of the input that was read from a cache. */
  readonly cachedTokens: bigint
  readonly outputTokens: bigint
  readonly totalTokens: bigint
}
interface UseSums {
  readonly requests: bigint
  readonly totalTokens: bigint
  readonly costNanoUsd: bigint
}
interface ModelSums extends UseSums {
  readonly provider: string
  readonly model: string
}
interface UserSums extends UseSums {
  readonly userId: string
}

/** Sums of a range by provider, model, outcome and evidence; the dearest model first. */
export async function summarize(
  store: Pick<ReportStore, 'sums'>,
  tenantId: string,
  asked: Asked & { readonly byUser?: boolean },
  nowMs: number,
): Promise<Summary> {
  const range = reportRange(asked, nowMs)
  const [groups, users] = await Promise.all([
    groupsOf(store, tenantId, range, 'quality', ['provider', 'model', 'outcome', 'evidence']),
    asked.byUser ? groupsOf(store, tenantId, range, 'account', ['userId']) : undefined,
  ])
  const sums = total(groups)
  const entriesWhere = (name: 'evidence' | 'outcome', value: string) =>
    total(groups.filter(({ dimensions }) => dimensions[name] === value)).entries
  return {
    from: isoTime(range.startMs),
    to: isoTime(range.endMs),
    zone: ianaZone(asked.zone),
    asOf: isoTime(nowMs),
    entries: sums.entries,
    requests: sums.requests,
    ...tokenSums(sums),
    costNanoUsd: sums.costNanoUsd,
    unpricedEntries: sums.unpriced,
    unknownEntries: sums.unknown,
    byEvidence: recordOf(EVIDENCE, (evidence) => entriesWhere('evidence', evidence)),
    byOutcome: recordOf(OUTCOMES, (outcome) => entriesWhere('outcome', outcome)),
    byModel: largestFirst(groups, ({ dimensions: { provider = '', model = '' } }) => ({ provider, model })),
    ...(users && { byUser: largestFirst(users, ({ dimensions: { userId = '' } }) => ({ userId })) }),
  }
}

async function groupsOf(
  store: Pick<ReportStore, 'sums'>,
  tenantId: string,
  range: Range,
  cube: CubeName,
  by: readonly Dimension[],
): Promise<readonly Group[]> {
  const pieces = await Promise.all(
    piecesOf(range).map((piece) => store.sums({ tenantId, cube, ...piece, by, byTime: false })),
  )
  return pieces.flat()
}

/** The range as whole hours, with quarters of an hour before and after: the same cells, four times fewer to read. */
export function piecesOf({ startMs, endMs }: Range): { grain: Grain; range: Range }[] {
  const firstHour = Math.ceil(startMs / GRAINS.hour) * GRAINS.hour
  const lastHour = Math.floor(endMs / GRAINS.hour) * GRAINS.hour
  if (firstHour >= lastHour) return [{ grain: 'quarter', range: { startMs, endMs } }]
  const pieces: { grain: Grain; range: Range }[] = [
    { grain: 'quarter', range: { startMs, endMs: firstHour } },
    { grain: 'hour', range: { startMs: firstHour, endMs: lastHour } },
    { grain: 'quarter', range: { startMs: lastHour, endMs } },
  ]
  return pieces.filter((piece) => piece.range.startMs < piece.range.endMs)
}

/** The groups that have the same name as one, the dearest first. */
function largestFirst<Name extends object>(
  groups: readonly Group[],
  nameOf: (group: Group) => Name,
): (Name & UseSums)[] {
  const named = [...Map.groupBy(groups, (group) => JSON.stringify(nameOf(group))).values()].map((group) => {
    const sums = total(group)
    const { requests, costNanoUsd } = sums
    return { ...nameOf(group[0]!), requests, totalTokens: tokenSums(sums).totalTokens, costNanoUsd }
  })
  return named.toSorted((a, b) => compare(b.costNanoUsd, a.costNanoUsd) || compare(b.totalTokens, a.totalTokens))
}

function tokenSums(sums: Sums): TokenSums {
  const inputTokens = sumOf(sums, INPUT_BUCKETS)
  const outputTokens = sumOf(sums, OUTPUT_BUCKETS)
  return { inputTokens, cachedTokens: sums.inCacheRead, outputTokens, totalTokens: inputTokens + outputTokens }
}

function sumOf(sums: Sums, buckets: readonly Bucket[]): bigint {
  return buckets.reduce((sum, bucket) => sum + sums[bucket], 0n)
}

function total(groups: readonly Group[]): Sums {
  return groups.reduce((sum, group) => addSums(sum, group.sums), NO_SUMS)
}

const NO_SUMS: Sums = recordOf<Measure>(MEASURES, () => 0n)

function recordOf<Name extends string>(names: readonly Name[], value: (name: Name) => bigint): Record<Name, bigint> {
  return Object.fromEntries(names.map((name) => [name, value(name)])) as Record<Name, bigint>
}

function compare(a: bigint, b: bigint): number {
  return a < b ? -1 : a > b ? 1 : 0
}
