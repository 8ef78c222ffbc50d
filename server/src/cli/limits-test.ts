import { type Command, Option } from 'commander'
import { FORMAT_NAMES } from '../core/format-names.ts'
import type { Metric, Mode, Scope } from '../core/limit.ts'
import type { Window } from '../core/window.ts'
import { count, type JsonInteger, usd } from './amounts.ts'
import { EXIT, Failure } from './failure.ts'
import { amountWords, resetWords, scopeWords, windowWords } from './limit-words.ts'
import type { Column } from './table.ts'
import type { World } from './world.ts'

interface Rule {
  readonly limitId: string
  readonly scope: Scope
  readonly metric: Metric
  readonly window: Window
  readonly mode: Mode
  readonly amount: JsonInteger
  readonly settled: JsonInteger
  readonly held: JsonInteger
  readonly asked: JsonInteger
  readonly verdict: 'fits' | 'refuses' | 'exceeds' | 'would_refuse'
  readonly resetsAt: string | null
}

interface Simulation {
  readonly passes: boolean
  readonly reason: string | null
  readonly model: string
  readonly provider: string | null
  readonly asked: {
    readonly tokens: JsonInteger
    readonly requests: JsonInteger
    readonly costNanoUsd: JsonInteger | null
  }
  readonly clampedMaxOutputTokens: number | null
  readonly rules: readonly Rule[]
}

const VERDICTS = { fits: 'fits', refuses: 'REFUSES', exceeds: 'exceeds', would_refuse: 'would refuse' } as const

const COLUMNS: readonly Column<Rule>[] = [
  { title: 'verdict', of: (rule) => VERDICTS[rule.verdict] },
  { title: 'limits', of: (rule) => scopeWords(rule.scope) },
  { title: 'to', of: (rule) => amountWords(rule.metric, rule.amount), isNumber: true },
  { title: 'per', of: (rule) => windowWords(rule.window) },
  { title: 'mode', of: (rule) => rule.mode, isWide: true },
  { title: 'used', of: (rule) => amountWords(rule.metric, rule.settled), isNumber: true },
  { title: 'held', of: (rule) => amountWords(rule.metric, rule.held), isNumber: true, isWide: true },
  { title: 'asked', of: (rule) => amountWords(rule.metric, rule.asked), isNumber: true },
  { title: 'resets', of: (rule) => resetWords(rule.resetsAt, rule.window), isWide: true },
]

interface Options {
  readonly user?: string
  readonly key?: string
  readonly model: string
  readonly format?: string
  readonly inputTokens?: number
  readonly maxTokens?: number
  readonly label: Readonly<Record<string, string>>
}

export function addLimitsTest(limits: Command, { client, out }: World): void {
  limits
    .command('test')
    .description('would this call pass? Answered by what enforces; exit code 3 where it would be refused')
    .addOption(new Option('--user <userId>', 'who calls').conflicts('key'))
    .option('--key <keyId>', 'with which key')
    .requiredOption('--model <model>', 'what is called')
    .addOption(new Option('--format <format>', 'the API that is called').choices(FORMAT_NAMES))
    .option('--input-tokens <number>', 'how much is sent', wholeNumber)
    .option('--max-tokens <number>', 'the output ceiling that is asked for', wholeNumber)
    .option('--label <name=value>', 'a label of the call; may be repeated', addLabel, {})
    .action(async ({ user, key, model, format, inputTokens, maxTokens, label }: Options) => {
      if (user === undefined && key === undefined)
        throw new Failure('Name who calls: --user alice, or --key <keyId>.', EXIT.usage)
      const answer = await client.request<Simulation>('POST', '/api/limits/test', {
        ...(user !== undefined ? { userId: user } : { keyId: key }),
        model,
        ...(format !== undefined && { format }),
        ...(inputTokens !== undefined && { inputTokens }),
        ...(maxTokens !== undefined && { maxOutputTokens: maxTokens }),
        ...(Object.keys(label).length > 0 && { labels: label }),
      })
      out.show(answer, COLUMNS, answer.rules, 'No limit applies to this call.')
      out.remark(sentence(answer))
      if (!answer.passes) throw new Failure(answer.reason ?? 'The call would be refused.', EXIT.limitReached)
    })
}

function sentence({ passes, asked, model, clampedMaxOutputTokens }: Simulation): string {
  const cost = asked.costNanoUsd === null ? 'unpriced' : `at most ${usd(asked.costNanoUsd)}`
  const clamped =
    clampedMaxOutputTokens === null ? '' : ` with its answer cut to ${count(clampedMaxOutputTokens)} tokens`
  return `The call of ${model} asks for up to ${count(asked.tokens)} tokens (${cost}) and ${passes ? `passes${clamped}` : 'is refused'}.`
}

function wholeNumber(text: string): number {
  const number = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN
  if (Number.isSafeInteger(number)) return number
  throw new Failure(`${JSON.stringify(text)} is no whole number.`, EXIT.usage)
}

function addLabel(text: string, before: Readonly<Record<string, string>>): Record<string, string> {
  const at = text.indexOf('=')
  if (at < 1) throw new Failure(`${JSON.stringify(text)} is no label. Write it as team=search.`, EXIT.usage)
  return { ...before, [text.slice(0, at)]: text.slice(at + 1) }
}
