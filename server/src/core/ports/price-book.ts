import type { ModelCeilings } from '../bound.ts'
import type { Price } from '../price.ts'

/** What tokens cost and what models can take. Answers are facts with a source, or undefined: never a guess. */
export interface PriceBook {
  /** The price that held at the instant; tenants may have their own. */
  price(provider: string, model: string, atMs: number, tenantId: string): Price | undefined
  /**
   * The one name of a model for limits, prices and reports: as the configuration has it, else as the catalogue does,
   * which merges only names of one price, else as it was given.
   */
  canonical(provider: string, name: string): string
  ceilings(provider: string, model: string): ModelCeilings
  /** Whether the catalogue knows the model at this provider. */
  knows(provider: string, model: string): boolean
}
