import type { Frame, Meter, MeterReading, Verdict } from '../../../core/ports/format.ts'
import type { Buckets, Usage } from '../../../core/usage.ts'
import { withoutData } from '../../framing/sse.ts'
import { arrayOrEmpty, type JsonObject, numberOrUndefined, objectOrUndefined, servedName } from '../field.ts'
import { outputText } from '../output-text.ts'
import { rawMember } from '../raw-usage.ts'
import { memberCut } from '../splice.ts'

/** OpenAI's figures, each the last one that was not null: hosts that repeat a cumulative usage are never summed. */
interface Figures {
  prompt?: number
  completion?: number
  total?: number
  cached?: number
  cacheWrite?: number
  inAudio?: number
  reasoning?: number
  outAudio?: number
}

/** Reads the answers of OpenAI Chat Completions, and of the many hosts that answer almost so. */
export function openaiChatMeter({ stream, stripUsage }: { stream: boolean; stripUsage: boolean }): Meter {
  const figures: Figures = {}
  const text = outputText()
  const choices = new Map<unknown, 'open' | 'ended'>()
  let rawUsage: string | null = null
  let servedModel: string | null = null
  let usageIsStale = false
  let done = false
  let failed = false

  const readUsage = (usage: JsonObject, data: string) => {
    update(figures, usage)
    rawUsage = rawMember(data, ['usage']) ?? rawUsage
    usageIsStale = false
  }
  const readChoice = (value: unknown) => {
    const choice = objectOrUndefined(value)
    if (choice === undefined) return
    readMessage(objectOrUndefined(choice['delta']) ?? objectOrUndefined(choice['message']), text.add)
    const ended = choice['finish_reason'] != null || choices.get(choice['index']) === 'ended'
    if (choices.size < MAX_CHOICES || choices.has(choice['index']))
      choices.set(choice['index'], ended ? 'ended' : 'open')
    usageIsStale = true
  }
  const read = (frame: Frame): Verdict => {
    if (stream && frame.data.startsWith('[DONE]')) {
      done = true
      return 'hold'
    }
    const json = objectOrUndefined(JSON.parse(frame.data))
    if (json === undefined) return stream ? 'pass' : 'hold'
    servedModel = servedName(json['model']) ?? servedModel
    if (json['error'] != null || frame.event === 'error') failed = true
    const chosen = arrayOrEmpty(json['choices'])
    chosen.forEach(readChoice)
    const usage = objectOrUndefined(json['usage'])
    if (usage) readUsage(usage, frame.data)
    if (!stream) {
      done = !failed
      return 'hold'
    }
    if (!stripUsage || json['usage'] === undefined) return 'pass'
    if (usage) return chosen.length === 0 ? 'drop' : 'pass'
    return json['usage'] === null ? withoutUsageKey(frame) : 'pass'
  }

  return {
    frame(frame) {
      try {
        return read(frame)
      } catch {
        return stream ? 'pass' : 'hold'
      }
    },
    reading(): MeterReading {
      const known = rawUsage !== null
      const ended = choices.size > 0 && choices.values().every((state) => state === 'ended')
      return {
        usage: known ? usageOf(figures) : undefined,
        reportedTotal: figures.total,
        rawUsage,
        servedModel,
        finished: !failed && (done || (ended && !(known && usageIsStale))),
        failed,
        outputText: text.text(),
        outputLength: text.length(),
      }
    },
  }
}
/** OpenAI's own ceiling of `n`; a host that sends more choices than that is not followed. */
const MAX_CHOICES = 128

function update(figures: Figures, usage: JsonObject): void {
  const input = objectOrUndefined(usage['prompt_tokens_details']) ?? {}
  const output = objectOrUndefined(usage['completion_tokens_details']) ?? {}
  set(figures, 'prompt', usage['prompt_tokens'])
  set(figures, 'completion', usage['completion_tokens'])
  set(figures, 'total', usage['total_tokens'])
  // DeepSeek and Moonshot name the cached share at the top level.
  set(figures, 'cached', input['cached_tokens'] ?? usage['prompt_cache_hit_tokens'] ?? usage['cached_tokens'])
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
function usageOf(figures: Figures): Usage {
  const { prompt, completion, total, cached, cacheWrite, inAudio, reasoning, outAudio } = figures
  const buckets: { -readonly [B in keyof Buckets]: Buckets[B] } = {}
  if (prompt !== undefined) buckets.inUncached = prompt - (cached ?? 0) - (cacheWrite ?? 0) - (inAudio ?? 0)
  if (cached !== undefined) buckets.inCacheRead = cached
  if (cacheWrite !== undefined) buckets.inCacheWriteOther = cacheWrite
  if (inAudio !== undefined) buckets.inAudio = inAudio
  // xAI counts reasoning beside completion_tokens, not inside: its total tells.
  const reasoningIsBeside =
    total !== undefined &&
    reasoning !== undefined &&
    reasoning > 0 &&
    total === (prompt ?? 0) + (completion ?? 0) + reasoning
  const reasoningInside = reasoningIsBeside ? 0 : (reasoning ?? 0)
  if (completion !== undefined) buckets.outText = completion - reasoningInside - (outAudio ?? 0)
  if (reasoning !== undefined) buckets.outReasoning = reasoning
  if (outAudio !== undefined) buckets.outAudio = outAudio
  return { buckets }
}

/** Everything that a message or a piece of one makes the model write. */
function readMessage(message: JsonObject | undefined, add: (piece: unknown) => void): void {
  if (message === undefined) return
  add(message['content'])
  add(message['refusal'])
  add(message['reasoning_content'] ?? message['reasoning'])
  add(objectOrUndefined(message['audio'])?.['transcript'])
  const functionCall = objectOrUndefined(message['function_call'])
  if (functionCall) readFunction(functionCall, add)
  for (const value of arrayOrEmpty(message['tool_calls'])) {
    const call = objectOrUndefined(value)
    const called = objectOrUndefined(call?.['function']) ?? objectOrUndefined(call?.['custom'])
    if (called) readFunction(called, add)
  }
}

function readFunction(called: JsonObject, add: (piece: unknown) => void): void {
  add(called['name'])
  add(called['arguments'] ?? called['input'])
}

/** The frame as it would be, had we not asked for usage. */
function withoutUsageKey(frame: Frame): Verdict {
  const cut = usualCut(frame.data) ?? memberCut(frame.data, 'usage')
  if (cut === undefined) return 'pass'
  const from = Buffer.byteLength(frame.data.slice(0, cut.start))
  const to = from + Buffer.byteLength(frame.data.slice(cut.start, cut.end))
  return { replaceWith: withoutData(frame, from, to) }
}

/**
 * Where OpenAI puts the key: at the end, at most before its padding. In valid JSON nothing else ends like that, since no
 * bracket stands between the key and the end; finding it so is several times faster than reading the whole object.
 */
function usualCut(data: string): { start: number; end: number } | undefined {
  const start = data.lastIndexOf(NULL_USAGE)
  if (start < 0 || !USUAL_END.test(data.slice(start))) return undefined
  return { start, end: start + NULL_USAGE.length }
}
const NULL_USAGE = ',"usage":null'
const USUAL_END = /^,"usage":null(?:,"obfuscation":"\w*")?\}$/
