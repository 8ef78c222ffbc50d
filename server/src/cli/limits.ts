import { type Command, Option } from 'commander'
import type { Metric, Mode, Scope } from '../core/limit.ts'
import type { Window } from '../core/window.ts'
import type { JsonInteger } from './amounts.ts'
import { ownZone } from './days.ts'
import { EXIT, Failure } from './failure.ts'
import {
  ALLOWED_HELP,
  amountWords,
  parseAllowed,
  parseScope,
  resetWords,
  SCOPE_HELP,
  scopeWords,
  windowWords,
} from './limit-words.ts'
import { addLimitsTest } from './limits-test.ts'
import type { Column } from './table.ts'
import type { World } from './world.ts'

export interface Limit {
  readonly limitId: string
  readonly scope: Scope
  readonly metric: Metric
  readonly window: Window
  readonly amount: JsonInteger | null
  readonly mode: Mode
  readonly thresholds: readonly number[]
  readonly settled: JsonInteger
  readonly held: JsonInteger
  readonly resetsAt: string | null
}

export const LIMIT_COLUMNS: readonly Column<Limit>[] = [
  { title: 'limits', of: (limit) => scopeWords(limit.scope) },
  { title: 'to', of: (limit) => amountWords(limit.metric, limit.amount), isNumber: true },
  { title: 'per', of: (limit) => windowWords(limit.window) },
  { title: 'mode', of: (limit) => limit.mode },
  { title: 'used', of: (limit) => amountWords(limit.metric, limit.settled), isNumber: true },
  { title: 'held', of: (limit) => amountWords(limit.metric, limit.held), isNumber: true, isWide: true },
  { title: 'resets', of: (limit) => resetWords(limit.resetsAt, limit.window), isWide: true },
  { title: 'tells at', of: (limit) => limit.thresholds.map((at) => `${at}%`).join(' ') || '-', isWide: true },
  { title: 'id', of: (limit) => limit.limitId },
]

interface SetOptions {
  readonly zone: string
  readonly hard?: boolean
  readonly soft?: boolean
  readonly shadow?: boolean
  readonly tellAt?: string
}

export function addLimits(program: Command, world: World): void {
  const { client, out } = world
  const limits = program.command('limits').description('who may use how much, in which time')

  limits
    .command('list')
    .description('all limits, with what was used of them')
    .action(async () => {
      const answer = await client.request<{ limits: Limit[] }>('GET', '/api/limits')
      out.show(
        answer,
        LIMIT_COLUMNS,
        answer.limits,
        'There are no limits. Set one: token-trackr limits set alice 1M/month',
      )
    })

  limits
    .command('set')
    .description('put a limit; the same scope, metric and window are the same limit')
    .argument('<scope>', SCOPE_HELP)
    .argument('<limit>', ALLOWED_HELP)
    .addOption(
      new Option('--zone <zone>', 'IANA time zone, whose hours, days, weeks or months these are').default(
        ownZone(),
        'of this machine',
      ),
    )
    .addOption(
      new Option('--hard', 'what would exceed it is refused; so it is unless told otherwise').conflicts([
        'soft',
        'shadow',
      ]),
    )
    .addOption(new Option('--soft', 'what exceeds it passes and is reported').conflicts('shadow'))
    .option('--shadow', 'only record what it would have refused')
    .option('--tell-at <percents>', 'percent of it at which to tell, such as 80,95,100; none: never')
    .action(async (scope: string, words: string, { zone, soft, shadow, tellAt }: SetOptions) => {
      const body = {
        scope: parseScope(scope),
        ...parseAllowed(words, zone),
        mode: soft ? 'soft' : shadow ? 'shadow' : 'hard',
        ...(tellAt !== undefined && { thresholds: percentsFrom(tellAt) }),
      }
      const limit = await client.request<Limit>('POST', '/api/limits', body)
      out.show(limit, LIMIT_COLUMNS, [limit], '')
    })

  limits
    .command('lift')
    .description('the limit goes on counting and binds no more')
    .argument('<limitId>')
    .action(async (limitId: string) => {
      await client.request('DELETE', `/api/limits/${encodeURIComponent(limitId)}`)
      out.say({ limitId, lifted: true }, `${limitId} is lifted.`)
    })

  addLimitsTest(limits, world)
}

function percentsFrom(text: string): number[] {
  if (text === 'none') return []
  const percents = text.split(',').map((part) => part.trim().replace(/%$/, ''))
  if (percents.every((part) => /^[1-9]\d{0,3}$/.test(part)))
    return [...new Set(percents.map(Number))].toSorted((a, b) => a - b)
  throw new Failure(`${JSON.stringify(text)} are no percentages. Write 80,95,100, or none.`, EXIT.usage)
}
