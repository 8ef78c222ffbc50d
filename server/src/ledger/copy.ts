import { ConfigurationError } from '../core/errors.ts'
import type { PartName, TransferSource, TransferTarget } from '../core/ports/transfer.ts'
import { differences, totalsOf } from './totals.ts'
import type { Check } from './verify.ts'

/** What is moved as it is, in this order; entries go where each writer stopped. */
const MOVED = [
  ...['settings', 'tenants', 'users', 'keys', 'limits', 'prices', 'ingestKeys', 'refusals', 'refusalCounts'],
  ...['crossings', 'deliveries', 'entries', 'rollups', 'holds', 'counters'],
] as readonly PartName[]

/** What a target says of the copy that was begun there. */
interface Marker {
  /** The name of the ledger that it is a copy of. */
  readonly from: string
  /** Whether it was ever proven to be whole: until then no server may work on it. */
  readonly isProven: boolean
  /** Whose copy it is: of two at once, the first to begin can put nothing more. */
  readonly run: string
}

export interface CopyOptions {
  readonly source: TransferSource
  readonly target: TransferTarget
  /** Proves what was made at the target by itself. */
  readonly verified: () => Promise<readonly Check[]>
  /** The names of both, for people. */
  readonly from: string
  readonly to: string
  /** Like no other. */
  readonly run: string
  /** Told of each piece that is at the target now. */
  readonly onMoved: (part: PartName, rows: number) => void
}

export interface Proof {
  readonly ok: boolean
  readonly checks: readonly Check[]
  /** Writers that worked on the source when its moment was taken: what they have booked since is not in the copy. */
  readonly alive: number
}

/**
 * Makes the target equal to the source, and proves it. What is there already is not moved again, so that a copy that was
 * interrupted anywhere goes on where it stopped, and one that was proven brings over what is new. Throws
 * ConfigurationError, one line, where the target is not empty and no copy of the source: then nothing was changed.
 */
export async function copyLedger(options: CopyOptions): Promise<Proof> {
  const { source, target, from, to, run } = options
  if (unprovenCopy(await source.marker()) !== undefined)
    throw new ConfigurationError(`${from} is itself a copy that was not finished: finish that one first.`)
  const alive = (await source.livingWriters()).length
  if (alive > 0 && !source.freeze)
    throw new ConfigurationError(
      `${alive} processes write to ${from}, which cannot be read as of one moment. Stop them, and try again when their leases have run out.`,
    )
  await source.freeze?.()
  await begin(options)
  await target.forgetHolds()
  for (const part of MOVED) await (part === 'entries' ? moveEntries(options) : move(options, part))
  await target.complete()
  const checks = [...differences(await totalsOf(source), await totalsOf(target)), ...(await options.verified())]
  const ok = checks.every((check) => check.ok)
  if (ok && !(await target.mark(markerText({ from, isProven: true, run }), markerText({ from, isProven: false, run }))))
    throw new ConfigurationError(`Another copy to ${to} was begun meanwhile.`)
  return { ok, checks, alive }
}

/** The ledger whose copy was begun where this marker is, and not proven: no server may work on it. Else undefined. */
export function unprovenCopy(marker: string | undefined): string | undefined {
  const copy = markerFrom(marker)
  return copy && !copy.isProven ? copy.from : undefined
}

async function begin({ source, target, from, to, run }: CopyOptions): Promise<void> {
  const seen = await target.marker()
  const before = markerFrom(seen)
  if (!before && !(await isEmpty(target)))
    throw new ConfigurationError(`${to} has a ledger already, which is no copy of ${from}: give an empty database.`)
  if (before && before.from !== from)
    throw new ConfigurationError(`${to} has a copy of ${before.from}, not of ${from}: give an empty database.`)
  const known = await source.sequences()
  for (const [writerId, seq] of await target.sequences())
    if (seq > (known.get(writerId) ?? -1))
      throw new ConfigurationError(
        `${to} was a copy of ${from}, but has been used since (by writer ${writerId}): give an empty database.`,
      )
  if (!(await target.mark(markerText({ from, isProven: false, run }), seen)))
    throw new ConfigurationError(`Another copy to ${to} was begun just now.`)
}

async function isEmpty(target: TransferTarget): Promise<boolean> {
  if ((await target.sequences()).size > 0) return false
  for (const part of ['settings', 'tenants'] as const) for await (const _ of target.read(part)) return false
  return true
}

async function move({ source, target, onMoved }: CopyOptions, part: PartName): Promise<void> {
  for await (const rows of source.read(part)) {
    await target.put(part, rows)
    onMoved(part, rows.length)
  }
}

async function moveEntries({ source, target, onMoved }: CopyOptions): Promise<void> {
  const there = await target.sequences()
  for (const [writerId, seq] of await source.sequences()) {
    if (seq <= (there.get(writerId) ?? 0)) continue
    for await (const rows of source.entriesAfter(writerId, there.get(writerId) ?? 0)) {
      await target.put('entries', rows)
      onMoved('entries', rows.length)
    }
  }
}

function markerText({ from, isProven, run }: Marker): string {
  return JSON.stringify({ from, isProven, run })
}

function markerFrom(marker: string | undefined): Marker | undefined {
  return marker === undefined ? undefined : (JSON.parse(marker) as Marker)
}
