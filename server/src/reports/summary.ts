import { type Outcome, OUTCOMES } from '../core/entry.ts'
import type { ErrorCode } from '../core/errors.ts'
import type { Group, ReportStore } from '../core/ports/report-store.ts'
import type { RefusalReason } from '../core/refusal.ts'
import type { CubeName, Dimension } from '../core/rollup.ts'
import { EVIDENCE, type Evidence } from '../core/usage.ts'
import type { Range } from '../core/window.ts'
import { descending, piecesOf, recordOf, type TokenSums, tokenSums, total } from './sums.ts'
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
  readonly refusals: RefusalSums
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
/** Calls that were not admitted; `shadow` are those that were, and that a limit in shadow mode would have refused. */
export interface RefusalSums {
  readonly total: bigint
  readonly byCode: Readonly<Partial<Record<ErrorCode, bigint>>>
  readonly shadow: bigint
}

export interface SummaryAsked extends Asked {
  readonly byUser?: boolean
  readonly userId?: string
  readonly model?: string
}

type Store = Pick<ReportStore, 'sums' | 'refusalReasons'>

/** Sums of a range by provider, model, outcome and evidence; the dearest model first. */
export async function summarize(store: Store, tenantId: string, asked: SummaryAsked, nowMs: number): Promise<Summary> {
  const range = reportRange(asked, nowMs)
  const where = {
    ...(asked.userId !== undefined && { userId: asked.userId }),
    ...(asked.model !== undefined && { model: asked.model }),
  }
  const read = (cube: CubeName, by: readonly Dimension[]) => groupsOf(store, { tenantId, range, where, cube, by })
  const [groups, users, refused] = await Promise.all([
    read(asked.userId === undefined ? 'quality' : 'account', ['provider', 'model', 'outcome', 'evidence']),
    asked.byUser ? read('account', ['userId']) : undefined,
    store.refusalReasons({ tenantId, range, ...where }),
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
    refusals: refusalSums(refused),
  }
}

async function groupsOf(
  store: Store,
  {
    range,
    ...asked
  }: {
    readonly tenantId: string
    readonly range: Range
    readonly where: Readonly<Partial<Record<Dimension, string>>>
    readonly cube: CubeName
    readonly by: readonly Dimension[]
  },
): Promise<readonly Group[]> {
  const pieces = await Promise.all(piecesOf(range).map((piece) => store.sums({ ...asked, ...piece, byTime: false })))
  return pieces.flat()
}

function refusalSums(counts: readonly RefusalReason[]): RefusalSums {
  const sum = (of: readonly RefusalReason[]) => of.reduce((all, { count }) => all + BigInt(count), 0n)
  const refused = counts.filter(({ shadow }) => !shadow)
  const byCode = [...Map.groupBy(refused, ({ code }) => code)].map(([code, group]) => [code, sum(group)])
  return {
    total: sum(refused),
    byCode: Object.fromEntries(byCode) as RefusalSums['byCode'],
    shadow: sum(counts.filter(({ shadow }) => shadow)),
  }
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
  return named.toSorted((a, b) => descending(a.costNanoUsd, b.costNanoUsd) || descending(a.totalTokens, b.totalTokens))
}
