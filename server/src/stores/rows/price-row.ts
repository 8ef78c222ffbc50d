import type { Price, Rates, RateTable } from '../../core/price.ts'
import { type Columns, type Row, text } from './columns.ts'

/** Rates are read by people and by single attempts only: JSON will do. */
export const PRICE_COLUMNS: Columns<Price> = [
  ['version', (price) => price.version],
  ['provider', (price) => price.provider],
  ['model', (price) => price.model],
  ['source', (price) => price.source],
  ['rates', (price) => JSON.stringify(price.rates, integerText)],
  ['tiers', (price) => JSON.stringify(price.tiers, integerText)],
  ['service_tiers', ({ serviceTiers }) => (serviceTiers ? JSON.stringify(serviceTiers, integerText) : null)],
]

export function priceFrom(row: Row): Price {
  return {
    version: text(row.version),
    provider: text(row.provider),
    model: text(row.model),
    source: text(row.source),
    ...tableFrom({ rates: JSON.parse(text(row.rates)), tiers: JSON.parse(text(row.tiers)) }),
    ...(row.service_tiers !== null && { serviceTiers: serviceTiersFrom(JSON.parse(text(row.service_tiers))) }),
  }
}

function serviceTiersFrom(tables: Readonly<Record<string, RateTable>>): Record<string, RateTable> {
  return Object.fromEntries(Object.entries(tables).map(([name, table]) => [name, tableFrom(table)]))
}

function tableFrom({ rates, tiers }: RateTable): RateTable {
  return { rates: ratesFrom(rates), tiers: tiers.map((tier) => ({ ...tier, rates: ratesFrom(tier.rates) })) }
}

/** JSON has no integers of 64 bits, so rates are decimal strings there. */
function integerText(_: string, value: unknown): unknown {
  return typeof value === 'bigint' ? value.toString() : value
}

function ratesFrom({ perToken, perToolCall }: Rates): Rates {
  return { perToken: integers(perToken), perToolCall: integers(perToolCall) }
}

function integers(rates: object): Record<string, bigint> {
  return Object.fromEntries(Object.entries(rates).map(([name, rate]) => [name, BigInt(rate)]))
}
