/** What a request asks of a model, as far as it bears on the most it can use. Made by a format from the request's body. */
export interface Demand {
  /** The model's name as the client wrote it. */
  readonly model: string
  readonly stream: boolean
  /** Size of the request's body: no tokenizer makes more tokens of a text than it has bytes. */
  readonly inputBytes: number
  /** Tokens that the provider adds unseen, such as the system prompt of tool use. */
  readonly hiddenInputTokens: number
  /** Paths of parts that stand for more than their bytes (an image URL, a file id): each may fill the whole context. */
  readonly references: readonly string[]
  /** Paths of parts that nothing in the request bounds (hosted tools, stored conversations). */
  readonly unboundedParts: readonly string[]
  /** The output ceiling that the client asked for, per choice; undefined where it asked for none. */
  readonly maxOutputTokens: number | undefined
  /** Tokens that the client reserves for thinking: an output ceiling must stay above it. */
  readonly thinkingTokens: number
  /** How many answers are generated, each with the whole output ceiling (`n`). */
  readonly choices: number
  /** The API takes no output ceiling, so that what the bound says cannot be cut. */
  readonly cannotClamp?: true
  /** Absent where the format does not read it: then it may be served at any tier. */
  readonly serviceTiers?: AskedTiers
}

/**
 * The service tiers beside the usual one at which a request may be served, by the names (without `+`: the traits) that
 * answers use. A ceiling of its cost covers them all, since an account may be set up to prefer a dearer tier, which no
 * request shows; and only them, since a tier that has to be asked for, such as a fast mode at six times the price,
 * would make every other request of the model look too dear for its limits.
 */
export interface AskedTiers {
  /** By name in the request: without a price for it, the request has no price. */
  readonly asked: readonly string[]
  /** As the account is set up at the provider, where the request leaves it to that. */
  readonly possible: readonly string[]
}

/** What an account may be set up to be served at without being asked: a request that leaves it open may be served at these. */
export const UNASKED_TIERS: readonly string[] = ['flex', 'priority', 'scale', 'us']

/** What a model can take and give, where that is known. */
export interface ModelCeilings {
  readonly contextTokens?: number
  readonly outputTokens?: number
}

/** The most that a request can use. `leastOutputTokens`: the smallest output that is still an answer to it. */
export interface TokenBound {
  readonly inputTokens: number
  readonly outputTokens: number
  readonly leastOutputTokens: number
  readonly choices: number
  /** At which it may be served beside the usual one; absent where it may be any. */
  readonly serviceTiers?: readonly string[]
}
export type Bound =
  ({ readonly kind: 'bounded' } & TokenBound) | { readonly kind: 'unbounded'; readonly reason: string }

/** Input tokens as somebody counted them: of the `text` that we see, or of all that the `provider` makes of the request. */
export interface InputCount {
  readonly tokens: number
  readonly of: 'text' | 'provider'
}

/** A clamped answer shorter than this helps nobody; a client that asked for less gets what it asked for. */
const LEAST_USEFUL_OUTPUT_TOKENS = 16

/**
 * An honest upper bound of what the request can use, or the reason why there is none. Text is bounded by its bytes,
 * or by a count, where there is one.
 */
export function bound(demand: Demand, ceilings: ModelCeilings, counted?: InputCount): Bound {
  const [unboundedPart] = demand.unboundedParts
  if (unboundedPart !== undefined) return { kind: 'unbounded', reason: `${unboundedPart} can use any number of tokens` }
  const input = inputBound(demand, ceilings, counted)
  if (input === undefined)
    return {
      kind: 'unbounded',
      reason: `${demand.references[0]} may fill the context, and the context of ${demand.model} is not known`,
    }
  const perChoice = outputBound(demand, ceilings)
  if (perChoice === undefined)
    return {
      kind: 'unbounded',
      reason: `no output ceiling was asked for, and the ceiling of ${demand.model} is not known`,
    }
  const least = demand.cannotClamp ? perChoice : Math.min(perChoice, demand.thinkingTokens + LEAST_USEFUL_OUTPUT_TOKENS)
  return {
    kind: 'bounded',
    inputTokens: input,
    outputTokens: perChoice * demand.choices,
    leastOutputTokens: least * demand.choices,
    choices: demand.choices,
    ...(demand.serviceTiers && { serviceTiers: [...demand.serviceTiers.asked, ...demand.serviceTiers.possible] }),
  }
}

/** The bound with its output cut to what fits `roomTokens` in all, or undefined where not even the least answer fits. */
export function clamp(full: TokenBound, roomTokens: number): TokenBound | undefined {
  const perChoice = Math.floor((roomTokens - full.inputTokens) / full.choices)
  const outputTokens = Math.min(full.outputTokens, perChoice * full.choices)
  return outputTokens >= full.leastOutputTokens ? { ...full, outputTokens } : undefined
}

/** No model writes a billion tokens, whatever was asked for; beyond that, sums would leave 64 bits. */
const MOST_OUTPUT_TOKENS = 1_000_000_000

function inputBound(
  demand: Demand,
  { contextTokens }: ModelCeilings,
  counted: InputCount | undefined,
): number | undefined {
  if (demand.references.length > 0) return contextTokens
  // What a provider adds unseen is in its own count.
  if (counted?.of === 'provider') return counted.tokens
  return (counted?.tokens ?? demand.inputBytes) + demand.hiddenInputTokens
}

function outputBound(demand: Demand, ceilings: ModelCeilings): number | undefined {
  const asked = demand.maxOutputTokens ?? ceilings.outputTokens ?? ceilings.contextTokens
  return asked === undefined ? undefined : Math.min(MOST_OUTPUT_TOKENS, Math.max(asked, demand.thinkingTokens))
}
