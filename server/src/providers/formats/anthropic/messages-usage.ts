import type { MeterReading } from '../../../core/ports/format.ts'
import { type Bucket, BUCKETS, type Buckets, type UsedElsewhere, type Usage } from '../../../core/usage.ts'
import { countOrUndefined, type JsonObject, numberOrUndefined, objectOrUndefined, servedName } from '../field.ts'
import { attemptsOf, type Hop, isBilledRefusal, type Iteration, type Tokens } from './iterations.ts'

/** What an answer has said of its usage so far: each figure the last one that was not null, since deltas are cumulative. */
export interface Figures {
  readonly tokens: Map<string, number>
  /** The output is what a stream begins with, a placeholder, and no delta has said yet what it came to. */
  outputIsPlaceholder: boolean
  /** Words that change the price: of the tier, the speed and the place. */
  readonly words: Map<string, string>
  iterations: readonly Iteration[]
  /** A usage came after the last list of iterations: the two are not of the same moment. */
  iterationsAreStale: boolean
  /** Where one model declined and the next took over, by the block's place in the content. */
  readonly hops: Map<unknown, Hop>
  /** Places of the blocks that are runs of code. */
  readonly codeExecutions: Set<unknown>
  /** Of the refusal that the answer is, if it is one; null where it has no category. */
  refusal: string | null | undefined
}

export function newFigures(): Figures {
  return {
    tokens: new Map(),
    outputIsPlaceholder: false,
    words: new Map(),
    iterations: [],
    iterationsAreStale: false,
    hops: new Map(),
    codeExecutions: new Set(),
    refusal: undefined,
  }
}

export function update(figures: Figures, usage: JsonObject): void {
  const told = tokensOf(usage)
  for (const [name, count] of told) figures.tokens.set(name, count)
  if (told.has('output_tokens')) figures.outputIsPlaceholder = false
  for (const [name, usual] of TRAITS) {
    const word = usage[name]
    if (typeof word === 'string') figures.words.set(name, usual.includes(word) ? '' : word.slice(0, MAX_WORD_LENGTH))
  }
  figures.iterationsAreStale = !Array.isArray(usage['iterations'])
  if (Array.isArray(usage['iterations']))
    figures.iterations = usage['iterations'].slice(0, MOST_ITERATIONS).flatMap((value) => {
      const iteration = objectOrUndefined(value)
      if (iteration === undefined) return []
      return { type: iteration['type'], model: servedName(iteration['model']), tokens: tokensOf(iteration) }
    })
}
const MOST_ITERATIONS = 1000

/** The message is over, and what it wrote was never told: a placeholder is no figure. */
export function forgetPlaceholder(figures: Figures): void {
  if (!figures.outputIsPlaceholder) return
  figures.tokens.delete('output_tokens')
  figures.tokens.delete('thinking')
  figures.iterationsAreStale = true
}

/** Each with the words that mean the usual price; older models answer `not_available` for their place. */
const TRAITS: ReadonlyMap<string, readonly string[]> = new Map([
  ['service_tier', ['', 'standard']],
  ['speed', ['', 'standard']],
  ['inference_geo', ['', 'global', 'not_available']],
])
const MAX_WORD_LENGTH = 32

function tokensOf(usage: JsonObject): Tokens {
  const tokens = new Map<string, number>()
  const set = (name: string, value: unknown) => {
    const figure = numberOrUndefined(value)
    if (figure !== undefined) tokens.set(name, figure)
  }
  for (const name of WHOLES) set(name, usage[name])
  const split = objectOrUndefined(usage['cache_creation'])
  set('5m', split?.['ephemeral_5m_input_tokens'])
  set('1h', split?.['ephemeral_1h_input_tokens'])
  set('thinking', objectOrUndefined(usage['output_tokens_details'])?.['thinking_tokens'])
  const tools = objectOrUndefined(usage['server_tool_use'])
  for (const kind of TOOLS) set(kind, countOrUndefined(tools?.[`${kind}_requests`]))
  return tokens
}
const TOOLS = ['web_search', 'web_fetch', 'code_execution'] as const
const WHOLES = ['input_tokens', 'cache_creation_input_tokens', 'cache_read_input_tokens', 'output_tokens'] as const
const SPLITS = ['5m', '1h'] as const

/**
 * Anthropic bills each iteration at the rates of the model that ran it, and its top level tells only of those that made
 * the message. So the attempt's own tokens are the iterations that served and the compactions, at the same model;
 * advisors, and models that wrote before they declined, are elsewhere. The top level is the second account of the same
 * tokens, `reportedTotal`: the two have to agree.
 */
