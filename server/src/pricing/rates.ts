import { createHash } from 'node:crypto'
import { dearer, type Price, type Rates, type RateTable } from '../core/price.ts'
import { BUCKETS, type Bucket } from '../core/usage.ts'

/** The rates that somebody set, in pico-USD per token, and per call of a tool by its kind. 0 is free, absent is not set. */
export interface GivenRates {
  readonly input?: bigint
  readonly output?: bigint
  readonly cacheRead?: bigint
  /** Of five minutes, the kind that every provider with priced writes has. */
  readonly cacheWrite?: bigint
  readonly cacheWrite1h?: bigint
  readonly reasoning?: bigint
  readonly inputAudio?: bigint
  readonly outputAudio?: bigint
  readonly inputImage?: bigint
  readonly outputImage?: bigint
  readonly toolCalls: ReadonlyMap<string, bigint>
}

/**
 * Every bucket's rate, as far as it follows from what was given:
 * - reasoning bills as output unless it has a price (OpenAI and Anthropic count it inside the output they bill);
 * - a cache read without a price bills as any other input: a provider without a cache price gives no discount;
 * - a cache write without a price bills as input (OpenAI's automatic caching: writing costs nothing extra);
 * - but where only the five-minute write has a price, a one-hour write is unpriced: taking the cheaper one would be a
 *   guess that is always too low (Anthropic: 1.25 and 2 times the input);
 * - a write of unknown duration bills at the dearer write, so that it is never too low;
 * - images and tool prompts bill as input unless priced (OpenAI, Google and Anthropic turn them into input tokens);
 * - audio, and images that a model makes, differ from text by factors: without a price of their own they are unpriced.
 */
export function completeRates(given: GivenRates): Rates {
  const { input, output, cacheWrite } = given
  const oneHour = given.cacheWrite1h ?? (cacheWrite === undefined ? input : undefined)
  const fiveMinutes = cacheWrite ?? input
  const perBucket: Record<Bucket, bigint | undefined> = {
    inUncached: input,
    inCacheRead: given.cacheRead ?? input,
    inCacheWrite5m: fiveMinutes,
    inCacheWrite1h: oneHour,
    inCacheWriteOther: dearer(fiveMinutes, oneHour),
    inAudio: given.inputAudio,
    inImage: given.inputImage ?? input,
    inToolPrompt: input,
    outText: output,
    outReasoning: given.reasoning ?? output,
    outAudio: given.outputAudio,
    outImage: given.outputImage,
  }
  const known = BUCKETS.filter((bucket) => perBucket[bucket] !== undefined)
  return {
    perToken: Object.fromEntries(known.map((bucket) => [bucket, perBucket[bucket]])) as Rates['perToken'],
    perToolCall: Object.fromEntries(given.toolCalls),
  }
}

/** A row of the price book; its version is a digest of its content, so that the same content has the same version. */
export function priceRow(content: Omit<Price, 'version'>): Price {
  const text = JSON.stringify([
    content.provider,
    content.model,
    content.source,
    ...tableText(content),
    ...Object.entries(content.serviceTiers ?? {})
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([tier, table]) => [tier, ...tableText(table)]),
  ])
  return { version: createHash('sha256').update(text).digest('hex').slice(0, 16), ...content }
}

/** The same price with every rate changed, of its tiers of both kinds too. */
export function mapRates(price: Price, source: string, change: (rate: bigint) => bigint): Price {
  const changedRates = (rates: Rates): Rates => ({
    perToken: mapped(rates.perToken, change),
    perToolCall: mapped(rates.perToolCall, change),
  })
  const changed = ({ rates, tiers }: RateTable): RateTable => ({
    rates: changedRates(rates),
    tiers: tiers.map(({ aboveInputTokens, rates: above }) => ({ aboveInputTokens, rates: changedRates(above) })),
  })
  const { provider, model, serviceTiers } = price
  const tables = Object.entries(serviceTiers ?? {}).map(([tier, table]) => [tier, changed(table)] as const)
  return priceRow({
    ...{ provider, model, source },
    ...changed(price),
    ...(serviceTiers && { serviceTiers: Object.fromEntries(tables) }),
  })
}

/** With every rate of a token changed, and none of a tool. */
export function scaledRates(rates: Rates, change: (rate: bigint) => bigint): Rates {
  return { ...rates, perToken: mapped(rates.perToken, change) }
}

function mapped<Name extends string>(
  rates: { readonly [N in Name]?: bigint },
  change: (rate: bigint) => bigint,
): Record<Name, bigint> {
  const known = Object.entries<bigint | undefined>(rates).filter(
    (entry): entry is [string, bigint] => entry[1] !== undefined,
  )
  return Object.fromEntries(known.map(([name, rate]) => [name, change(rate)])) as Record<Name, bigint>
}

function tableText({ rates, tiers }: RateTable) {
  return [ratesText(rates), tiers.map((tier) => [tier.aboveInputTokens, ratesText(tier.rates)])]
}

function ratesText({ perToken, perToolCall }: Rates): string[][] {
  const tokens = BUCKETS.filter((bucket) => perToken[bucket] !== undefined)
  return [
    tokens.map((bucket) => `${bucket}=${perToken[bucket]}`),
    Object.keys(perToolCall)
      .toSorted()
      .map((kind) => `${kind}=${perToolCall[kind]}`),
  ]
}
