import { hash } from 'node:crypto'
import { metricOf } from '../core/counter.ts'
import { heldAmounts } from '../core/hold.ts'
import { amountsOf } from '../core/entry.ts'
import { METRICS } from '../core/limit.ts'
import type { PartName, Parts, TransferSource } from '../core/ports/transfer.ts'
import { BUCKETS } from '../core/usage.ts'
import type { Check } from './verify.ts'

/** Of one part: sums by what they are of. Two parts that are equal have equal sums, whatever engine keeps them. */
type Sums = ReadonlyMap<string, bigint>
export type Totals = ReadonlyMap<PartName, Sums>

/** Adds to one of the sums. */
type Add = (of: string, amount: bigint) => void

const ROWS = 'rows'
const CHECKSUM = 'checksum'

/** What people want to see equal, beside the number of rows and their checksum. */
const SUMMED: { readonly [Name in PartName]?: (row: Parts[Name], add: Add) => void } = {
  entries(entry, add) {
    const { tenantId, writerId } = entry
    const amounts = amountsOf(entry)
    for (const metric of METRICS) {
      add(metric, amounts[metric])
      add(`${metric} of tenant ${tenantId}`, amounts[metric])
    }
    add(`entries of writer ${writerId}`, 1n)
    add(`sequences of writer ${writerId}`, BigInt(entry.seq))
  },
  rollups({ tenantId, cube, grain, sums }, add) {
    for (const measure of ['entries', 'requests', 'costNanoUsd'] as const)
      add(`${measure} of tenant ${tenantId} in ${cube} by ${grain}`, sums[measure])
    for (const bucket of BUCKETS) add(`tokens of tenant ${tenantId} in ${cube} by ${grain}`, sums[bucket])
  },
  holds(hold, add) {
    const held = heldAmounts(hold)
    for (const metric of METRICS) add(`held ${metric} of tenant ${hold.tenantId}`, held[metric])
  },
  counters({ counterId, tenantId, value }, add) {
    add(`settled ${metricOf(counterId)} of tenant ${tenantId}`, value.settled)
    add(`held ${metricOf(counterId)} of tenant ${tenantId}`, value.held)
  },
  refusalCounts({ tenantId, count }, add) {
    add(`refusals of tenant ${tenantId}`, BigInt(count))
  },
}

const WORDS: Readonly<Record<PartName, string>> = {
  settings: 'settings',
  tenants: 'tenants with their versions',
  users: 'users',
  keys: 'keys',
  limits: 'limits',
  prices: 'prices',
  ingestKeys: 'ids of ingested events',
  refusals: 'samples of refusals',
  refusalCounts: 'counts of refusals',
  crossings: 'crossings',
  deliveries: 'deliveries of alerts',
  entries: 'entries',
  rollups: 'rollups',
  holds: 'open holds',
  counters: 'counters',
}

/** Reads a whole ledger, and sums up all that is in it. */
export async function totalsOf(ledger: Pick<TransferSource, 'read'>): Promise<Totals> {
  const totals = new Map<PartName, Sums>()
  for (const part of Object.keys(WORDS) as PartName[]) totals.set(part, await sumsOf(ledger, part))
  return totals
}

async function sumsOf(ledger: Pick<TransferSource, 'read'>, part: PartName): Promise<Sums> {
  const sums = new Map<string, bigint>([
    [ROWS, 0n],
    [CHECKSUM, 0n],
  ])
  const add: Add = (of, amount) => sums.set(of, (sums.get(of) ?? 0n) + amount)
  const more = SUMMED[part] as ((row: Parts[PartName], add: Add) => void) | undefined
  for await (const rows of ledger.read(part))
    for (const row of rows) {
      add(ROWS, 1n)
      add(CHECKSUM, checksum(row))
      more?.(row, add)
    }
  return sums
}

/** A check for each part: that both ledgers have the same rows in it. */
export function differences(source: Totals, target: Totals): Check[] {
  return [...source].map(([part, expected]) => {
    const found = target.get(part)!
    const name = `${WORDS[part]} equal those of the source`
    // The checksum says that something differs; whatever else does says what.
    const labels = [...new Set([...expected.keys(), ...found.keys()])].filter((of) => of !== CHECKSUM)
    const wrong = labels.find((of) => (expected.get(of) ?? 0n) !== (found.get(of) ?? 0n))
    if (wrong !== undefined)
      return { name, ok: false, detail: `${wrong}: ${expected.get(wrong) ?? 0n} there, ${found.get(wrong) ?? 0n} here` }
    if (expected.get(CHECKSUM) !== found.get(CHECKSUM))
      return { name, ok: false, detail: 'as many rows, but not the same' }
    return { name, ok: true, detail: detailOf(expected) }
  })
}

function detailOf(sums: Sums): string {
  const metrics = METRICS.filter((metric) => sums.has(metric)).map((metric) => `, ${sums.get(metric)} ${metric}`)
  return `${sums.get(ROWS)} rows${metrics.join('')}`
}

/** Of rows in any order: the sum of 64 bits of the SHA-256 of each. */
function checksum(row: unknown): bigint {
  return BigInt(`0x${hash('sha256', canonical(row)).slice(0, 16)}`)
}

/** The same text for the same values, in whichever order an engine names them. */
function canonical(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(kept(value))
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`
  if (value === null || typeof value !== 'object') return String(value)
  const members = Object.entries(value).filter(([, member]) => member !== undefined)
  const texts = members.map(([name, member]) => `${JSON.stringify(kept(name))}:${canonical(member)}`)
  return `{${texts.toSorted().join(',')}}`
}

/** Not every engine keeps a NUL or half of a pair in a text, and none of them has a meaning of its own. */
function kept(text: string): string {
  return text.toWellFormed().replaceAll('\0', '\uFFFD')
}