export function usageOf(figures: Figures): Pick<MeterReading, 'reportedTotal'> & { usage: Usage } {
  const { tokens, iterations, hops, refusal } = figures
  const attempts = attemptsOf(iterations, [...hops.values()])
  const { served, compactions, advisors } = attempts
  const isChecked = served.length > 0 && !figures.iterationsAreStale
  const own = isChecked ? sumOfServed(tokens, served, attempts.isFallback) : tokens
  const isBilled = refusal === undefined || isBilledRefusal(refusal, own)
  const buckets = sumOf([isBilled ? bucketsOf(own) : noneOf(bucketsOf(own)), ...compactions.map(bucketsOf)])
  const elsewhere = byModel([...advisors, ...attempts.declined])
  const toolCalls = toolCallsOf(figures)
  const serviceTier = [...figures.words.values()].filter((word) => word !== '').toSorted()
  return {
    usage: {
      buckets,
      ...(toolCalls && { toolCalls }),
      ...(serviceTier.length > 0 && { serviceTier: serviceTier.join('+') }),
      ...(elsewhere.length > 0 && { elsewhere }),
    },
    reportedTotal: isChecked && isBilled ? toldTotal(tokens, served, compactions, advisors.length > 0) : undefined,
  }
}

/** The top level's figures, but the sums of what served where that tells them. */
function sumOfServed(tokens: Tokens, served: readonly Tokens[], isFallback: boolean): Tokens {
  const own = new Map(tokens)
  // A stream begins with the split of the model that was asked, which is not that of the one that served.
  if (isFallback) for (const name of SPLITS) own.delete(name)
  for (const name of [...WHOLES, ...SPLITS]) {
    const sum = sumOfFigure(served, name)
    if (sum !== undefined) own.set(name, sum)
  }
  return own
}

function sumOfFigure(all: readonly Tokens[], name: string): number | undefined {
  return all.reduce<number | undefined>((sum, tokens) => {
    const count = tokens.get(name)
    return count === undefined ? sum : (sum ?? 0) + count
  }, undefined)
}

/**
 * What the top level says that the iterations add up to. Beside an advisor its inputs may be those of the first turn
 * alone (as the advisor tool's documentation has it), or of all (as answers have it).
 */
function toldTotal(
  tokens: Tokens,
  served: readonly Tokens[],
  compactions: readonly Tokens[],
  isAdvised: boolean,
): number {
  const told = WHOLES.map((name) => {
    const sum = sumOfFigure(served, name) ?? 0
    const top = tokens.get(name)
    const isFirstAlone = isAdvised && name !== 'output_tokens' && top === (served[0]?.get(name) ?? 0)
    return top === undefined || isFirstAlone ? sum : top
  })
  const compacted = compactions.flatMap((compaction) => WHOLES.map((name) => compaction.get(name) ?? 0))
  return [...told, ...compacted].reduce((sum, count) => sum + count, 0)
}

/** Anthropic's buckets are disjoint already, but for thinking, which its output includes. */
function bucketsOf(tokens: Tokens): Buckets {
  const thinking = tokens.get('thinking')
  const output = tokens.get('output_tokens')
  return defined({
    inUncached: tokens.get('input_tokens'),
    inCacheRead: tokens.get('cache_read_input_tokens'),
    ...cacheWrites(tokens),
    outReasoning: thinking,
    outText: output === undefined ? undefined : output - (thinking ?? 0),
  })
}

/**
 * By time to live, as message_start tells. What a later cumulative figure has beyond that split has no known time to
 * live. A split larger than its whole leaves a negative rest, on purpose: the usage is then quarantined.
 */
function cacheWrites(tokens: Tokens): Partial<Record<Bucket, number | undefined>> {
  const shortLived = tokens.get('5m')
  const longLived = tokens.get('1h')
  const all = tokens.get('cache_creation_input_tokens')
  const isSplit = shortLived !== undefined || longLived !== undefined
  const rest = all === undefined ? undefined : all - (shortLived ?? 0) - (longLived ?? 0)
  return {
    inCacheWrite5m: shortLived,
    inCacheWrite1h: longLived,
    inCacheWriteOther: rest === 0 && isSplit ? undefined : rest,
  }
}

function defined(buckets: Partial<Record<Bucket, number | undefined>>): Buckets {
  return Object.fromEntries(Object.entries(buckets).filter(([, count]) => count !== undefined))
}

/** Told, and billed to nobody. */
function noneOf(buckets: Buckets): Buckets {
  return Object.fromEntries(Object.keys(buckets).map((name) => [name, 0]))
}

function sumOf(all: readonly Buckets[]): Buckets {
  const sum: { -readonly [B in Bucket]?: number } = {}
  for (const name of BUCKETS)
    for (const { [name]: count } of all) if (count !== undefined) sum[name] = (sum[name] ?? 0) + count
  return sum
}

/** Each model once. One that is not named has no price, which then shows. */
function byModel(iterations: readonly Iteration[]): UsedElsewhere[] {
  const found = new Map<string, Buckets[]>()
  for (const { model = 'unnamed', tokens } of iterations)
    found.set(model, [...(found.get(model) ?? []), bucketsOf(tokens)])
  return [...found].map(([model, all]) => ({ model, buckets: sumOf(all) }))
}

function toolCallsOf({ tokens, codeExecutions }: Figures): Record<string, number> | undefined {
  const calls = TOOLS.flatMap((kind) => {
    const counted = kind === 'code_execution' && codeExecutions.size > 0 ? codeExecutions.size : undefined
    const count = tokens.get(kind) ?? counted
    return count === undefined ? [] : [[kind, count] as const]
  })
  return calls.length > 0 ? Object.fromEntries(calls) : undefined
}
