/** Figures of one usage object, by Anthropic's own names. */
export type Tokens = ReadonlyMap<string, number>

/** One sampling of a model within a request. */
export interface Iteration {
  readonly type: unknown
  readonly model: string | undefined
  readonly tokens: Tokens
}

/** A model that declined, and the category of its refusal. */
export interface Hop {
  readonly from: string | undefined
  readonly category: string | null
}

export interface Attempts {
  /** Those whose output is the message. */
  readonly served: readonly Tokens[]
  readonly compactions: readonly Tokens[]
  readonly advisors: readonly Iteration[]
  /** Those that declined and are billed all the same. */
  readonly declined: readonly Iteration[]
  readonly isFallback: boolean
}

/**
 * Sorts the iterations by who pays what (Anthropic's documentation of compaction, the advisor tool, and refusals and
 * fallback). A `fallback_message` is the last one of a turn that another model than the requested served: then a
 * `message` of another model is a hop that declined.
 */
export function attemptsOf(iterations: readonly Iteration[], hops: readonly Hop[]): Attempts {
  const ofType = (type: string) => iterations.filter((iteration) => iteration.type === type)
  const fallback = ofType('fallback_message').at(-1)
  const messages = iterations.filter(({ type }) => type === 'message' || type === 'fallback_message')
  const hasDeclined = ({ type, model = hops[0]?.from }: Iteration) =>
    fallback !== undefined && type === 'message' && model !== undefined && model !== fallback.model
  const declined = messages
    .filter(hasDeclined)
    .map((iteration) => ({ ...iteration, model: iteration.model ?? hops[0]?.from }))
  const models = [...new Set(declined.map(({ model }) => model))]
  const categoryOf = (model: string | undefined) => hops[models.indexOf(model)]?.category ?? null
  return {
    served: messages.filter((iteration) => !hasDeclined(iteration)).map(({ tokens }) => tokens),
    compactions: ofType('compaction').map(({ tokens }) => tokens),
    advisors: ofType('advisor_message'),
    declined: declined.filter(({ model, tokens }) => isBilledRefusal(categoryOf(model), tokens)),
    isFallback: fallback !== undefined,
  }
}

/**
 * A refusal before any output costs nothing, but in the categories where Anthropic says that few are refused by mistake;
 * one that has begun to write is billed like any answer.
 */
export function isBilledRefusal(category: string | null, tokens: Tokens): boolean {
  return (tokens.get('output_tokens') ?? 0) !== 0 || (category !== null && BILLED_CATEGORIES.has(category))
}
const BILLED_CATEGORIES = new Set(['bio', 'frontier_llm', 'reasoning_extraction'])
