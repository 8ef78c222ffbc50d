import type { Price, PriceTier, RateTable } from '../core/price.ts'
import { completeRates, type GivenRates, mapRates, priceRow } from './rates.ts'
import {
  countAt,
  decimalAt,
  listAt,
  mapAt,
  refuse,
  textAt,
  wordAt,
  type YamlMap,
  type YamlValue,
} from './yaml-document.ts'

/** What `config/pricing.yaml` says: prices that stand above the catalogue's, and tenants' discounts. */
export interface Overlay {
  /** By provider and model; each model's prices in ascending order of `fromMs`. */
  readonly prices: ReadonlyMap<string, ReadonlyMap<string, readonly DatedPrice[]>>
  readonly discounts: ReadonlyMap<string, Discount>
}
export interface DatedPrice {
  readonly fromMs: number
  readonly price: Price
  /** Where it was written, for messages about it. */
  readonly place: string
  /** Somebody said that a price far from the catalogue's is meant. */
  readonly confirmed: boolean
}
/** In ten-thousandths of a percent: 20 % is 200_000. */
export type Discount = bigint

export const NO_OVERLAY: Overlay = { prices: new Map(), discounts: new Map() }

const TENANTS = 'tenant_overrides'
const PERCENT_DIGITS = 4
const WHOLE = 100n * 10n ** BigInt(PERCENT_DIGITS)

/** Reads the file's content. Throws ConfigurationError with one line that names the place. */
export function overlayFrom(document: YamlValue | undefined): Overlay {
  if (document === undefined) return NO_OVERLAY
  const prices = new Map<string, ReadonlyMap<string, readonly DatedPrice[]>>()
  let discounts: ReadonlyMap<string, Discount> = new Map()
  for (const [provider, models] of mapAt(document).entries) {
    if (provider === TENANTS) discounts = discountsOf(models)
    else prices.set(provider, modelsOf(provider, models))
  }
  return { prices, discounts }
}

/**
 * The price less a discount: every rate times (100 - percent) / 100, rounded to a whole pico-USD per token, half up. So
 * a discounted price is a price like any other, with a version of its own, and an entry is still rounded once.
 */
export function discounted(price: Price, tenantId: string, discount: Discount): Price {
  const percent = Number(discount) / 10 ** PERCENT_DIGITS
  const source = `${price.source}, less ${percent} % for tenant ${tenantId}`
  return mapRates(price, source, (rate) => (rate * (WHOLE - discount) + WHOLE / 2n) / WHOLE)
}

function discountsOf(tenants: YamlValue): ReadonlyMap<string, Discount> {
  const discounts = new Map<string, Discount>()
  for (const [tenant, settings] of mapAt(tenants).entries)
    for (const [key, value] of mapAt(settings).entries) {
      if (key !== 'discount_percent') refuse(value.place, `the key ${key} is not known; known is discount_percent`)
      const discount = decimalAt(value, PERCENT_DIGITS)
      if (discount > WHOLE) refuse(value.place, 'must be from 0 to 100')
      discounts.set(tenant, discount)
    }
  return discounts
}

function modelsOf(provider: string, models: YamlValue): ReadonlyMap<string, readonly DatedPrice[]> {
  const rows = new Map<string, readonly DatedPrice[]>()
  for (const [model, value] of mapAt(models).entries) {
    const dated = (value.kind === 'list' ? value.items : [value]).map((row) => datedPrice(provider, model, row))
    dated.sort((a, b) => a.fromMs - b.fromMs)
    const twice = dated.find((row, index) => dated[index - 1]?.fromMs === row.fromMs)
    if (twice) refuse(twice.place, 'two prices of one model are valid from the same instant')
    if (dated.length === 0) refuse(value.place, 'must have a price')
    rows.set(model, dated)
  }
  return rows
}

function datedPrice(provider: string, model: string, value: YamlValue): DatedPrice {
  const row = mapAt(value)
  const { entries, place } = row
  const from = entries.get('valid_from')
  const confirmed = entries.get('confirmed')
  const serviceTiers = entries.get('service_tiers')
  const table = tableOf(row, ['valid_from', 'tiers', 'service_tiers', 'confirmed'])
  return {
    fromMs: from === undefined ? Number.NEGATIVE_INFINITY : instantAt(from),
    price: priceRow({
      ...{ provider, model, source: 'config/pricing.yaml' },
      ...table,
      ...(serviceTiers && { serviceTiers: serviceTiersOf(serviceTiers) }),
    }),
    place,
    confirmed: confirmed !== undefined && wordAt(confirmed, ['true', 'false']) === 'true',
  }
}

function tableOf(row: YamlMap, others: readonly string[]): RateTable {
  const tiers = row.entries.get('tiers')
  return { rates: completeRates(ratesOf(row, others)), tiers: tiers ? tiersOf(tiers) : [] }
}

