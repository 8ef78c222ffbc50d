import { counterIdOf, metricOf } from '../core/counter.ts'
import { amountsOf, type Entry } from '../core/entry.ts'
import { entryOf, heldAmounts, type Hold, type HoldEnd } from '../core/hold.ts'
import type { Amounts, Limit } from '../core/limit.ts'
import type { CounterAdd, IngestKey, Plan } from '../core/plan.ts'
import type { Price } from '../core/price.ts'
import { rollupsOf } from '../core/rollup.ts'

/** A limit that cannot be passed. */
export type HardLimit = Limit & { readonly amount: bigint }

export function isHard(limit: Limit): limit is HardLimit {
  return limit.mode === 'hard' && limit.amount !== null
}

/** The ids of the counters that the limits read at an instant, each once. */
export function countersOf(limits: readonly Limit[], atMs: number): string[] {
  return [...new Set(limits.map((limit) => counterIdOf(limit, atMs)))]
}

/** Opens a hold: sets its bound aside in every counter at once, below every hard limit, or does nothing. */
export function planReserve(
  hold: Hold,
  limits: readonly Limit[],
  tenantVersion: number,
  price: Price | undefined,
): Plan {
  const amounts = heldAmounts(hold)
  const adds = new Map<string, CounterAdd>()
  for (const limit of limits) {
    const id = counterIdOf(limit, hold.countedAtMs)
    const before = adds.get(id)?.ceiling ?? null
    const ceiling = isHard(limit) && (before === null || limit.amount < before) ? limit.amount : before
    adds.set(id, { counterId: id, settled: 0n, held: amounts[limit.metric], ceiling, countedAtMs: hold.countedAtMs })
  }
  return {
    tenantId: hold.tenantId,
    expectTenantVersion: tenantVersion,
    open: hold,
    ...(price && { prices: [price] }),
    adds: [...adds.values()],
    rollups: [],
  }
}

/** Ends a hold: gives back what it set aside, books what was used, in the same counters and windows. */
export function planEnd(hold: Hold, end: HoldEnd, prices: readonly Price[]): Plan & { readonly entry: Entry } {
  const entry = entryOf(hold, end)
  const held = heldAmounts(hold)
  const used = amountsOf(entry)
  const adds = hold.counters.map((id) => moveFromHeld(id, held, used, hold.countedAtMs))
  return {
    tenantId: hold.tenantId,
    end: { id: hold.id, version: hold.version },
    entry,
    prices,
    adds,
    rollups: rollupsOf(entry),
  }
}

/** What happened elsewhere, as it is told, under the limits of a version of its tenant. */
export interface IngestedEvent {
  readonly entry: Entry
  readonly key: IngestKey
  readonly limits: readonly Limit[]
  readonly tenantVersion: number
  readonly price: Price | undefined
}

/** Books what happened elsewhere. Nothing was held, so it is counted even where it breaks a limit: it is the truth. */
export function planIngest({ entry, key, limits, tenantVersion, price }: IngestedEvent): Plan {
  const used = amountsOf(entry)
  const adds = countersOf(limits, entry.countedAtMs).map((id) => moveFromHeld(id, undefined, used, entry.countedAtMs))
  return {
    tenantId: entry.tenantId,
    expectTenantVersion: tenantVersion,
    ingestKey: key,
    entry,
    ...(price && { prices: [price] }),
    adds,
    rollups: rollupsOf(entry),
  }
}

/** A call that was let through without the ledger, as it ended, and the limits of a version of its tenant that count it. */
export interface SpooledCounted {
  readonly entry: Entry
  readonly prices: readonly Price[]
  /** What its reserve set aside after all, where there is something. */
  readonly hold: Hold | undefined
  readonly limits: readonly Limit[]
  readonly tenantVersion: number
}

/** Books what happened without the ledger, even where it breaks a limit, in the windows in which it was admitted. */
export function planSpooled({ entry, prices, hold, limits, tenantVersion }: SpooledCounted): Plan {
  const used = amountsOf(entry)
  const { tenantId, countedAtMs } = entry
  const common = { tenantId, entry, prices, rollups: rollupsOf(entry) }
  if (!hold) {
    const adds = countersOf(limits, countedAtMs).map((id) => moveFromHeld(id, undefined, used, countedAtMs))
    return { ...common, expectTenantVersion: tenantVersion, adds }
  }
  const held = heldAmounts(hold)
  const adds = hold.counters.map((id) => moveFromHeld(id, held, used, hold.countedAtMs))
  return { ...common, end: { id: hold.id, version: hold.version }, adds }
}

function moveFromHeld(id: string, held: Amounts | undefined, used: Amounts, countedAtMs: number): CounterAdd {
  const metric = metricOf(id)
  return { counterId: id, settled: used[metric], held: held ? -held[metric] : 0n, ceiling: null, countedAtMs }
}
