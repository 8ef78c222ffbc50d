import type { Price, Rates, RateTable } from '../core/price.ts'
import { completeRates, priceRow, scaledRates } from './rates.ts'

/**
 * What providers document of service tiers and the catalogue lacks. A tier that is not here has no price, and what was
 * served at it is unpriced until `config/pricing.yaml` says one: so are OpenAI's scale and fast tiers, Anthropic's
 * priority tier (committed capacity, sold apart), and the flex and priority tiers of Gemini and Bedrock whose premiums
 * differ by model. Looked up on 2026-11-22.
 */
interface TierRule {
  readonly provider: string
  /** Of the catalogue's ids. */
  readonly models: RegExp
  readonly tier: string
  /** The usual rates of tokens, times this many hundredths: fees of tools are the same in every tier. */
  readonly percent: bigint
}

const EVERY = /^/
/** `inference_geo` exists from Opus 4.6 and Sonnet 4.6 on. */
const CHOOSES_PLACE = /^claude-(?:(?:opus|sonnet)-4-[6-9]|(?:opus|sonnet|haiku|fable)-[5-9])/
const FAST_AT_TWICE = /^claude-opus-(?:4-8|5|5-5)$/
const FAST_AT_SIX_TIMES = /^claude-opus-4-[67]$/

const RULES: readonly TierRule[] = [
  // developers.openai.com/api/docs/guides/flex-processing: "priced at Batch API rates", and caching besides; half there.
  { provider: 'openai', models: EVERY, tier: 'flex', percent: 50n },
  { provider: 'openai', models: EVERY, tier: 'batch', percent: 50n },
  // platform.claude.com/docs/en/about-claude/pricing: all usage of a batch at half; places and caches multiply with it.
  { provider: 'anthropic', models: EVERY, tier: 'batch', percent: 50n },
  // platform.claude.com/docs/en/manage-claude/data-residency: 1.1 times, of every kind of token.
  { provider: 'anthropic', models: CHOOSES_PLACE, tier: 'us', percent: 110n },
  { provider: 'anthropic', models: CHOOSES_PLACE, tier: 'batch+us', percent: 55n },
  // platform.claude.com/docs/en/build-with-claude/fast-mode: multiplies with caches and places; not offered in batches.
  { provider: 'anthropic', models: FAST_AT_TWICE, tier: 'fast', percent: 200n },
  { provider: 'anthropic', models: FAST_AT_TWICE, tier: 'fast+us', percent: 220n },
  { provider: 'anthropic', models: FAST_AT_SIX_TIMES, tier: 'fast', percent: 600n },
  { provider: 'anthropic', models: FAST_AT_SIX_TIMES, tier: 'fast+us', percent: 660n },
  // ai.google.dev/gemini-api/docs/optimization: flex and batch at half. Priority is "75 % to 100 % more", by model.
  { provider: 'gemini', models: /^gemini-/, tier: 'flex', percent: 50n },
  { provider: 'gemini', models: /^gemini-/, tier: 'batch', percent: 50n },
  // docs.aws.amazon.com/bedrock/latest/userguide/capacity-limits-cost-optimization.html
  { provider: 'bedrock', models: EVERY, tier: 'batch', percent: 50n },
]

/** Pico-USD per token. */
interface PriorityRates {
  readonly input: bigint
  readonly cacheRead: bigint
  readonly output: bigint
}
const priority = (input: bigint, cacheRead: bigint, output: bigint): PriorityRates => ({ input, cacheRead, output })

/** openai.com/api-priority-processing, which says of each: without long contexts. */
const OPENAI_PRIORITY: ReadonlyMap<string, PriorityRates> = new Map([
  ['gpt-5.5', priority(12_500_000n, 1_250_000n, 75_000_000n)],
  ['gpt-5.4', priority(5_000_000n, 500_000n, 30_000_000n)],
  ['gpt-5.4-mini', priority(1_500_000n, 150_000n, 9_000_000n)],
  ['gpt-5.2', priority(3_500_000n, 350_000n, 28_000_000n)],
  ['gpt-5.1', priority(2_500_000n, 250_000n, 20_000_000n)],
  ['gpt-5', priority(2_500_000n, 250_000n, 20_000_000n)],
  ['gpt-5-mini', priority(450_000n, 45_000n, 3_600_000n)],
  ['gpt-4.1', priority(3_500_000n, 875_000n, 14_000_000n)],
])

/** A row of the catalogue with the tables of the service tiers that its provider documents. */
export function withServiceTiers(price: Price): Price {
  const tables = RULES.filter(({ provider, models }) => provider === price.provider && models.test(price.model)).map(
    ({ tier, percent }) => [tier, scaled(price, percent)] as const,
  )
  const given = price.provider === 'openai' ? OPENAI_PRIORITY.get(price.model) : undefined
  const serviceTiers = Object.fromEntries([...tables, ...(given ? [['priority', priorityTable(price, given)]] : [])])
  if (Object.keys(serviceTiers).length === 0) return price
  const { version: _, ...content } = price
  return priceRow({ ...content, serviceTiers })
}

function scaled({ rates, tiers }: RateTable, percent: bigint): RateTable {
  const change = (rate: bigint) => (rate * percent + 50n) / 100n
  return {
    rates: scaledRates(rates, change),
    tiers: tiers.map((tier) => ({ ...tier, rates: scaledRates(tier.rates, change) })),
  }
}

/** Long contexts are not served at priority: should an answer say so, there is no rate for it. */
function priorityTable({ rates, tiers }: RateTable, given: PriorityRates): RateTable {
  const { perToolCall } = rates
  const nothing: Rates = { perToken: {}, perToolCall }
  return {
    rates: completeRates({ ...given, toolCalls: new Map(Object.entries(perToolCall)) }),
    tiers: tiers.map(({ aboveInputTokens }) => ({ aboveInputTokens, rates: nothing })),
  }
}
