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

/** The rates of a model at one service tier. */
export interface RateTable {
  readonly rates: Rates
  /** Ascending by threshold. */
  readonly tiers: readonly PriceTier[]
}

/** One row of the price book, immutable under its version. `source` says who set it, for people. */
export interface Price extends RateTable {
  readonly version: string
  readonly provider: string
  readonly model: string
  readonly source: string
  /** Whole tables for other service tiers than the usual one, by their names in answers: see `Usage.serviceTier`. */
  readonly serviceTiers?: Readonly<Record<string, RateTable>>
}

/** One line of the arithmetic "how was this counted": count × rate. */
export interface CostLine {
  /** A bucket, `toolCalls.<kind>`, or what a bound counts. */
  readonly what: string
  /** Where it is another model than the attempt's own: one of `Usage.elsewhere`. */
  readonly model?: string
  readonly count: number
  readonly ratePicoUsd: bigint
  readonly costPicoUsd: bigint
}

export type Cost =
  | { readonly kind: 'priced'; readonly costNanoUsd: bigint; readonly lines: readonly CostLine[] }
  | { readonly kind: 'unpriced'; readonly missing: readonly string[] }

/** The rates that hold for this many input tokens: the highest tier that the input exceeds. */
export function ratesFor(table: RateTable, input: number): Rates {
  return table.tiers.findLast((tier) => input > tier.aboveInputTokens)?.rates ?? table.rates
}

/** The table of a service tier as it was served, undefined for the usual one; undefined where the price has none for it. */
export function tableFor(price: Price, serviceTier: string | undefined): RateTable | undefined {
  if (serviceTier === undefined) return price
  const { serviceTiers } = price
  return serviceTiers && Object.hasOwn(serviceTiers, serviceTier) ? serviceTiers[serviceTier] : undefined
}

/**
 * What the usage costs, with its arithmetic, in one rounding; or which rates are missing. Unpriced is not free, and
 * neither is a usage of which nothing is known, nor one of a service tier that has no price.
 */
export function costOf(
  usage: Usage,
  price: Price,
  priceElsewhere: (model: string) => Price | undefined = () => undefined,
): Cost {
  if (totalTokens(usage) === undefined) return { kind: 'unpriced', missing: ['usage'] }
  const lines: CostLine[] = []
  const missing: string[] = []
  const own = tableFor(price, usage.serviceTier)
  if (own) addLines(usage, own, undefined)
  else missing.push(`service tier ${usage.serviceTier}`)
  for (const { model, buckets } of usage.elsewhere ?? []) {
    // What another model did for an attempt was served at the attempt's tier, as far as answers say.
    const itsPrice = priceElsewhere(model)
    const table = itsPrice && tableFor(itsPrice, usage.serviceTier)
    if (table) addLines({ buckets }, table, model)
    else missing.push(itsPrice ? `${model}: service tier ${usage.serviceTier}` : `${model}: price`)
  }
  if (missing.length > 0) return { kind: 'unpriced', missing }
  return { kind: 'priced', costNanoUsd: nanoFromPico(lines.reduce((sum, line) => sum + line.costPicoUsd, 0n)), lines }

  function addLines(used: Usage, table: RateTable, model: string | undefined): void {
    const rates = ratesFor(table, inputTokens(used) ?? 0)
    const add = (what: string, count: number | undefined, ratePicoUsd: bigint | undefined) => {
      if (count === undefined || count === 0) return
      if (ratePicoUsd === undefined) missing.push(model === undefined ? what : `${model}: ${what}`)
      else lines.push({ ...costLine(what, count, ratePicoUsd), ...(model !== undefined && { model }) })
    }
    for (const bucket of BUCKETS) add(bucket, used.buckets[bucket], rates.perToken[bucket])
    for (const [kind, calls] of Object.entries(used.toolCalls ?? {}))
      add(`toolCalls.${kind}`, calls, Object.hasOwn(rates.perToolCall, kind) ? rates.perToolCall[kind] : undefined)
  }
}

