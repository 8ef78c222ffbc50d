import type { Outcome, Reading } from '../core/entry.ts'
import type { ModelCeilings } from '../core/bound.ts'
import type { Format, MeterReading, RequestBody } from '../core/ports/format.ts'
import type { PriceBook } from '../core/ports/price-book.ts'
import { costOf, type Price } from '../core/price.ts'
import {
  type Buckets,
  type Evidence,
  implausible,
  INPUT_BUCKETS,
  inputTokens,
  outputTokens,
  UNKNOWN_USAGE,
  type Usage,
} from '../core/usage.ts'
import type { TokenCounting } from './gateway.ts'

/** What was seen of an attempt, at its end. */
export interface Observed {
  readonly outcome: Exclude<Outcome, 'voided'>
  /** Undefined where the provider never answered. */
  readonly meter: MeterReading | undefined
  readonly httpStatus: number | null
  readonly firstByteMs: number | null
  readonly durationMs: number
  /** Of the answer, what was too large or too damaged to be read. */
  readonly unreadBytes: number
}

export interface MeterContext {
  readonly format: Format
  readonly body: RequestBody
  readonly ceilings: ModelCeilings
  readonly tokens: TokenCounting
  /** What was held for the answer; undefined where nothing bounds it. */
  readonly mostOutputTokens: number | undefined
  readonly priceOf: ServedPrices
}

/** Makes of what was seen what the ledger books: usage with its evidence, and its cost. */
export async function readingOf(
  context: MeterContext,
  observed: Observed,
): Promise<{ reading: Reading; prices: readonly Price[] }> {
  const { meter, outcome, httpStatus, firstByteMs, durationMs } = observed
  const { usage, evidence, quarantine } = await known(context, observed)
  const priced = pricedBy(context.priceOf, usage, evidence, meter?.servedModel ?? null)
  return {
    prices: priced?.prices ?? [],
    reading: {
      outcome,
      evidence,
      usage: priced?.usage ?? usage,
      rawUsage: meter?.rawUsage ?? null,
      quarantine,
      servedModel: meter?.servedModel ?? null,
      costNanoUsd: priced?.costNanoUsd ?? null,
      priceVersion: priced?.version ?? null,
      httpStatus,
      firstByteMs,
      durationMs,
    },
  }
}

interface Priced {
  readonly costNanoUsd: bigint
  readonly version: string
  /** With the versions of the prices of other models. */
  readonly usage: Usage
  readonly prices: readonly Price[]
}

/** Undefined where it is unpriced. */
function pricedBy(
  priceOf: ServedPrices,
  usage: Usage,
  evidence: Evidence,
  servedModel: string | null,
): Priced | undefined {
  const price = priceOf.own(servedModel)
  const cost = price && evidence !== 'unknown' ? costOf(usage, price, priceOf.elsewhere) : undefined
  if (!price || cost?.kind !== 'priced') return undefined
  const { costNanoUsd } = cost
  if (!usage.elsewhere) return { costNanoUsd, version: price.version, usage, prices: [price] }
  const others = usage.elsewhere.map((one) => ({ ...one, price: priceOf.elsewhere(one.model)! }))
  const elsewhere = others.map(({ price: { version }, ...one }) => ({ ...one, priceVersion: version }))
  const prices = [price, ...others.map((other) => other.price)]
  return { costNanoUsd, version: price.version, usage: { ...usage, elsewhere }, prices }
}

interface Known {
  readonly usage: Usage
  readonly evidence: Evidence
  readonly quarantine: string | null
}

