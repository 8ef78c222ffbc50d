import { milliseconds, percent, ratio, type Spread, spread, table, whole } from './figures.ts'
import type { Comparison, Sample } from './rounds.ts'
import { diskLine } from './slow-sync.ts'

/** Prints tables for a person and, as the last line, all figures as JSON. */
export function printReport(comparison: Comparison): void {
  const summaries = comparison.connections.flatMap((connections) =>
    comparison.contenders.map((contender) => summarise(comparison.samples, contender, connections)),
  )
  const pinned = comparison.pinned ? 'load and upstream on one core, the proxy on another' : 'NOT pinned to cores'
  console.log(`${comparison.machine}; ${pinned}; ${diskLine(comparison.diskMs, comparison.slowed)}`)
  console.log(
    `${comparison.rounds} rounds of ${comparison.seconds} s: medians, and (smallest to largest) of the rounds`,
  )
  for (const connections of comparison.connections) {
    const rows = summaries.filter((summary) => summary.connections === connections).map(cells)
    console.log(`\n${connections} ${connections === 1 ? 'connection' : 'connections'}\n${table(HEADER, rows)}`)
  }
  if (comparison.memory.length > 0) console.log(`\nResident memory in MiB\n${memoryTable(comparison)}`)
  console.log(`\n${othersLine(comparison.samples)}\n`)
  console.log(JSON.stringify({ ...comparison, summaries }))
}

interface Summary extends Omit<Sample, 'round' | 'othersBusy'> {
  readonly ofPassThrough: Spread
  readonly ofPortkey: Spread
  readonly addedP50Us: Spread
}

/** Medians over the rounds; what relates to another contender is related within each round first. */
function summarise(samples: readonly Sample[], contender: Sample['contender'], connections: number): Summary {
  const of = (name: Sample['contender']) =>
    samples.filter((sample) => sample.contender === name && sample.connections === connections)
  const own = of(contender)
  const median = (read: (sample: Sample) => number) => spread(own.map(read)).median
  const against = (base: Sample['contender'], relate: (own: Sample, base: Sample) => number) => {
    const bases = of(base)
    return spread(bases.map((sample, round) => relate(own[round]!, sample)))
  }
  return {
    contender,
    connections,
    callsPerSecond: median((sample) => sample.callsPerSecond),
    p50Us: median((sample) => sample.p50Us),
    p99Us: median((sample) => sample.p99Us),
    proxyUsPerCall: median((sample) => sample.proxyUsPerCall),
    proxyBusy: median((sample) => sample.proxyBusy),
    harnessBusy: median((sample) => sample.harnessBusy),
    ofPassThrough: against('pass-through', (sample, base) => sample.callsPerSecond / base.callsPerSecond),
    ofPortkey: against('portkey', (sample, base) => sample.callsPerSecond / base.callsPerSecond),
    addedP50Us: against('nothing', (sample, base) => sample.p50Us - base.p50Us),
  }
}

const HEADER = [
  'through',
  'calls/s',
  'of pass-through',
  'of portkey',
  'p50 ms',
  'p99 ms',
  'added p50 ms',
  'proxy µs/call',
  'proxy core',
  'load core',
]

function cells(summary: Summary): string[] {
  const proxied = summary.contender !== 'nothing'
  return [
    summary.contender,
    whole(summary.callsPerSecond),
    ratio(summary.ofPassThrough),
    ratio(summary.ofPortkey),
    milliseconds(summary.p50Us),
    milliseconds(summary.p99Us),
    proxied ? milliseconds(summary.addedP50Us.median) : '',
    proxied ? whole(summary.proxyUsPerCall) : '',
    proxied ? percent(summary.proxyBusy) : '',
    percent(summary.harnessBusy),
  ]
}

function memoryTable({ memory, calls }: Comparison): string {
  const rows = memory.map(({ contender, warm, end }) => [
    contender,
    ...[warm.rssMiB, end.rssMiB, end.peakRssMiB, calls[contender] ?? 0].map(whole),
  ])
  return table(['of', 'warm', 'at the end', 'peak', 'calls made'], rows)
}

/** How far the machine was otherwise engaged. */
export function othersLine(samples: readonly { readonly othersBusy: number }[]): string {
  const { median, max } = spread(samples.map((sample) => sample.othersBusy))
  const verdict = median > 0.1 ? ' The machine was NOT quiet: trust no rate, and ratios a little.' : ''
  return `Other processes took ${percent(median)} of a core (median; ${percent(max)} at worst).${verdict}`
}
