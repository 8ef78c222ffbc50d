import type { Buckets } from '../../../core/usage.ts'
import { type JsonObject, numberOrUndefined, objectOrUndefined } from '../field.ts'

/** OpenAI's figures, each the last one that was not null: hosts that repeat a cumulative usage are never summed. */
export interface Figures {
  input?: number
  output?: number
  total?: number
  cached?: number
  cacheWrite?: number
  inAudio?: number
  reasoning?: number
  outAudio?: number
}

/** Of Chat Completions, and of the older Completions. */
export function updateFromCompletion(figures: Figures, usage: JsonObject): void {
  set(figures, 'input', usage['prompt_tokens'])
  set(figures, 'output', usage['completion_tokens'])
  set(figures, 'total', usage['total_tokens'])
  updateDetails(figures, usage['prompt_tokens_details'], usage['completion_tokens_details'])
  // DeepSeek and Moonshot name the cached share at the top level.
  const cached = objectOrUndefined(usage['prompt_tokens_details'])?.['cached_tokens']
  set(figures, 'cached', cached ?? usage['prompt_cache_hit_tokens'] ?? usage['cached_tokens'])
}

export function updateFromResponse(figures: Figures, usage: JsonObject): void {
  set(figures, 'input', usage['input_tokens'])
  set(figures, 'output', usage['output_tokens'])
  set(figures, 'total', usage['total_tokens'])
  updateDetails(figures, usage['input_tokens_details'], usage['output_tokens_details'])
}

function updateDetails(figures: Figures, inputDetails: unknown, outputDetails: unknown): void {
  const input = objectOrUndefined(inputDetails) ?? {}
  const output = objectOrUndefined(outputDetails) ?? {}
  set(figures, 'cached', input['cached_tokens'])
  set(figures, 'cacheWrite', input['cache_write_tokens'])
  set(figures, 'inAudio', input['audio_tokens'])
  set(figures, 'reasoning', output['reasoning_tokens'])
  set(figures, 'outAudio', output['audio_tokens'])
}

function set(figures: Figures, name: keyof Figures, value: unknown): void {
  const figure = numberOrUndefined(value)
  if (figure !== undefined) figures[name] = figure
}

/**
 * Disjoint buckets out of figures that include each other. A share larger than its whole leaves a negative bucket, on
 * purpose: the usage is then quarantined, not clamped. Images stay in `inUncached`: OpenAI bills them as text.
 */
export function bucketsOf(figures: Figures): Buckets {
  const { input, output, total, cached, cacheWrite, inAudio, reasoning, outAudio } = figures
  const buckets: { -readonly [B in keyof Buckets]: Buckets[B] } = {}
  if (input !== undefined) buckets.inUncached = input - (cached ?? 0) - (cacheWrite ?? 0) - (inAudio ?? 0)
  if (cached !== undefined) buckets.inCacheRead = cached
  if (cacheWrite !== undefined) buckets.inCacheWriteOther = cacheWrite
  if (inAudio !== undefined) buckets.inAudio = inAudio
  // xAI counts reasoning beside the output, not inside: its total tells.
  const reasoningIsBeside =
    total !== undefined &&
    reasoning !== undefined &&
    reasoning > 0 &&
    total === (input ?? 0) + (output ?? 0) + reasoning
  const reasoningInside = reasoningIsBeside ? 0 : (reasoning ?? 0)
  if (output !== undefined) buckets.outText = output - reasoningInside - (outAudio ?? 0)
  if (reasoning !== undefined) buckets.outReasoning = reasoning
  if (outAudio !== undefined) buckets.outAudio = outAudio
  return buckets
}
