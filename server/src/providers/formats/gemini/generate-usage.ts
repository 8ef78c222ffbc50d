import type { Buckets } from '../../../core/usage.ts'
import { arrayOrEmpty, type JsonObject, numberOrUndefined, objectOrUndefined, stringOrEmpty } from '../field.ts'

/** Google's figures, each the last one that was not null: they come with many frames, and grow. */
export interface Figures {
  prompt?: number
  cached?: number
  candidates?: number
  thoughts?: number
  toolPrompt?: number
  total?: number
  /** Tokens by modality, where Google tells them apart. */
  promptBy?: Modalities
  cachedBy?: Modalities
  candidatesBy?: Modalities
}
type Modalities = ReadonlyMap<string, number>

/** Takes over what a usageMetadata says. */
export function updateFigures(figures: Figures, usage: JsonObject): void {
  set(figures, 'prompt', usage['promptTokenCount'])
  set(figures, 'cached', usage['cachedContentTokenCount'])
  set(figures, 'candidates', usage['candidatesTokenCount'])
  set(figures, 'thoughts', usage['thoughtsTokenCount'])
  set(figures, 'toolPrompt', usage['toolUsePromptTokenCount'])
  set(figures, 'total', usage['totalTokenCount'])
  // Embeddings have it in the singular.
  setModalities(figures, 'promptBy', usage['promptTokensDetails'] ?? usage['promptTokenDetails'])
  setModalities(figures, 'cachedBy', usage['cacheTokensDetails'])
  setModalities(figures, 'candidatesBy', usage['candidatesTokensDetails'])
}

type CountName = 'prompt' | 'cached' | 'candidates' | 'thoughts' | 'toolPrompt' | 'total'
function set(figures: Figures, name: CountName, value: unknown): void {
  const figure = numberOrUndefined(value)
  if (figure !== undefined) figures[name] = figure
}

function setModalities(figures: Figures, name: 'promptBy' | 'cachedBy' | 'candidatesBy', value: unknown): void {
  if (!Array.isArray(value)) return
  const modalities = new Map<string, number>()
  for (const one of arrayOrEmpty(value)) {
    const { modality, tokenCount } = objectOrUndefined(one) ?? {}
    const kind = stringOrEmpty(modality)
    if (COUNTED_APART.has(kind))
      modalities.set(kind, (modalities.get(kind) ?? 0) + (numberOrUndefined(tokenCount) ?? 0))
  }
  figures[name] = modalities
}
/** Video and documents have no buckets of their own: Google bills them as text. */
const COUNTED_APART = new Set(['AUDIO', 'IMAGE'])

/**
 * Disjoint buckets. The prompt includes what was cached, the candidates exclude thoughts; what tools put before the model
 * is beside the prompt. A share larger than its whole leaves a negative bucket, on purpose: the usage is quarantined.
 */
export function bucketsOf(figures: Figures): Buckets {
  const { prompt, cached, candidates, thoughts, toolPrompt, candidatesBy } = figures
  const buckets: { -readonly [B in keyof Buckets]: Buckets[B] } = {}
  const inAudio = uncached(figures, 'AUDIO', 0)
  const inImage = uncached(figures, 'IMAGE', inAudio ?? 0)
  if (prompt !== undefined) buckets.inUncached = prompt - (cached ?? 0) - (inAudio ?? 0) - (inImage ?? 0)
  if (cached !== undefined) buckets.inCacheRead = cached
  if (inAudio !== undefined) buckets.inAudio = inAudio
  if (inImage !== undefined) buckets.inImage = inImage
  if (toolPrompt !== undefined) buckets.inToolPrompt = toolPrompt
  const outAudio = candidatesBy?.get('AUDIO')
  const outImage = candidatesBy?.get('IMAGE')
  const inside = thoughtsAreInside(figures) ? thoughts! : 0
  if (candidates !== undefined) buckets.outText = candidates - inside - (outAudio ?? 0) - (outImage ?? 0)
  if (thoughts !== undefined) buckets.outReasoning = thoughts
  if (outAudio !== undefined) buckets.outAudio = outAudio
  if (outImage !== undefined) buckets.outImage = outImage
  return buckets
}

/**
 * A modality's tokens that were not read from the cache. Where the cache is not told apart by modality, as few of them
 * count as cached as can be, beside those that are `taken`: audio is dearer than text, so no bill comes out too low.
 */
function uncached(figures: Figures, modality: string, taken: number): number | undefined {
  const { prompt, cached, promptBy, cachedBy } = figures
  const tokens = promptBy?.get(modality)
  if (tokens === undefined) return undefined
  if (cachedBy) return tokens - (cachedBy.get(modality) ?? 0)
  if (cached === undefined || cached === 0 || prompt === undefined) return tokens
  return Math.min(tokens, Math.max(0, prompt - cached - taken))
}

/** Some of Google's hosts have counted thoughts among the candidates: the total tells. */
function thoughtsAreInside({ prompt, candidates, thoughts, toolPrompt, total }: Figures): boolean {
  if (total === undefined || candidates === undefined || !thoughts) return false
  return total === (prompt ?? 0) + candidates + (toolPrompt ?? 0)
}

/**
 * The tier that an answer says it was served at; undefined for the usual one. The Gemini API tells in a header or in its
 * usage, Vertex in the type of traffic.
 */
export function servedTier(usage: JsonObject | undefined, header: unknown): string | undefined {
  const tier = [usage?.['serviceTier'], header, usage?.['trafficType']].map(stringOrEmpty).find((told) => told !== '')
  const name = (tier ?? '').toLowerCase().replace(/^(?:service_tier_|on_demand_)/, '')
  return /^[a-z][a-z_]{0,31}$/.test(name) && !USUAL.has(name) ? name : undefined
}
const USUAL = new Set(['standard', 'default', 'unspecified', 'on_demand', 'traffic_type_unspecified'])
