import { percent, spread, type Spread, table, whole } from './figures.ts'
import type { PacedComparison, PacedName, PacedSample } from './paced-rounds.ts'
import { othersLine } from './report.ts'
import { diskLine } from './slow-sync.ts'

/** A figure of one sample, with the words that head its column. */
export interface Column {
  readonly head: string
  readonly of: (sample: PacedSample) => number
  readonly print: (figure: number) => string
}

/** A figure that the product is to reach, of the samples of Token Trackr. */
export interface Target {
  readonly what: string
  readonly target: string
  readonly of: (sample: PacedSample) => number
  readonly print: (figure: number) => string
}

export const ms = (figure: number) => (Number.isNaN(figure) ? '' : figure.toFixed(2))
export const msOfUs = (us: number) => ms(us / 1000)

/** What every report of a paced load tells of the window. */
export const COLUMNS: readonly Column[] = [
  {
    head: 'proxy core',
    of: (sample) => sample.proxyBusy,
    print: (share) => (Number.isNaN(share) ? '' : percent(share)),
  },
  { head: 'load core', of: (sample) => sample.harnessBusy, print: percent },
  { head: 'loop lag p99 ms', of: (sample) => sample.inside?.lagP99Ms ?? Number.NaN, print: ms },
  {
    head: 'RSS MiB',
    of: (sample) => sample.rssMiB,
    print: (mebibytes) => (Number.isNaN(mebibytes) ? '' : whole(mebibytes)),
  },
  { head: 'open at once', of: (sample) => sample.open.median, print: whole },
]

/** Prints tables for a person and, as the last line, all figures as JSON; sets the exit code where calls or entries were lost. */
export function printPaced(
  comparison: PacedComparison,
  columns: readonly Column[],
  related: readonly Column[],
  targets: readonly Target[],
): void {
  const { contenders, load, rounds } = comparison
  const pinned = comparison.pinned ? 'load and upstream on one core, the proxy on another' : 'NOT pinned to cores'
  console.log(`${comparison.machine}; ${pinned}; ${diskLine(comparison.diskMs, comparison.slowed)}`)
  console.log(`${rounds} rounds with a window of ${load.seconds} s: medians of the rounds`)
  const rows = contenders.map((name) => [name, ...columns.map(({ of, print }) => print(median(comparison, name, of)))])
  console.log(`\n${table(['through', ...columns.map(({ head }) => head)], rows)}`)

  const summaries = printRelated(comparison, related)
  const memory = comparison.totals.map(({ contender, calls, errors, warmRssMiB, peakRssMiB, booksProblem }) => [
    contender,
    ...[whole(calls), whole(errors), contender.startsWith('token-trackr') ? (booksProblem ? 'WRONG' : 'exact') : ''],
    ...[warmRssMiB, peakRssMiB].map((figure) => (Number.isNaN(figure) ? '' : whole(figure))),
  ])
  console.log(`\n${table(['over the run', 'calls', 'errors', 'ledger', 'warm RSS MiB', 'peak RSS MiB'], memory)}`)
  if (contenders.includes('token-trackr')) {
    const reached = targets.map(({ what, target, of, print }) => [
      what,
      target,
      print(median(comparison, 'token-trackr', of)),
    ])
    console.log(`\n${table(['token-trackr', 'target', 'is'], reached)}`)
  }
  console.log(`\n${othersLine(comparison.samples)}\n`)
  const heldBack = comparison.samples.filter((sample) => sample.heldBack > 0)
  for (const sample of heldBack)
    console.log(
      `${sample.contender} could not keep up in round ${sample.round + 1}: ${sample.heldBack} calls were held back\n`,
    )
  for (const { contender, firstErrors, booksProblem } of comparison.totals) {
    const problems = [...firstErrors, ...(booksProblem === undefined ? [] : [booksProblem])]
    if (problems.length === 0) continue
    console.log(`${contender}: ${problems.join('\n')}\n`)
    process.exitCode = 1
  }
  console.log(JSON.stringify({ ...comparison, summaries }))
}

/** What Token Trackr adds to the pass-through, related within each round. */
function printRelated(comparison: PacedComparison, columns: readonly Column[]) {
  const of = (name: PacedName) => comparison.samples.filter(({ contender }) => contender === name)
  const [own, base] = [of('token-trackr'), of('pass-through')]
  if (own.length === 0 || base.length === 0) return []
  const summaries = columns.map((column) => ({
    head: column.head,
    added: spread(own.map((sample, round) => column.of(sample) - column.of(base[round]!))),
    print: column.print,
  }))
  const cell = ({ added: { median: middle, min, max }, print }: { added: Spread; print: Column['print'] }) =>
    `${print(middle)} (${print(min)} to ${print(max)})`
  console.log(
    `\n${table(
      ['added to pass-through', 'median (smallest to largest)'],
      summaries.map((each) => [each.head, cell(each)]),
    )}`,
  )
  return summaries.map(({ head, added }) => ({ head, added }))
}

function median(comparison: PacedComparison, name: PacedName, of: (sample: PacedSample) => number): number {
  return spread(comparison.samples.filter(({ contender }) => contender === name).map(of)).median
}
