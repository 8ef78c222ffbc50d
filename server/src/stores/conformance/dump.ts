import type { PlacedEntry } from '../../core/entry.ts'
import type { RefusalSum } from '../../core/ports/report-store.ts'
import { cellId } from '../../core/rollup.ts'
import { FOREVER_MS } from '../../core/window.ts'
import type { Stores } from './reference.ts'

/** What a store says it holds, through its ports alone, in an order of its own: two stores are equal if their dumps are. */
export async function dump(
  { ledger, reports, deliveries }: Stores,
  tenantIds: readonly string[],
  minuteIds: readonly string[] = [],
) {
  const entries: PlacedEntry[] = []
  for (let after: PlacedEntry | undefined; ;) {
    const page = await reports.scanEntries(after, 7)
    entries.push(...page)
    after = page.at(-1)
    if (!after) break
  }
  const rollups: [string, unknown][] = []
  for await (const { sums, ...cell } of reports.scanRollups()) rollups.push([cellId(cell), sums])
  const deliveriesOf = async (tenantId: string) => {
    const crossings = await reports.crossings(tenantId, 1_000)
    const rows = await deliveries.ofCrossings(
      tenantId,
      crossings.map(({ id }) => id),
    )
    return sorted(rows.map((row) => [`${row.crossingId} ${row.channel}`, row] as const))
  }
  const counters = (await reports.scanCounters()).map(({ counterId, value }) => [counterId, value] as const)
  return {
    entries,
    holds: await reports.scanHolds(),
    counters: sorted(counters),
    rollups: sorted(rollups),
    minutes: await Promise.all(minuteIds.map((id) => ledger.counter(id, MINUTE_DUMP_MS))),
    tenants: await Promise.all(
      tenantIds.map(async (id) => ({
        users: await reports.users(id, { limit: 1_000 }),
        keys: await reports.keys(id),
        limits: await reports.limits(id),
        newest: await reports.entries({ tenantId: id, limit: 1_000 }),
        refusals: await reports.refusals({ tenantId: id, limit: 1_000 }),
        refusalCounts: sorted(
          (await reports.refusalCounts(id, { startMs: 0, endMs: FOREVER_MS })).map((row) => [rowId(row), row] as const),
        ),
        crossings: await reports.crossings(id, 1_000),
        deliveries: await deliveriesOf(id),
      })),
    ),
    prices: await Promise.all([...new Set(entries.flatMap(versionsOf))].map((version) => reports.price(version))),
  }
}

function versionsOf({ priceVersion, usage }: PlacedEntry): string[] {
  return [priceVersion ?? 'none', ...(usage.elsewhere ?? []).map((one) => one.priceVersion ?? 'none')]
}

function rowId({ userId, model, code, limitId, shadow }: RefusalSum): string {
  return JSON.stringify([userId, model, code, limitId, shadow])
}

/** Before any sub-bucket ends, so that all of them show. */
const MINUTE_DUMP_MS = 0

function sorted<Row>(rows: readonly (readonly [string, Row])[]): (readonly [string, Row])[] {
  return rows.toSorted(([a], [b]) => (a < b ? -1 : 1))
}