/** So many tokens at most, and the service tiers beside the usual one at which they may be served. */
export interface BoundTokens {
  readonly input: number
  readonly output: number
  /** Undefined where nothing says: then any that has a price. */
  readonly serviceTiers: readonly string[] | undefined
}

/**
 * The most that so many tokens can cost: every input token at the dearest input rate and every output token at the
 * dearest output rate, over all tiers that the input can reach, in the dearest of the tables that they may be served
 * by. Undefined where a side has no rate at all.
 */
export function costCeilingNanoUsd(
  price: Price,
  { input, output, serviceTiers: possible }: BoundTokens,
): bigint | undefined {
  let most = ceilingPicoUsd(price, input, output)
  if (most === undefined) return undefined
  const { serviceTiers } = price
  for (const name in serviceTiers) {
    if (!mayServe(name, possible)) continue
    const ceiling = ceilingPicoUsd(serviceTiers[name]!, input, output)
    if (ceiling !== undefined && ceiling > most) most = ceiling
  }
  return nanoFromPicoCeiling(most)
}

/**
 * The arithmetic of a ceiling that was booked, for people: that of the table that gives it. It is rounded up to
 * nano-USD, once.
 */
export function costCeilingLines(
  price: Price,
  { input, output }: Pick<BoundTokens, 'input' | 'output'>,
  costNanoUsd: bigint | null,
): readonly CostLine[] | undefined {
  const table = [price, ...Object.values(price.serviceTiers ?? {})].find((one) => {
    const ceiling = ceilingPicoUsd(one, input, output)
    return ceiling !== undefined && nanoFromPicoCeiling(ceiling) === costNanoUsd
  })
  if (!table) return undefined
  const rates = dearestOf(table, input)
  return [
    ...(rates.input === undefined ? [] : [costLine('boundInput', input, rates.input)]),
    ...(rates.output === undefined ? [] : [costLine('boundOutput', output, rates.output)]),
  ]
}

/** By one table; undefined where that has no rate for a side. An embedding writes nothing, and has no rate for it. */
function ceilingPicoUsd(table: RateTable, input: number, output: number): bigint | undefined {
  const rates = dearestOf(table, input)
  if ((rates.input === undefined && input > 0) || (rates.output === undefined && output > 0)) return undefined
  return BigInt(input) * (rates.input ?? 0n) + BigInt(output) * (rates.output ?? 0n)
}

/** The dearest rates of both sides that so much input can meet. */
function dearestOf({ rates, tiers }: RateTable, input: number): Dearest {
  let most = dearestIn(rates)
  for (const tier of tiers) {
    if (input <= tier.aboveInputTokens) break
    const above = dearestIn(tier.rates)
    most = { input: dearer(most.input, above.input), output: dearer(most.output, above.output) }
  }
  return most
}

interface Dearest {
  readonly input: bigint | undefined
  readonly output: bigint | undefined
}
/** Rates never change, and every call below a budget asks for those of each table that may serve it. */
const dearestByRates = new WeakMap<Rates, Dearest>()

function dearestIn(rates: Rates): Dearest {
  const remembered = dearestByRates.get(rates)
  if (remembered) return remembered
  const most = (buckets: readonly Bucket[]) => buckets.map((bucket) => rates.perToken[bucket]).reduce(dearer, undefined)
  const found = { input: most(INPUT_BUCKETS), output: most(OUTPUT_BUCKETS) }
  dearestByRates.set(rates, found)
  return found
}

/** Of two rates, either of which may be absent. */
export function dearer(a: bigint | undefined, b: bigint | undefined): bigint | undefined {
  return a === undefined || (b !== undefined && b > a) ? b : a
}

/** A tier of several traits (`fast+us`) needs them all. */
function mayServe(name: string, serviceTiers: readonly string[] | undefined): boolean {
  if (serviceTiers === undefined || serviceTiers.includes(name)) return true
  return name.includes('+') && name.split('+').every((trait) => serviceTiers.includes(trait))
}

function costLine(what: string, count: number, ratePicoUsd: bigint): CostLine {
  return { what, count, ratePicoUsd, costPicoUsd: BigInt(count) * ratePicoUsd }
}
