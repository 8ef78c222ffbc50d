import { nanoFromPico, nanoFromPicoCeiling } from './money.ts'
import { BUCKETS, INPUT_BUCKETS, OUTPUT_BUCKETS, type Bucket, inputTokens, totalTokens, type Usage } from './usage.ts'

/** Rates in pico-USD: per token by bucket, per call by kind of tool. A rate of 0 is free; an absent one is unpriced. */
export interface Rates {
  readonly perToken: { readonly [B in Bucket]?: bigint }
  readonly perToolCall: Readonly<Record<string, bigint>>
}

/** A long-context tier: its rates hold for the whole attempt once its input is larger than the threshold. */
export interface PriceTier {
  readonly aboveInputTokens: number
  readonly rates: Rates
}

/** One row of the price book, immutable under its version. `source` says who set it, for people. */
export interface Price {
  readonly version: string
  readonly provider: string
  readonly model: string
  readonly source: string
  readonly rates: Rates
  /** Ascending by threshold. */
  readonly tiers: readonly PriceTier[]
}

/** One line of the arithmetic "how was this counted": count × rate. */
export interface CostLine {
  readonly what: string
  readonly count: number
  readonly ratePicoUsd: bigint
  readonly costPicoUsd: bigint
}

export type Cost =
  | { readonly kind: 'priced'; readonly costNanoUsd: bigint; readonly lines: readonly CostLine[] }
  | { readonly kind: 'unpriced'; readonly missing: readonly string[] }

/** The rates that hold for this many input tokens: the highest tier that the input exceeds. */
export function ratesFor(price: Price, input: number): Rates {
  return price.tiers.findLast((tier) => input > tier.aboveInputTokens)?.rates ?? price.rates
}

/**
 * What the usage costs, with its arithmetic, in one rounding; or which rates are missing. Unpriced is not free, and
 * neither is a usage of which nothing is known.
 */
export function costOf(usage: Usage, price: Price): Cost {
  if (totalTokens(usage) === undefined) return { kind: 'unpriced', missing: ['usage'] }
  const rates = ratesFor(price, inputTokens(usage) ?? 0)
  const lines: CostLine[] = []
  const missing: string[] = []
  const add = (what: string, count: number | undefined, ratePicoUsd: bigint | undefined) => {
    if (count === undefined || count === 0) return
    if (ratePicoUsd === undefined) missing.push(what)
    else lines.push(costLine(what, count, ratePicoUsd))
  }
  for (const bucket of BUCKETS) add(bucket, usage.buckets[bucket], rates.perToken[bucket])
  for (const [kind, calls] of Object.entries(usage.toolCalls ?? {}))
    add(`toolCalls.${kind}`, calls, Object.hasOwn(rates.perToolCall, kind) ? rates.perToolCall[kind] : undefined)
  if (missing.length > 0) return { kind: 'unpriced', missing }
  return { kind: 'priced', costNanoUsd: nanoFromPico(lines.reduce((sum, line) => sum + line.costPicoUsd, 0n)), lines }
}

/**
 * The most that so many tokens can cost: every input token at the dearest input rate and every output token at the
 * dearest output rate, over all tiers that the input can reach. Undefined where a side has no rate at all.
 */
export function costCeilingNanoUsd(price: Price, tokens: { input: number; output: number }): bigint | undefined {
  const lines = costCeilingLines(price, tokens)
  return lines && nanoFromPicoCeiling(lines.reduce((sum, line) => sum + line.costPicoUsd, 0n))
}

/** The arithmetic of that ceiling, for people: it is rounded up to nano-USD, once. */
export function costCeilingLines(
  price: Price,
  tokens: { input: number; output: number },
): readonly CostLine[] | undefined {
  const reachable = [
    price.rates,
    ...price.tiers.filter((tier) => tokens.input > tier.aboveInputTokens).map((tier) => tier.rates),
  ]
  const input = dearest(reachable, INPUT_BUCKETS)
  const output = dearest(reachable, OUTPUT_BUCKETS)
  if (input === undefined || output === undefined) return undefined
  return [costLine('boundInput', tokens.input, input), costLine('boundOutput', tokens.output, output)]
}

function costLine(what: string, count: number, ratePicoUsd: bigint): CostLine {
  return { what, count, ratePicoUsd, costPicoUsd: BigInt(count) * ratePicoUsd }
}

function dearest(rates: readonly Rates[], buckets: readonly Bucket[]): bigint | undefined {
  let most: bigint | undefined
  for (const { perToken } of rates)
    for (const bucket of buckets) {
      const rate = perToken[bucket]
      if (rate !== undefined && (most === undefined || rate > most)) most = rate
    }
  return most
}
