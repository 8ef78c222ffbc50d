import { isMinute } from '../../core/counter.ts'
import type { IngestKey, Plan } from '../../core/plan.ts'
import { type Columns, type Value } from '../rows/columns.ts'
import { CROSSING_COLUMNS } from '../rows/crossing-row.ts'
import { ENTRY_COLUMNS } from '../rows/entry-row.ts'
import { HOLD_COLUMNS } from '../rows/hold-row.ts'
import { PRICE_COLUMNS } from '../rows/price-row.ts'
import { COUNT_COLUMNS, countValues, REFUSAL_COLUMNS } from '../rows/refusal-row.ts'
import { rowsText } from './connection.ts'
import { rollupRows } from './rollup-rows.ts'

export interface Batch {
  /** Judges only; writes nothing. */
  readonly isCheck: boolean
  readonly writerId: string
  readonly batchId: string
  /** The store's clock, for tests; null is the database's own. */
  readonly atMs: number | null
  readonly plans: readonly Plan[]
}

/** What the function commit_plans is given, in its order: see migrations/0007-commit.ts. */
export function batchValues({ isCheck, writerId, batchId, atMs, plans }: Batch): unknown[] {
  const tenants = placesOf(plans.map(({ tenantId }) => tenantId))
  const ids = placesOf(plans.flatMap(({ open, end, entry }) => [open?.id, end?.id, entry?.id].filter(isThere)))
  const keys = ingestKeys(plans)
  const counters = counterTenants(plans)
  const counterIds = [...counters.keys()]
  const counterPlaces = placesOf(counterIds)
  const adds = plans.flatMap((plan) => plan.adds)
  const { rollups, rows } = rowsOf(plans, ids)
  const each = (value: (plan: Plan) => number | undefined) => numbers(plans.map((plan) => value(plan) ?? 0))
  return [
    ...[isCheck, writerId, atMs, batchId, [...tenants.keys()], [...ids.keys()]],
    ...[keys.map(({ plan }) => plan.tenantId), keys.map(({ key }) => key.source), keys.map(({ key }) => key.id)],
    ...[keys.map(({ plan }) => plan.entry?.id ?? ''), keys.map(({ key }) => key.digest)],
    ...[counterIds, [...counters.values()], counterIds.map(isMinute)],
    each(({ tenantId }) => tenants.get(tenantId)),
    each(({ expectTenantVersion }) => expectTenantVersion ?? -1),
    each(({ open }) => open && ids.get(open.id)),
    each(({ open }) => open?.version),
    each(({ end }) => end && ids.get(end.id)),
    each(({ end }) => end?.version),
    each(({ entry }) => entry && ids.get(entry.id)),
    each((plan) => plan.ingestKey && keys.findIndex(({ id }) => id === keyId(plan, plan.ingestKey!)) + 1),
    plans.map(({ ingestKey }) => ingestKey?.digest ?? ''),
    each((plan) => plan.adds.length),
    numbers(adds.map((add) => counterPlaces.get(add.counterId)!)),
    numbers(adds.map((add) => add.settled)),
    numbers(adds.map((add) => add.held)),
    numbers(adds.map((add) => add.countedAtMs)),
    numbers(adds.map((add) => add.ceiling)),
    ...[numbers(rollups.linkSums), numbers(rollups.linkCells)],
    rowsText(rows),
  ]
}

/** What goes into tables as it is; each row says of which plan it is. Tables without rows are left out. */
function rowsOf(plans: readonly Plan[], ids: ReadonlyMap<string, number>) {
  const folded = rollupRows()
  const rows: Record<'holds' | 'entries', object[]> = { holds: [], entries: [] }
  const beside: Record<string, object[]> = {}
  const put = (table: string, row: object) => (beside[table] ??= []).push(row)
  plans.forEach(({ open, entry, prices, rollups, crossings, tellOver, refusals }, index) => {
    const plan = index + 1
    if (open) rows.holds.push({ plan, place: ids.get(open.id), ...rowOf(HOLD_COLUMNS, open) })
    // Its writer and its sequence are given by the commit.
    if (entry) rows.entries.push({ plan, ...rowOf(ENTRY_COLUMNS, { ...entry, writerId: '', seq: 0 }) })
    for (const price of prices ?? []) put('prices', { plan, ...rowOf(PRICE_COLUMNS, price) })
    for (const crossing of crossings ?? [])
      put('crossings', { plan, ...rowOf(CROSSING_COLUMNS, crossing), channels: tellOver?.join(' ') })
    for (const one of refusals?.counts ?? []) {
      const values = countValues(one)
      put('counts', {
        plan,
        count: one.count,
        ...Object.fromEntries(COUNT_COLUMNS.map((column, at) => [column, values[at]])),
      })
    }
    for (const [place, sample] of (refusals?.samples ?? []).entries())
      put('samples', { plan, place: plan * 1_000_000 + place, ...rowOf(REFUSAL_COLUMNS, sample) })
    folded.add(plan, rollups)
  })
  const { cells, sums, ...rollups } = folded.rows()
  if (cells.length > 0) Object.assign(beside, { cells, sums })
  return {
    rollups,
    rows: {
      ...(rows.holds.length > 0 && { holds: rows.holds }),
      ...(rows.entries.length > 0 && { entries: rows.entries }),
      ...(Object.keys(beside).length > 0 && { beside }),
    },
  }
}

function rowOf<Noun>(columns: Columns<Noun>, noun: Noun): Record<string, Value> {
  const row: Record<string, Value> = {}
  for (const [column, valueOf] of columns) {
    const value = valueOf(noun)
    if (value !== null) row[column] = value
  }
  return row
}

/** In an order that is the same for every process, with the plan that comes first with each. */
function ingestKeys(plans: readonly Plan[]) {
  const first = new Map<string, { readonly id: string; readonly key: IngestKey; readonly plan: Plan }>()
  for (const plan of plans) {
    const key = plan.ingestKey
    if (!key) continue
    const id = keyId(plan, key)
    if (!first.has(id)) first.set(id, { id, key, plan })
  }
  return [...first.values()].toSorted((a, b) => (a.id < b.id ? -1 : 1))
}

function keyId({ tenantId }: Plan, { source, id }: IngestKey): string {
  return JSON.stringify([tenantId, source, id])
}

/** Each counter beside its tenant, in an order that is the same for every process. */
function counterTenants(plans: readonly Plan[]): ReadonlyMap<string, string> {
  const tenants = plans.flatMap(({ tenantId, adds }) => adds.map(({ counterId }) => [counterId, tenantId] as const))
  return new Map(tenants.toSorted(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)))
}

/** Each text beside its place, from 1. */
function placesOf(texts: readonly string[]): ReadonlyMap<string, number> {
  return new Map([...new Set(texts)].map((text, index) => [text, index + 1]))
}

/** An array of numbers as PostgreSQL writes it. */
function numbers(values: readonly (number | bigint | null)[]): string {
  return `{${values.map((value) => value ?? 'NULL').join(',')}}`
}

function isThere<T>(value: T | undefined): value is T {
  return value !== undefined
}
