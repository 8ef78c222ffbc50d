/** Disjoint token buckets: every token of an attempt is in exactly one, so buckets may be added up. */
export const INPUT_BUCKETS = [
  'inUncached',
  'inCacheRead',
  'inCacheWrite5m',
  'inCacheWrite1h',
  'inCacheWriteOther',
  'inAudio',
  'inImage',
  'inToolPrompt',
] as const
export const OUTPUT_BUCKETS = ['outText', 'outReasoning', 'outAudio', 'outImage'] as const
export const BUCKETS = [...INPUT_BUCKETS, ...OUTPUT_BUCKETS] as const

export type Bucket = (typeof BUCKETS)[number]

/** Tokens by bucket. An absent bucket was not reported (unknown); 0 was reported as zero. */
export type Buckets = { readonly [B in Bucket]?: number }

/** What one attempt used. Tool calls are counted by kind, since they are billed apart from tokens. */
export interface Usage {
  readonly buckets: Buckets
  readonly toolCalls?: Readonly<Record<string, number>>
  /**
   * The tier that the answer says it was served at, where that is not the usual one: `flex`, `priority`, `batch`,
   * `fast`. Traits that are billed together are in the order of the alphabet with a plus: `batch+us`, `fast+us`.
   */
  readonly serviceTier?: string
  /** What other models used inside the attempt, billed at their own rates: Anthropic's advisor. In none of `buckets`. */
  readonly elsewhere?: readonly UsedElsewhere[]
}

export interface UsedElsewhere {
  /** By the name that the provider gives it. */
  readonly model: string
  readonly buckets: Buckets
  /** The row of the price book that it was priced by. Meters leave it out. */
  readonly priceVersion?: string
}

/** Nothing is known of the usage: no bucket was reported. */
export const UNKNOWN_USAGE: Usage = { buckets: {} }

/**
 * How a usage is known. `reported` by the provider; `estimated` by us from the texts; `bounded`: the hold's bound,
 * since the truth died with a process; `unknown`: nothing to go by. Totals carry the worst of their parts.
 */
export const EVIDENCE = ['reported', 'estimated', 'bounded', 'unknown'] as const
export type Evidence = (typeof EVIDENCE)[number]

/**
 * Sums of the attempt's own reported buckets, of one side; undefined where none of them was reported, so that unknown
 * never reads 0.
 */
export function inputTokens(usage: Usage): number | undefined {
  return sum(usage.buckets, INPUT_BUCKETS)
}
export function outputTokens(usage: Usage): number | undefined {
  return sum(usage.buckets, OUTPUT_BUCKETS)
}

/** All tokens of the attempt, as token limits count them: cached input counts like any other, and so do other models'. */
export function totalTokens(usage: Usage): number | undefined {
  let total = sum(usage.buckets, BUCKETS)
  for (const { buckets } of usage.elsewhere ?? []) {
    const more = sum(buckets, BUCKETS)
    if (more !== undefined) total = (total ?? 0) + more
  }
  return total
}

/** The part of them that is of other models. */
export function tokensElsewhere({ elsewhere }: Usage): number | undefined {
  return elsewhere && totalTokens({ buckets: {}, elsewhere })
}

function sum(buckets: Buckets, names: readonly Bucket[]): number | undefined {
  let total: number | undefined
  for (const name of names) {
    const tokens = buckets[name]
    if (tokens !== undefined) total = (total ?? 0) + tokens
  }
  return total
}

/**
 * Why a reported usage cannot be true, or undefined. Such a usage is quarantined: kept raw, shown, and not counted;
 * clamping it silently would hide that a provider changed its wire (wire-facts rule 1, check B30).
 */
export function implausible(
  usage: Usage,
  reportedTotal: number | undefined,
  contextTokens: number | undefined,
): string | undefined {
  const wrong = noCount(usage.buckets)
  if (wrong !== undefined) return wrong
  for (const { model, buckets } of usage.elsewhere ?? []) {
    const wrongThere = noCount(buckets)
    if (wrongThere !== undefined) return `of ${model}, ${wrongThere}`
  }
  for (const [kind, calls] of Object.entries(usage.toolCalls ?? {}))
    if (!Number.isSafeInteger(calls) || calls < 0) return `${kind} is ${calls}, which is no count of calls`
  const all = totalTokens(usage)
  if (all !== undefined && !Number.isSafeInteger(all)) return `the buckets add up to ${all}, which cannot be`
  // The provider's total and the model's context are of the attempt's own model alone.
  const total = sum(usage.buckets, BUCKETS)
  if (total !== undefined && reportedTotal !== undefined && total !== reportedTotal)
    return `the buckets add up to ${total}, the provider's total is ${reportedTotal}`
  if (total !== undefined && contextTokens !== undefined && total > contextTokens * ABSURD_CONTEXTS)
    return `${total} tokens are more than ${ABSURD_CONTEXTS} times the model's context of ${contextTokens}`
  return undefined
}

function noCount(buckets: Buckets): string | undefined {
  for (const name of BUCKETS) {
    const tokens = buckets[name]
    if (tokens === undefined) continue
    if (!Number.isSafeInteger(tokens) || tokens < 0) return `${name} is ${tokens}, which is no count of tokens`
  }
  return undefined
}

/** Ten contexts: hosted tools and several choices may read a context more than once, but not without end. */
const ABSURD_CONTEXTS = 10
