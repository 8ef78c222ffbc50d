import { calcPrice, type ConditionalPrice, findProvider, type ModelInfo, type ModelPrice } from '@pydantic/genai-prices'
import { parseDecimal } from '../core/money.ts'
import type { Price, PriceTier, Rates } from '../core/price.ts'
import { completeRates, type GivenRates, priceRow } from './rates.ts'
import { withServiceTiers } from './service-tiers.ts'

/** Where our names of providers differ from the catalogue's. */
const CATALOGUE_NAMES = new Map([
  ['bedrock', 'aws'],
  ['azure_openai', 'azure'],
  ['gemini', 'google'],
  ['xai', 'x-ai'],
])

/** What the catalogue says of a model: its price at any instant, and its context. */
export interface CatalogueRow {
  /** The catalogue's own id of the model. */
  readonly id: string
  priceAt(atMs: number): Price | undefined
  readonly contextTokens: number | undefined
}

/**
 * The row for a model at a provider, by the catalogue's own rules of matching; undefined where it has none. Slow, since
 * those rules are walked one after the other: to be remembered by the caller.
 */
export function catalogueRow(provider: string, model: string): CatalogueRow | undefined {
  const providerId = CATALOGUE_NAMES.get(provider) ?? provider
  // The catalogue also matches providers by parts of their name; "my-openai" is not OpenAI.
  const found = findProvider({ providerId })
  if (found?.id !== providerId) return undefined
  // A row's own name is not always among the names that its rules match: `regional.anthropic.…` at AWS.
  const match = found.models.find(({ id }) => id === model) ?? calcPrice({}, model, { providerId })?.model
  return match && !isOtherVersion(match.id, model) ? rowOf(provider, match) : undefined
}

/**
 * The catalogue matches many models by how their names begin, so that a version that came after it passes for the one
 * before: `claude-sonnet-5-5` for `claude-sonnet-5`. A short number behind the id is another version; dates are longer, or
 * a month with its year behind it (`command-a-03-2025`).
 */
function isOtherVersion(id: string, model: string): boolean {
  return model.startsWith(id) && /^[-.]\d{1,2}(?![\da-z]|-20\d\d$)/.test(model.slice(id.length))
}

function rowOf(provider: string, model: ModelInfo): CatalogueRow {
  const { prices } = model
  const dated: readonly ConditionalPrice[] = Array.isArray(prices) ? prices : [{ prices }]
  const rows = dated.map((row) => ({ row, price: priceOf(provider, model.id, row.prices) }))
  return {
    id: model.id,
    contextTokens: model.context_window,
    // The last row whose condition holds; where none does, the first: the catalogue's own rule.
    priceAt: (atMs) => (rows.findLast(({ row }) => holdsAt(row.constraint, atMs)) ?? rows[0])?.price,
  }
}

function holdsAt(constraint: ConditionalPrice['constraint'], atMs: number): boolean {
  if (constraint === undefined) return true
  if (constraint.type === 'start_date') return atMs >= Date.parse(constraint.start_date)
  const start = timeOfDayMs(constraint.start_time)
  const end = timeOfDayMs(constraint.end_time)
  const now = atMs % DAY_MS
  return end < start ? now >= start || now < end : now >= start && now < end
}

const DAY_MS = 86_400_000
function timeOfDayMs(time: string): number {
  return Date.parse(`1970-01-01T${time}`)
}

/** Keys whose rates a price can carry: dollars per million tokens, or per thousand calls of a tool. */
const TOKEN_KEYS = {
  input_mtok: 'input',
  output_mtok: 'output',
  cache_read_mtok: 'cacheRead',
  cache_write_mtok: 'cacheWrite',
  cache_write_1h_mtok: 'cacheWrite1h',
  output_reasoning_mtok: 'reasoning',
  input_audio_mtok: 'inputAudio',
  output_audio_mtok: 'outputAudio',
  input_image_mtok: 'inputImage',
  output_image_mtok: 'outputImage',
} as const satisfies Record<string, keyof GivenRates>
const TOOL_KEYS = { web_searches_kcount: 'web_search', storage_searches_kcount: 'file_search' } as const

