import type { Entry } from '../server/src/core/entry.ts'
import { costOf, type Price } from '../server/src/core/price.ts'
import type { Usage } from '../server/src/core/usage.ts'
import { picker, seeded } from './random.ts'

/** What a filled ledger is made of: who calls what, how calls end, and when. */

const QUARTER_MS = 900_000
export const QUARTERS_A_DAY = 96
const TEMPLATES = 50_000

export const MODELS: readonly (readonly [provider: string, model: string, weight: number])[] = [
  ['openai', 'gpt-4o-mini', 30],
  ['openai', 'gpt-4o', 16],
  ['openai', 'gpt-4.1', 9],
  ['openai', 'o4-mini', 4],
  ['openai', 'gpt-4.1-mini', 7],
  ['anthropic', 'claude-sonnet-4-5', 12],
  ['anthropic', 'claude-haiku-4-5', 8],
  ['anthropic', 'claude-opus-4-1', 2],
  ['gemini', 'gemini-2.5-flash', 7],
  ['gemini', 'gemini-2.5-pro', 3],
  ['mistral', 'mistral-large-latest', 1.5],
  ['mistral', 'codestral-latest', 0.5],
]

const ENDS: readonly (readonly [
  end: Pick<Entry, 'outcome' | 'evidence' | 'ending' | 'httpStatus' | 'quarantine'>,
  weight: number,
])[] = [
  [end('completed', 'reported'), 945],
  [end('cancelled', 'estimated'), 25],
  [{ ...end('upstream_error', 'unknown'), httpStatus: 500 }, 15],
  [end('completed', 'estimated'), 8],
  [{ ...end('upstream_error', 'unknown'), ending: 'voided', httpStatus: null }, 4],
  [{ ...end('cut', 'bounded'), ending: 'expired', httpStatus: null }, 2.5],
  [{ ...end('completed', 'bounded'), quarantine: 'more tokens than the answer has bytes' }, 0.1],
]

function end(outcome: Entry['outcome'], evidence: Entry['evidence']) {
  return { outcome, evidence, ending: 'settled', httpStatus: 200, quarantine: null } as const
}

export interface Caller {
  readonly userId: string
  readonly keyId: string
}

/** One kind of call, which many entries are copies of: everything but when and which. */
export type Template = Omit<Entry, 'id' | 'callId' | 'countedAtMs' | 'occurredAtMs'>

/** Few users call much and many call little, each mostly two or three models. */
export function templates(callers: readonly Caller[], prices: ReadonlyMap<string, Price>): Template[] {
  const random = seeded(1)
  const caller = picker(
    callers.map((one, at) => [one, 1 / (at + 10)] as const),
    random,
  )
  const model = picker(
    MODELS.map(([provider, name, weight]) => [{ provider, model: name }, weight] as const),
    random,
  )
  const favourites = new Map(callers.map(({ keyId }) => [keyId, [model(), model(), model()] as const]))
  const ended = picker(ENDS, random)
  return Array.from({ length: TEMPLATES }, () => {
    const who = caller()
    const what = random() < 0.9 ? favourites.get(who.keyId)![Math.floor(random() * 3)]! : model()
    const how = ended()
    const usage = how.evidence === 'unknown' ? { buckets: {} } : usageOf(random)
    const price = prices.get(what.model)
    const cost = price && how.evidence !== 'unknown' ? costOf(usage, price) : undefined
    const isPriced = cost?.kind === 'priced'
    return {
      ...{ ...who, ...what, ...how, tenantId: 'default', attempt: 1, format: 'openai-chat', labels: {} },
      ...{ stream: random() < 0.6, audit: {}, servedModel: null, usage },
      rawUsage: how.evidence === 'reported' ? rawUsageOf(usage) : null,
      costNanoUsd: isPriced ? cost.costNanoUsd : null,
      priceVersion: isPriced ? price!.version : null,
      firstByteMs: how.httpStatus === null ? null : Math.round(200 + random() * 900),
      durationMs: Math.round(500 + random() ** 3 * 30_000),
      held: { tokens: 0n, requests: 0n, costNanoUsd: 0n },
    }
  })
}

function usageOf(random: () => number): Usage {
  const input = Math.round(50 + random() ** 4 * 30_000)
  const cached = random() < 0.3 ? Math.round(input * random()) : 0
  const reasoning = random() < 0.15 ? { outReasoning: Math.round(random() * 2_000) } : {}
  return {
    buckets: {
      inUncached: input - cached,
      ...(cached > 0 && { inCacheRead: cached }),
      outText: Math.round(10 + random() ** 3 * 3_000),
      ...reasoning,
    },
  }
}

function rawUsageOf({ buckets }: Usage): string {
  const { inUncached = 0, inCacheRead = 0, outText = 0, outReasoning = 0 } = buckets
  return JSON.stringify({
    prompt_tokens: inUncached + inCacheRead,
    completion_tokens: outText + outReasoning,
    total_tokens: inUncached + inCacheRead + outText + outReasoning,
    prompt_tokens_details: { cached_tokens: inCacheRead },
  })
}

/** Entries of one quarter of an hour. */
export interface Slot {
  readonly startMs: number
  readonly entries: number
  /** Of all entries before it. */
  readonly before: number
}

/** So many entries over so many whole days (UTC) until `endMs`: busy in the hours of work, quiet at night and at weekends. */
export function slotsOf(entries: number, days: number, endMs: number): Slot[] {
  const firstMs = Math.floor(endMs / QUARTER_MS) * QUARTER_MS - days * QUARTERS_A_DAY * QUARTER_MS
  const starts = Array.from({ length: days * QUARTERS_A_DAY }, (_, at) => firstMs + at * QUARTER_MS)
  const weights = starts.map(weightAt)
  const all = weights.reduce((sum, weight) => sum + weight, 0)
  let [weight, before] = [0, 0]
  return starts.map((startMs, at) => {
    weight += weights[at]!
    const upTo = Math.round((entries * weight) / all)
    const slot = { startMs, entries: upTo - before, before }
    before = upTo
    return slot
  })
}

function weightAt(atMs: number): number {
  const at = new Date(atMs)
  const isWeekend = at.getUTCDay() % 6 === 0
  const hour = at.getUTCHours() + at.getUTCMinutes() / 60
  return (isWeekend ? 0.3 : 1) * (0.15 + Math.max(0, Math.sin(((hour - 5) / 16) * Math.PI)))
}