async function known(context: MeterContext, { meter, outcome, unreadBytes }: Observed): Promise<Known> {
  // A provider that broke before it answered may have done nothing or everything; we who left did not stop it.
  if (!meter) {
    if (outcome === 'upstream_error') return { usage: UNKNOWN_USAGE, evidence: 'unknown', quarantine: null }
    return { usage: await estimate(context, undefined, 0), evidence: 'estimated', quarantine: null }
  }
  if (meter.usage) {
    const quarantine = implausible(
      meter.usage,
      meter.finished ? meter.reportedTotal : undefined,
      multiplied(context.ceilings.contextTokens, meter.contexts),
    )
    if (quarantine !== undefined)
      return { usage: await estimate(context, meter, unreadBytes, 'quarantined'), evidence: 'estimated', quarantine }
    if (meter.finished && isComplete(meter, meter.usage, unreadBytes))
      return { usage: meter.usage, evidence: 'reported', quarantine: null }
  }
  return { usage: await estimate(context, meter, unreadBytes), evidence: 'estimated', quarantine: null }
}

/** Both sides were told; of an answer that has no text, what it wrote may be left out. */
function isComplete({ outputLength }: MeterReading, usage: Usage, unreadBytes: number): boolean {
  const isSilent = outputLength === 0 && unreadBytes === 0
  return inputTokens(usage) !== undefined && (isSilent || outputTokens(usage) !== undefined)
}

function multiplied(contextTokens: number | undefined, contexts = 1): number | undefined {
  return contextTokens === undefined ? undefined : contextTokens * contexts
}

/**
 * What was reported so far, completed by counting the texts: never less than either (check M10). Of a quarantined usage
 * no figure is taken, only the tier. What could not be read is taken for text, up to all that was held for the answer: a
 * caller who can make an answer too large to read must not have it for nothing.
 */
async function estimate(
  { format, body, tokens, mostOutputTokens = Infinity }: MeterContext,
  meter: MeterReading | undefined,
  unreadBytes: number,
  trust: 'reported' | 'quarantined' = 'reported',
): Promise<Usage> {
  const reported = trust === 'reported' ? meter?.usage : undefined
  const serviceTier = meter?.usage?.serviceTier
  const input: Buckets =
    reported && inputTokens(reported) !== undefined
      ? inputOnly(reported.buckets)
      : { inUncached: await estimateInput() }
  const relayed = meter ? await tokens.estimateTokens(meter.outputText, meter.outputLength) : 0
  const unread = Math.min(await tokens.estimateTokens('', unreadBytes), mostOutputTokens)
  const output = (reported && outputTokens(reported)) ?? 0
  const outReasoning = reported?.buckets.outReasoning
  const rest = Math.max(output, relayed, unread) - (outReasoning ?? 0)
  return {
    buckets: { ...input, outText: Math.max(0, rest), ...(outReasoning !== undefined && { outReasoning }) },
    ...(reported?.toolCalls && { toolCalls: reported.toolCalls }),
    ...(serviceTier !== undefined && { serviceTier }),
    ...(reported?.elsewhere && { elsewhere: reported.elsewhere }),
  }

  function estimateInput(): Promise<number> {
    const text = format.inputText(body)
    return tokens.estimateTokens(text, text.length)
  }
}

function inputOnly(buckets: Buckets): Buckets {
  return Object.fromEntries(
    INPUT_BUCKETS.flatMap((name) => (buckets[name] === undefined ? [] : [[name, buckets[name]]])),
  )
}

/** Which prices an attempt is booked at. */
export interface ServedPrices {
  /** Of the model that served, unless only the asked one has a price. */
  own(servedModel: string | null): Price | undefined
  /** Of another model that worked for it, at the same provider. */
  elsewhere(model: string): Price | undefined
}

/** The prices at the deployment that served, at the instant when the attempt was admitted. */
export function servedPrices(
  prices: PriceBook,
  of: { readonly provider: string; readonly model: string; readonly tenantId: string; readonly countedAtMs: number },
): ServedPrices {
  const priceOf = (model: string) => prices.price(of.provider, model, of.countedAtMs, of.tenantId)
  return {
    own: (servedModel) => (servedModel === null ? undefined : priceOf(servedModel)) ?? priceOf(of.model),
    elsewhere: priceOf,
  }
}
