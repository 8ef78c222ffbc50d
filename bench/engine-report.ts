import { boundOf } from './bound.ts'
import type { CommitCosts } from './commits.ts'
import type { EngineComparison, EngineSample } from './engine-rounds.ts'
import { milliseconds, percent, ratio, type Spread, spread, table, whole } from './figures.ts'
import { othersLine } from './report.ts'

interface EngineSummary extends Omit<EngineSample, 'round'> {
  readonly ofPassThrough: Spread
  readonly addedP50Us: Spread
  readonly bound: string
}

/** Prints what the rounds found, for a person, and gives it summed up. */
export function printEngines(comparison: EngineComparison): readonly EngineSummary[] {
  const { machine, diskMs, plan, rounds, skipped, samples } = comparison
  console.log(`${machine}; making 4 KiB durable takes ${diskMs.toFixed(2)} ms here`)
  console.log('The load and the upstream share a core; gateways and databases may use all.')
  console.log(`${rounds} of ${plan.rounds} rounds of ${plan.seconds} s: medians, and (smallest to largest)`)
  for (const line of skipped) console.log(`skipped ${line}`)
  const loads = [...Map.groupBy(samples, ({ work, connections }) => `${work}, ${connections} connections`)]
  const summaries = loads.flatMap(([load, of]) => {
    const here = comparison.contenders.flatMap((name) => summarise(of, name, comparison.cores))
    console.log(`\n${load}\n${table(HEADER, here.map(cells))}`)
    return here
  })
  console.log(`\n${othersLine(samples)}\n`)
  return summaries
}

function summarise(samples: readonly EngineSample[], contender: string, cores: number): EngineSummary[] {
  const own = samples.filter((sample) => sample.contender === contender)
  const [first] = own
  if (first === undefined) return []
  const bases = samples.filter((sample) => sample.contender === 'pass-through')
  const against = (relate: (own: EngineSample, base: EngineSample) => number) =>
    spread(bases.map((base, at) => relate(own[at]!, base)))
  const median = (name: keyof EngineSample) => spread(own.map((sample) => sample[name] as number)).median
  const figures = Object.fromEntries(FIGURES.map((name) => [name, median(name)])) as Record<Figure, number>
  const gatewaysBusy = (figures.gatewayUsPerCall * figures.callsPerSecond) / 1e6
  return [
    {
      ...{ contender, work: first.work, connections: first.connections, ...figures },
      ofPassThrough: against((sample, base) => sample.callsPerSecond / base.callsPerSecond),
      addedP50Us: against((sample, base) => sample.p50Us - base.p50Us),
      bound: boundOf({ ...figures, gatewaysBusy, connections: first.connections }, cores),
    },
  ]
}

const FIGURES = [
  ...(['callsPerSecond', 'p50Us', 'p99Us', 'gatewayUsPerCall', 'databaseUsPerCall', 'gatewayBusy'] as const),
  ...(['databaseBusy', 'harnessBusy', 'othersBusy', 'plansPerCommit', 'commitMs', 'committing'] as const),
] satisfies readonly (keyof EngineSample)[]
type Figure = (typeof FIGURES)[number]

const HEADER = [
  ...['on', 'a second', 'of pass-through', 'p50 ms', 'p99 ms', 'added p50 ms', 'gateway µs', 'database µs'],
  ...['busiest gateway', 'database', 'load', 'plans/commit', 'commit ms', 'committing', 'bound by'],
]

function cells(summary: EngineSummary): string[] {
  const hasLedger = !Number.isNaN(summary.commitMs)
  const isProxy = summary.contender !== 'nothing'
  const ofLedger = (text: string) => (hasLedger ? text : '')
  return [
    summary.contender,
    whole(summary.callsPerSecond),
    isProxy ? ratio(summary.ofPassThrough) : '',
    milliseconds(summary.p50Us),
    milliseconds(summary.p99Us),
    ofLedger(milliseconds(summary.addedP50Us.median)),
    isProxy ? whole(summary.gatewayUsPerCall) : '',
    ofLedger(whole(summary.databaseUsPerCall)),
    isProxy ? percent(summary.gatewayBusy) : '',
    ofLedger(percent(summary.databaseBusy)),
    percent(summary.harnessBusy),
    ofLedger(summary.plansPerCommit.toFixed(1)),
    ofLedger(summary.commitMs.toFixed(2)),
    ofLedger(percent(summary.committing)),
    summary.bound,
  ]
}

/** What the stores alone commit, without a gateway. */
export function printCommits(commits: Readonly<Partial<Record<string, readonly CommitCosts[]>>>): void {
  const rows = Object.entries(commits).flatMap(([engine, costs = []]) =>
    costs.map((cost) => [
      engine,
      ...[whole(cost.batch), whole(cost.commitsPerSecond), whole(cost.plansPerSecond), cost.commitMs.toFixed(2)],
      cost.processorUsPerPlan.toFixed(1),
    ]),
  )
  const header = ['commits of', 'plans', 'commits/s', 'plans/s', 'ms a commit', 'our processor µs a plan']
  console.log(`Commits one after another, half opening a hold and half ending one\n${table(header, rows)}\n`)
}
