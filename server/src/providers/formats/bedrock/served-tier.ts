const MAX_LENGTH = 64

/**
 * The tier that an answer says it was served at, of what Bedrock bills apart: the service tier, and the latency that a
 * performance configuration asked for. Undefined for the usual ones.
 */
export function servedTier(tier: unknown, latency: unknown): string | undefined {
  const traits = [latency, tier].filter(
    (word): word is string => typeof word === 'string' && word.length <= MAX_LENGTH && !USUAL.has(word),
  )
  return traits.length > 0 ? traits.toSorted().join('+') : undefined
}
const USUAL = new Set(['', 'default', 'standard'])
