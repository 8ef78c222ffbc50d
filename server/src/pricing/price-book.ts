import type { ModelCeilings } from '../core/bound.ts'
import type { PriceBook } from '../core/ports/price-book.ts'
import { type Price, tableFor } from '../core/price.ts'
import { type CatalogueRow, catalogueRow } from './catalogue.ts'
import { catalogueCeilings, type ModelsOverlay, overlaidCeilings } from './models.ts'
import { type DatedPrice, discounted, type Overlay } from './overlay.ts'
import { SIMULATED_CEILINGS, SIMULATED_PRICES, SIMULATED_PROVIDER } from './simulated.ts'
import { refuse } from './yaml-document.ts'

/**
 * The price book: what the configuration says, else what the catalogues say, else nothing. Throws ConfigurationError
 * where a configured price is so far from the catalogue's that its unit must be wrong.
 */
export function priceBookFrom(overlay: Overlay, models: ModelsOverlay): PriceBook {
  refuseJumps(overlay)
  const rows = remembering((provider, model) => rowOf(overlay, models, provider, model))
  const discountedPrices = new Map<string, WeakMap<Price, Price>>()
  return {
    price(provider, model, atMs, tenantId) {
      const price = rows(provider, model).priceAt(atMs)
      const discount = overlay.discounts.get(tenantId)
      if (price === undefined || discount === undefined || discount === 0n) return price
      const known = discountedPrices.get(tenantId) ?? new WeakMap<Price, Price>()
      discountedPrices.set(tenantId, known)
      const own = known.get(price) ?? discounted(price, tenantId, discount)
      known.set(price, own)
      return own
    },
    canonical: (provider, name) => rows(provider, name).canonical,
    ceilings: (provider, model) => rows(provider, model).ceilings,
    knows: (provider, model) => rows(provider, model).known,
  }
}

interface Row {
  readonly known: boolean
  readonly canonical: string
  readonly ceilings: ModelCeilings
  priceAt(atMs: number): Price | undefined
}

function rowOf(overlay: Overlay, models: ModelsOverlay, provider: string, model: string): Row {
  const builtIn = provider === SIMULATED_PROVIDER ? simulatedRow(model) : catalogueRow(provider, model)
  const listed = provider === SIMULATED_PROVIDER ? SIMULATED_CEILINGS.get(model) : catalogueCeilings(provider, model)
  const ceilings = overlaidCeilings(models, provider, model)
  const prices = overlay.prices.get(provider)
  const isConfigured = prices?.has(model) || models.get(provider)?.exact.has(model)
  const canonical = isConfigured ? model : (builtIn?.id ?? model)
  const dated = prices?.get(model) ?? prices?.get(canonical) ?? []
  // Of two contexts the larger is the safe one: it bounds what a model can read.
  const context = Math.max(listed?.contextTokens ?? 0, builtIn?.contextTokens ?? 0)
  return {
    known: dated.length > 0 || builtIn !== undefined || listed !== undefined || ceilings !== undefined,
    canonical,
    ceilings: { ...(context > 0 && { contextTokens: context }), ...outputOf(listed), ...ceilings },
    priceAt: (atMs) => dated.findLast(({ fromMs }) => fromMs <= atMs)?.price ?? builtIn?.priceAt(atMs),
  }
}

function outputOf(ceilings: ModelCeilings | undefined): ModelCeilings {
  return ceilings?.outputTokens === undefined ? {} : { outputTokens: ceilings.outputTokens }
}

function simulatedRow(model: string): CatalogueRow | undefined {
  const price = SIMULATED_PRICES.get(model)
  return price && { id: model, priceAt: () => price, contextTokens: SIMULATED_CEILINGS.get(model)?.contextTokens }
}

/** Names come from clients, so what is remembered of them has an end. */
const MOST_REMEMBERED = 10_000

/** Rows by provider and model, so that the hot path costs two look-ups in maps. */
function remembering(make: (provider: string, model: string) => Row): (provider: string, model: string) => Row {
  const byProvider = new Map<string, Map<string, Row>>()
  let count = 0
  return (provider, model) => {
    const known = byProvider.get(provider)?.get(model)
    if (known) return known
    const row = make(provider, model)
    if (++count > MOST_REMEMBERED) {
      byProvider.clear()
      count = 1
    }
    const rows = byProvider.get(provider) ?? new Map<string, Row>()
    byProvider.set(provider, rows.set(model, row))
    return row
  }
}

/** A price per thousand that was meant per million, or the other way round, is off by this much or more (check M41). */
const SUSPICIOUS_FACTOR = 100n

function refuseJumps(overlay: Overlay): void {
  for (const [provider, models] of overlay.prices)
    for (const [model, dated] of models) for (const row of dated) refuseJump(row, catalogueRow(provider, model))
}

function refuseJump({ fromMs, price, place, confirmed }: DatedPrice, catalogue: CatalogueRow | undefined): void {
  const listed = catalogue?.priceAt(Math.max(fromMs, 0))
  if (confirmed || listed === undefined) return
  for (const [tier, table] of [['', price] as const, ...Object.entries(price.serviceTiers ?? {})])
    for (const bucket of ['inUncached', 'outText'] as const) {
      const [ours, theirs] = [table.rates.perToken[bucket], (tableFor(listed, tier) ?? listed).rates.perToken[bucket]]
      if (!ours || !theirs) continue
      if (ours >= theirs * SUSPICIOUS_FACTOR || theirs >= ours * SUSPICIOUS_FACTOR)
        refuse(
          place,
          `${tier && `${tier} `}${bucket === 'outText' ? 'output' : 'input'} is ${ours} pico-USD per token and the ` +
            `catalogue has ${theirs}: check the unit, or add \`confirmed: true\` if it is meant`,
        )
    }
}
