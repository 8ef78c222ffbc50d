import { type ChaosRun, memoryGrowth } from './chaos-run.ts'

const MiB = 1024 * 1024

/** What happened in a run, for people. */
export function chaosTable({ plan, seen, entries, arrivals, ...run }: ChaosRun): string {
  const refused = seen.flatMap(({ answers }) => answers.filter((answer) => answer.refused))
  const served = [...arrivals.values()].flat()
  const { warm, end } = memoryGrowth(run.memoryBytes)
  const lines = [
    `${seen.length} calls in ${plan.seconds} s by ${plan.lanes} clients (seed ${plan.seed}), two servers on one file`,
    ...rows('as clients saw them', counts(seen.map(({ outcome }) => outcome))),
    ...rows(
      'at the provider',
      counts(served.map(({ status, whole }) => `${status || 'hung up'}${whole ? '' : ', cut'}`)),
    ),
    ...rows('entries by outcome', counts(entries.map(({ outcome }) => outcome))),
    ...rows('entries by evidence', counts(entries.map(({ evidence }) => evidence))),
    ...rows('refusals that clients saw', new Map([['of limits', refused.length]])),
    ...rows('refusals that are counted', new Map(Object.entries(run.refusals ?? {}))),
    `limits looked at ${run.looks} times, raised ${run.raises} times`,
    `memory ${Math.round(warm / MiB)} MiB when warm, ${Math.round(end / MiB)} MiB at the end (both servers)`,
  ]
  return lines.join('\n')
}

function counts(words: readonly string[]): Map<string, number> {
  const grouped = [...Map.groupBy(words, (word) => word)].map(([word, all]) => [word, all.length] as const)
  return new Map(grouped.toSorted(([, a], [, b]) => b - a))
}

function rows(title: string, of: ReadonlyMap<string, number>): string[] {
  return [title, ...[...of].map(([word, count]) => `${String(count).padStart(9)}  ${word}`)]
}
