import { type CounterValue, parseCounterId } from '../core/counter.ts'
import { amountsOf, type PlacedEntry } from '../core/entry.ts'
import { heldAmounts, type Hold } from '../core/hold.ts'
import { idsIn, SCOPES } from '../core/limit.ts'
import type { ReportStore } from '../core/ports/report-store.ts'
import { addSums, cellId, MEASURES, rollupsOf, type Sums } from '../core/rollup.ts'

/** One law of the ledger, and whether it holds. `detail` names the first violation, or how much was looked at. */
export interface Check {
  readonly name: string
  readonly ok: boolean
  readonly detail: string
}

const ENTRIES_PER_PAGE = 5_000

/** What may be read of a ledger that moves before a difference is believed. */
const LOOKS_AT_WHAT_MOVES = 4

/**
 * Recomputes everything that is derived from the entries, and compares. Reads one frozen state, so that it may run
 * beside a server at work. Where the engine cannot freeze, what differs is looked at again: what comes from calls that
 * went on meanwhile differs otherwise each time, and a fault stays as it is.
 */
export async function verify(reports: ReportStore): Promise<readonly Check[]> {
  await reports.freeze?.()
  let findings = await look(reports)
  for (let looks = reports.freeze ? LOOKS_AT_WHAT_MOVES : 1; looks < LOOKS_AT_WHAT_MOVES; looks++) {
    if (findings.every(({ violations }) => violations.length === 0)) break
    findings = inBoth(findings, await look(reports))
  }
  return findings.map(check)
}

interface Finding {
  readonly name: string
  readonly violations: readonly string[]
  readonly detail: string
}

function inBoth(before: readonly Finding[], after: readonly Finding[]): Finding[] {
  return after.map(({ violations, ...found }, index) => {
    const known = new Set(before[index]!.violations)
    return { ...found, violations: violations.filter((violation) => known.has(violation)) }
  })
}

async function look(reports: ReportStore): Promise<Finding[]> {
  const counters = counterFold((await reports.scanCounters()).map((row) => row.counterId))
  const rollups = new Map<string, Sums>()
  const sequences = new Map<string, number>()
  const gaps: string[] = []
  let entries = 0
  for await (const entry of everyEntry(reports)) {
    entries++
    const before = sequences.get(entry.writerId) ?? 0
    if (entry.seq !== before + 1) gaps.push(`writer ${entry.writerId} goes from ${before} to ${entry.seq}`)
    sequences.set(entry.writerId, entry.seq)
    counters.settle(entry)
    for (const { sums, ...cell } of rollupsOf(entry)) {
      const id = cellId(cell)
      const there = rollups.get(id)
      rollups.set(id, there ? addSums(there, sums) : sums)
    }
  }
  const holds = await reports.scanHolds()
  for (const hold of holds) counters.hold(hold)
  const orphans = holds.filter((hold) => hold.leaseExpired)
  return [
    finding('sequences are gapless', gaps, `${entries} entries of ${sequences.size} writers`),
    finding('counters equal entries and holds', await counters.differences(reports), `${counters.size} counters`),
    finding('rollups equal entries', await rollupDifferences(reports, rollups), `${rollups.size} cells`),
    finding(
      'holds belong to living writers',
      orphans.map((hold) => `hold ${hold.id} of ${hold.writerId}, which is dead, was not swept yet`),
      `${holds.length} open holds`,
    ),
    finding('the store is sound', await reports.integrity(), 'nothing to report'),
  ]
}

function finding(name: string, violations: readonly string[], detail: string): Finding {
  return { name, violations, detail }
}

function check({ name, violations, detail }: Finding): Check {
  const [first] = violations
  if (first === undefined) return { name, ok: true, detail }
  return { name, ok: false, detail: violations.length > 1 ? `${first}, and ${violations.length - 1} more` : first }
}

async function* everyEntry(reports: ReportStore): AsyncIterable<PlacedEntry> {
  for (let after: PlacedEntry | undefined; ;) {
    const page = await reports.scanEntries(after, ENTRIES_PER_PAGE)
    yield* page
    after = page.at(-1)
    if (!after) return
  }
}

/** Folds entries and holds into the counters that exist. */
function counterFold(ids: readonly string[]) {
  const byScope = new Map<string, string[]>()
  const folded = new Map<string, { settled: bigint; held: bigint }>()
  const scopeKey = (tenantId: string, kind: string, id: string) => JSON.stringify([tenantId, kind, id])
  for (const id of ids) {
    const key = parseCounterId(id)
    folded.set(id, { settled: 0n, held: 0n })
    const scope = scopeKey(key.tenantId, key.scopeKind, key.scopeId)
    byScope.set(scope, [...(byScope.get(scope) ?? []), id])
  }
  return {
    size: ids.length,
    settle(entry: PlacedEntry) {
      const used = amountsOf(entry)
      for (const kind of SCOPES)
        for (const id of idsIn(entry, kind).flatMap((of) => byScope.get(scopeKey(entry.tenantId, kind, of)) ?? [])) {
          const { metric, startMs, endMs } = parseCounterId(id)
          if (startMs <= entry.countedAtMs && entry.countedAtMs < endMs) folded.get(id)!.settled += used[metric]
        }
    },
    hold(hold: Hold) {
      const held = heldAmounts(hold)
      for (const id of hold.counters) {
        const counter = folded.get(id)
        if (counter) counter.held += held[parseCounterId(id).metric]
      }
    },
    async differences(reports: ReportStore): Promise<string[]> {
      const rows = await reports.scanCounters()
      return rows.flatMap(({ counterId: id, value }) => difference(id, value, folded.get(id)))
    },
  }
}

function difference(id: string, stored: CounterValue, folded: CounterValue | undefined): string[] {
  if (folded && folded.settled === stored.settled && folded.held === stored.held) return []
  const says = (value: CounterValue | undefined) => (value ? `${value.settled} settled, ${value.held} held` : 'nothing')
  return [`counter ${id} has ${says(stored)}; its entries and holds make ${says(folded)}`]
}

async function rollupDifferences(reports: ReportStore, folded: ReadonlyMap<string, Sums>): Promise<string[]> {
  const differences: string[] = []
  const seen = new Set<string>()
  for await (const { sums, ...cell } of reports.scanRollups()) {
    const id = cellId(cell)
    seen.add(id)
    const expected = folded.get(id)
    const wrong = MEASURES.find((measure) => sums[measure] !== (expected?.[measure] ?? 0n))
    if (wrong) differences.push(`cell ${id} has ${wrong} ${sums[wrong]}; its entries make ${expected?.[wrong] ?? 0n}`)
  }
  for (const id of folded.keys()) if (!seen.has(id)) differences.push(`cell ${id} is missing`)
  return differences
}
