import { type Command, Option } from 'commander'
import { count, type JsonInteger, usd } from './amounts.ts'
import { instantOf, ownZone } from './days.ts'
import { EXIT, Failure } from './failure.ts'
import type { Column } from './table.ts'
import { addUp, type Sums, type Trend, trendLines, type UsageLine } from './trend-lines.ts'
import type { World } from './world.ts'

interface Summary extends Sums {
  readonly from: string
  readonly to: string
  readonly zone: string
  readonly unpricedEntries: JsonInteger
  readonly unknownEntries: JsonInteger
  readonly byModel: readonly (Sums & { readonly provider: string; readonly model: string })[]
  readonly byUser?: readonly (Sums & { readonly userId: string })[]
}

interface Options {
  readonly by: readonly string[]
  readonly since?: string
  readonly until?: string
  readonly zone: string
}

const BY_HELP = 'a line for each: model, user, or day, and day with one of model, user, key, provider, outcome'

export function addUsage(program: Command, { client, out }: World): void {
  program
    .command('usage')
    .description('what was spent; today, unless told otherwise')
    .option('--by <what>', BY_HELP, byFrom, ['model'])
    .option('--since <day>', 'a day, or an instant')
    .option('--until <day>', 'a day, or an instant; not included')
    .addOption(
      new Option('--zone <zone>', 'IANA time zone, whose days these are').default(ownZone(), 'of this machine'),
    )
    .action(async ({ by, since, until, zone }: Options) => {
      const query = new URLSearchParams({ zone })
      if (since !== undefined) query.set('from', instantOf(since, zone))
      if (until !== undefined) query.set('to', instantOf(until, zone))
      if (by.includes('day')) {
        query.set('bucket', 'day')
        query.set('by', by.find((one) => one !== 'day') ?? 'none')
        const trend = await client.request<Trend>('GET', `/api/trend?${query.toString()}`)
        const lines = trendLines(trend)
        out.show(trend, columns(by), [...lines, { name: 'total', ...addUp(lines) }], '')
        out.remark(rangeWords(trend))
        return
      }
      query.set('by', by[0]!)
      const summary = await client.request<Summary>('GET', `/api/summary?${query.toString()}`)
      out.show(summary, columns(by), [...linesOf(summary), { ...summary, name: 'total' }, ...missing(summary)], '')
      out.remark(rangeWords(summary))
    })
}

const WITH_DAY = ['model', 'user', 'key', 'provider', 'outcome']

function byFrom(text: string): string[] {
  const by = text.split(',').map((one) => one.trim())
  const others = by.filter((one) => one !== 'day')
  const isWithDay = by.length > others.length
  if (
    others.length <= 1 &&
    others.every((one) => (isWithDay ? WITH_DAY : ['model', 'user']).includes(one)) &&
    by.length <= 2
  )
    return by
  throw new Failure(`${JSON.stringify(text)} cannot be told apart. Ask for ${BY_HELP}.`, EXIT.usage)
}

function columns(by: readonly string[]): readonly Column<UsageLine>[] {
  return [
    { title: by.join(', '), of: (line) => line.name },
    { title: 'requests', of: (line) => count(line.requests), isNumber: true },
    { title: 'tokens', of: (line) => count(line.totalTokens), isNumber: true },
    { title: 'cost', of: (line) => usd(line.costNanoUsd), isNumber: true },
  ]
}

/** Sums are nothing without the range and the zone that they are of. */
function rangeWords({ from, to, zone }: Pick<Summary, 'from' | 'to' | 'zone'>): string {
  const local = (text: string) =>
    Temporal.Instant.from(text)
      .toZonedDateTimeISO(zone)
      .toPlainDateTime()
      .toString({ smallestUnit: 'minute' })
      .replace('T', ' ')
  return `From ${local(from)} to ${local(to)} (not included), ${zone}.`
}

function linesOf({ byUser, byModel }: Summary): UsageLine[] {
  if (byUser) return byUser.map((line) => ({ ...line, name: line.userId }))
  return byModel.map((line) => ({ ...line, name: `${line.provider}/${line.model}` }))
}

/** What the sums lack is said below them, not left out. */
function missing({ unpricedEntries, unknownEntries }: Summary): UsageLine[] {
  return [
    ...(BigInt(unpricedEntries) > 0n ? [lacking('of these unpriced', unpricedEntries)] : []),
    ...(BigInt(unknownEntries) > 0n ? [lacking('of these with unknown tokens', unknownEntries)] : []),
  ]
}

function lacking(name: string, entries: JsonInteger): UsageLine {
  return { name, requests: entries, totalTokens: 0, costNanoUsd: 0 }
}