/** Finer than our buckets, or of media that have none. They take nothing away from what the other keys price. */
const FINER_KEYS = new Set(['cache_audio_read_mtok', 'cache_image_read_mtok', 'input_video_mtok', 'output_video_mtok'])

/** Undefined where the model has no token price, or a fee (per request, page, hour …) that we do not count. */
function priceOf(provider: string, model: string, prices: ModelPrice): Price | undefined {
  const keys = Object.keys(prices).filter((key) => prices[key] !== undefined && !FINER_KEYS.has(key))
  if (!keys.every((key) => Object.hasOwn(TOKEN_KEYS, key) || Object.hasOwn(TOOL_KEYS, key))) return undefined
  const rates = ratesAbove(provider, model, prices, 0)
  if (Object.keys(rates.perToken).length === 0) return undefined
  const tiers = thresholds(prices).map((threshold): PriceTier => ({
    aboveInputTokens: threshold,
    rates: ratesAbove(provider, model, prices, threshold),
  }))
  return withServiceTiers(priceRow({ provider, model, source: 'genai-prices catalogue', rates, tiers }))
}

function thresholds(prices: ModelPrice): number[] {
  const starts = Object.values(prices).flatMap((price) =>
    typeof price === 'object' ? price.tiers.map(({ start }) => start) : [],
  )
  return [...new Set(starts)].toSorted((a, b) => a - b)
}

/** Rates that the catalogue does not have, and without which a bucket would bill at another one's: Cohere's price list. */
const UNLISTED: Readonly<Record<string, Partial<Record<keyof GivenRates, bigint>>>> = {
  'cohere embed-v4.0': { inputImage: 470_000n },
}

/** The rates of the tier that begins at this threshold; 0 for the base. */
function ratesAbove(provider: string, model: string, prices: ModelPrice, threshold: number): Rates {
  const at = (price: ModelPrice[string]) =>
    typeof price === 'object'
      ? (price.tiers.findLast(({ start }) => threshold > 0 && start <= threshold)?.price ?? price.base)
      : price
  const toolCalls = new Map<string, bigint>()
  for (const [key, kind] of Object.entries(TOOL_KEYS)) {
    const price = at(prices[key])
    if (price !== undefined) toolCalls.set(kind, integerRate(price, PICO_PER_CALL_DIGITS))
  }
  // Anthropic's web fetch costs nothing beyond its tokens, and its runs of code nothing each: the time of their
  // containers, beyond what is free for an organization, is on no answer (their documentation of the tools).
  if (provider === 'anthropic') toolCalls.set('web_fetch', 0n).set('code_execution', 0n)
  const given: Partial<Record<keyof GivenRates, bigint>> = { ...UNLISTED[`${provider} ${model}`] }
  for (const [key, name] of Object.entries(TOKEN_KEYS)) {
    const price = at(prices[key])
    if (price !== undefined) given[name] = integerRate(price, PICO_PER_TOKEN_DIGITS)
  }
  return completeRates({ ...(given as Omit<GivenRates, 'toolCalls'>), toolCalls })
}

/** 1e12 pico-USD per dollar, over a million tokens or a thousand calls. */
const PICO_PER_TOKEN_DIGITS = 6
const PICO_PER_CALL_DIGITS = 9
const SPARE_DIGITS = 40

/**
 * The catalogue keeps rates as floats, whose shortest decimal text is the rate as it was written down. A few come out of
 * a division (0.08333333333333334): those are rounded to a whole pico-USD, half up, in integers.
 */
function integerRate(price: number, digits: number): bigint {
  const fine = parseDecimal(String(price), digits + SPARE_DIGITS)
  if (fine === undefined) throw new Error(`the price catalogue has a rate that is no price: ${price}`)
  const unit = 10n ** BigInt(SPARE_DIGITS)
  return (fine + unit / 2n) / unit
}
