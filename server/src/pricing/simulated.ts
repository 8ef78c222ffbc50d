import type { ModelCeilings } from '../core/bound.ts'
import type { Price } from '../core/price.ts'
import { completeRates, priceRow } from './rates.ts'

/** The name under which the built-in simulated provider is known. */
export const SIMULATED_PROVIDER = 'sim'

/** Prices are invented, so that costs show before anything is configured; they have the shape of real ones. */
const MODELS = {
  'sim-small': { contextTokens: 16_000, outputTokens: 2_000, input: 150_000n, output: 600_000n },
  'sim-large': { contextTokens: 128_000, outputTokens: 8_000, input: 3_000_000n, output: 15_000_000n },
  'sim-thinking': { contextTokens: 128_000, outputTokens: 16_000, input: 1_000_000n, output: 5_000_000n },
}

/** The names of the simulated models: there are no others. */
export const SIMULATED_MODELS: readonly string[] = Object.keys(MODELS)

export const SIMULATED_PRICES: ReadonlyMap<string, Price> = new Map(
  Object.entries(MODELS).map(([model, { input, output }]) => {
    const rates = completeRates({
      input,
      output,
      cacheRead: input / 10n,
      cacheWrite: (input * 5n) / 4n,
      cacheWrite1h: input * 2n,
      toolCalls: new Map([['web_search', 10_000_000_000n]]),
    })
    return [model, priceRow({ provider: SIMULATED_PROVIDER, model, source: 'simulated', rates, tiers: [] })]
  }),
)

export const SIMULATED_CEILINGS: ReadonlyMap<string, ModelCeilings> = new Map(
  Object.entries(MODELS).map(([model, { contextTokens, outputTokens }]) => [model, { contextTokens, outputTokens }]),
)