/** As answers name them: traits that bill together are in the order of the alphabet. */
const TIER_NAME = /^[a-z][a-z0-9_-]{0,31}(?:\+[a-z][a-z0-9_-]{0,31})*$/
const USUAL_TIERS = ['standard', 'default', 'auto']

function serviceTiersOf(value: YamlValue): Record<string, RateTable> {
  const tables = [...mapAt(value).entries].map(([name, row]) => {
    if (!TIER_NAME.test(name) || name.split('+').toSorted().join('+') !== name)
      refuse(row.place, `${name} is no name of a tier: write it as answers do, such as flex, or traits as in batch+us`)
    if (USUAL_TIERS.includes(name)) refuse(row.place, `${name} is the usual tier: its rates stand above service_tiers`)
    return [name, tableOf(mapAt(row), ['tiers'])] as const
  })
  if (tables.length === 0) refuse(value.place, 'must have a tier such as flex')
  return Object.fromEntries(tables)
}

function tiersOf(value: YamlValue): PriceTier[] {
  const tiers = listAt(value).map((item): PriceTier => {
    const tier = mapAt(item)
    const above = tier.entries.get('above_input_tokens')
    if (above === undefined) return refuse(tier.place, 'above_input_tokens is missing')
    return { aboveInputTokens: countAt(above, 1), rates: completeRates(ratesOf(tier, ['above_input_tokens'])) }
  })
  tiers.forEach((tier, index) => {
    if (tier.aboveInputTokens <= (tiers[index - 1]?.aboveInputTokens ?? 0))
      refuse(value.place, 'must be in ascending order of above_input_tokens, each once')
  })
  return tiers
}

const RATE_NAMES = new Map<string, Exclude<keyof GivenRates, 'toolCalls'>>([
  ['input', 'input'],
  ['output', 'output'],
  ['cache_read', 'cacheRead'],
  ['cache_write', 'cacheWrite'],
  ['cache_write_1h', 'cacheWrite1h'],
  ['reasoning', 'reasoning'],
  ['input_audio', 'inputAudio'],
  ['output_audio', 'outputAudio'],
  ['input_image', 'inputImage'],
  ['output_image', 'outputImage'],
])
/** USD per thousand or million tokens, as digits after the point of pico-USD per token. */
const TOKEN_UNITS = new Map([
  ['1k', 9],
  ['1m', 6],
])
const CALL_UNITS = new Map([
  ['call', 12],
  ['1k', 9],
])

/** The rates among a map's keys. The unit is part of the key: without one, or with two, a rate means nothing. */
function ratesOf(row: YamlMap, others: readonly string[]): GivenRates {
  const rates: Partial<Record<keyof GivenRates, bigint>> = {}
  const toolCalls = new Map<string, bigint>()
  for (const [key, value] of row.entries) {
    if (others.includes(key)) continue
    if (key === 'tool_calls') {
      for (const [tool, rate] of mapAt(value).entries) addRate(toolCalls, tool, rate, CALL_UNITS)
      continue
    }
    const { name, digits } = nameAndUnit(key, value.place, TOKEN_UNITS)
    const rate = RATE_NAMES.get(name)
    if (rate === undefined)
      return refuse(
        value.place,
        `the key ${key} is not known; known are ${[...RATE_NAMES.keys()].join(', ')}, each with its unit`,
      )
    if (rates[rate] !== undefined) refuse(value.place, `${name} has two units: keep one of them`)
    rates[rate] = decimalAt(value, digits)
  }
  if (Object.keys(rates).length === 0) refuse(row.place, 'has no rate such as input_per_1m')
  return { ...(rates as Omit<GivenRates, 'toolCalls'>), toolCalls }
}

function addRate(rates: Map<string, bigint>, key: string, value: YamlValue, units: ReadonlyMap<string, number>): void {
  const { name, digits } = nameAndUnit(key, value.place, units)
  if (rates.has(name)) refuse(value.place, `${name} has two units: keep one of them`)
  rates.set(name, decimalAt(value, digits))
}

function nameAndUnit(key: string, place: string, units: ReadonlyMap<string, number>): { name: string; digits: number } {
  const [, name, unit] = /^([a-z0-9_]+?)_per_([a-z0-9]+)$/.exec(key) ?? []
  const digits = unit === undefined ? undefined : units.get(unit)
  if (name !== undefined && digits !== undefined) return { name, digits }
  return refuse(
    place,
    `${key} has no known unit: end it with ${[...units.keys()].map((u) => `_per_${u}`).join(' or ')}`,
  )
}

const DATE = /^\d{4}-\d{2}-\d{2}$/

/** A date (midnight UTC) or an instant with its offset, in ISO 8601. */
function instantAt(value: YamlValue): number {
  const text = textAt(value)
  try {
    return Temporal.Instant.from(DATE.test(text) ? `${text}T00:00Z` : text).epochMilliseconds
  } catch {
    return refuse(value.place, 'must be a date such as 2026-01-31 (midnight UTC), or an instant with its offset')
  }
}
