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
}

export interface MeterContext {
  readonly format: Format
  readonly body: RequestBody
  readonly ceilings: ModelCeilings
  readonly tokens: TokenCounting
  /** The price of the model that served, where it is known, else of the model that was asked for. */
  readonly priceOf: (servedModel: string | null) => Price | undefined
}

/** Makes of what was seen what the ledger books: usage with its evidence, and its cost. */
export async function readingOf(
  context: MeterContext,
  observed: Observed,
): Promise<{ reading: Reading; price: Price | undefined }> {
  const { meter, outcome, httpStatus, firstByteMs, durationMs } = observed
  const { usage, evidence, quarantine } = await known(context, observed)
  const price = context.priceOf(meter?.servedModel ?? null)
  const cost = price && evidence !== 'unknown' ? costOf(usage, price) : undefined
  const priced = cost?.kind === 'priced'
  return {
    price: priced ? price : undefined,
    reading: {
      outcome,
      evidence,
      usage,
      rawUsage: meter?.rawUsage ?? null,
      quarantine,
      servedModel: meter?.servedModel ?? null,
      costNanoUsd: priced ? cost.costNanoUsd : null,
      priceVersion: priced ? price!.version : null,
      httpStatus,
      firstByteMs,
      durationMs,
    },
  }
}

interface Known {
  readonly usage: Usage
  readonly evidence: Evidence
  readonly quarantine: string | null
}

async function known(context: MeterContext, { meter, outcome }: Observed): Promise<Known> {
  // A provider that broke before it answered may have done nothing or everything; we who left did not stop it.
  if (!meter) {
    if (outcome === 'upstream_error') return { usage: UNKNOWN_USAGE, evidence: 'unknown', quarantine: null }
    return { usage: await estimate(context, undefined), evidence: 'estimated', quarantine: null }
  }
  if (meter.usage) {
    const quarantine = implausible(
      meter.usage,
      meter.finished ? meter.reportedTotal : undefined,
      context.ceilings.contextTokens,
    )
    if (quarantine !== undefined)
      return { usage: await estimate(context, { ...meter, usage: undefined }), evidence: 'estimated', quarantine }
    if (meter.finished) return { usage: meter.usage, evidence: 'reported', quarantine: null }
  }
  return { usage: await estimate(context, meter), evidence: 'estimated', quarantine: null }
}

/** What was reported so far, completed by counting the texts: never less than either (check M10). */
async function estimate({ format, body, tokens }: MeterContext, meter: MeterReading | undefined): Promise<Usage> {
  const reported = meter?.usage
  const input: Buckets =
    reported && inputTokens(reported) !== undefined
      ? inputOnly(reported.buckets)
      : { inUncached: await estimateInput() }
  const relayed = meter ? await tokens.estimateTokens(meter.outputText, meter.outputLength) : 0
  const output = (reported && outputTokens(reported)) ?? 0
  const outReasoning = reported?.buckets.outReasoning
  const rest = Math.max(output, relayed) - (outReasoning ?? 0)
  return {
    buckets: { ...input, outText: Math.max(0, rest), ...(outReasoning !== undefined && { outReasoning }) },
    ...(reported?.toolCalls && { toolCalls: reported.toolCalls }),
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

/** The price that an attempt is booked at: that of the model that served, unless only the asked one has a price. */
export function servedPrice(
  prices: PriceBook,
  of: { readonly provider: string; readonly model: string; readonly tenantId: string },
  atMs: number,
  servedModel: string | null,
): Price | undefined {
  const asked = prices.price(of.provider, of.model, atMs, of.tenantId)
  if (servedModel === null || servedModel === of.model) return asked
  return prices.price(of.provider, servedModel, atMs, of.tenantId) ?? asked
}
