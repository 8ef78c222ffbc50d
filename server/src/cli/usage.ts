import type { Command } from 'commander'
import { Option } from 'commander'
import { count, type JsonInteger, usd } from './amounts.ts'
import { instantOf, ownZone } from './days.ts'
import type { Column } from './table.ts'
import type { World } from './world.ts'

interface Line {
  readonly name: string
  readonly requests: JsonInteger
  readonly totalTokens: JsonInteger
  readonly costNanoUsd: JsonInteger
}
type Sums = Omit<Line, 'name'>

interface Summary extends Sums {
  readonly unpricedEntries: JsonInteger
  readonly unknownEntries: JsonInteger
  readonly byModel: readonly (Sums & { readonly provider: string; readonly model: string })[]
  readonly byUser?: readonly (Sums & { readonly userId: string })[]
}

interface Options {
  readonly by: 'model' | 'user'
  readonly since?: string
  readonly until?: string
  readonly zone: string
}

export function addUsage(program: Command, { client, out }: World): void {
  program
    .command('usage')
    .description('what was spent; today, unless told otherwise')
    .addOption(new Option('--by <what>', 'a line for each').choices(['model', 'user']).default('model'))
    .option('--since <day>', 'a day, or an instant')
    .option('--until <day>', 'a day, or an instant; not included')
    .option('--zone <zone>', 'IANA time zone, whose days these are', ownZone())
    .action(async ({ by, since, until, zone }: Options) => {
      const query = new URLSearchParams({ zone, by })
      if (since !== undefined) query.set('from', instantOf(since, zone))
      if (until !== undefined) query.set('to', instantOf(until, zone))
      const summary = await client.request<Summary>('GET', `/api/summary?${query.toString()}`)
      out.show(summary, columns(by), [...lines(summary), { ...summary, name: 'total' }, ...missing(summary)], '')
    })
}

function columns(by: string): readonly Column<Line>[] {
  return [
    { title: by, of: (line) => line.name },
    { title: 'requests', of: (line) => count(line.requests), isNumber: true },
    { title: 'tokens', of: (line) => count(line.totalTokens), isNumber: true },
    { title: 'cost', of: (line) => usd(line.costNanoUsd), isNumber: true },
  ]
}

function lines({ byUser, byModel }: Summary): Line[] {
  if (byUser) return byUser.map((line) => ({ ...line, name: line.userId }))
  return byModel.map((line) => ({ ...line, name: `${line.provider}/${line.model}` }))
}

/** What the sums lack is said below them, not left out. */
function missing({ unpricedEntries, unknownEntries }: Summary): Line[] {
  return [
    ...(BigInt(unpricedEntries) > 0n ? [lacking('of these unpriced', unpricedEntries)] : []),
    ...(BigInt(unknownEntries) > 0n ? [lacking('of these with unknown tokens', unknownEntries)] : []),
  ]
}

function lacking(name: string, entries: JsonInteger): Line {
  return { name, requests: entries, totalTokens: 0, costNanoUsd: 0 }
}
