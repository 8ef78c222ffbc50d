import type { Frame, Meter, MeterReading, Verdict } from '../../../core/ports/format.ts'
import { arrayOrEmpty, countOrUndefined, type JsonObject, objectOrUndefined, servedName } from '../field.ts'
import { type OutputText, outputText } from '../output-text.ts'
import { rawMember } from '../raw-usage.ts'
import { bucketsOf, type Figures, updateFromCompletion } from './figures.ts'
import { servedTier } from './service-tier.ts'
import { withoutUsageKey } from './stream-usage.ts'

/**
 * Reads answers that are made of `choices`, plain or in chunks: those of Chat Completions and of the older Completions,
 * and of the many hosts that answer almost so. `readPiece` adds what a choice made the model write.
 */
export function choicesMeter(
  { stream, stripUsage }: { stream: boolean; stripUsage: boolean },
  readPiece: (choice: JsonObject, add: OutputText['add']) => void,
): Meter {
  const figures: Figures = {}
  const text = outputText()
  const choices = new Map<unknown, 'open' | 'ended'>()
  let rawUsage: string | null = null
  let servedModel: string | null = null
  let serviceTier: string | undefined
  let searches: number | undefined
  let usageIsStale = false
  let done = false
  let failed = false

  const readUsage = (usage: JsonObject, raw: string | undefined) => {
    updateFromCompletion(figures, usage)
    // OpenRouter counts the searches of its own tools so.
    searches = countOrUndefined(objectOrUndefined(usage['server_tool_use'])?.['web_search_requests']) ?? searches
    rawUsage = raw ?? rawUsage
    usageIsStale = false
  }
  const readChoice = (value: unknown) => {
    const choice = objectOrUndefined(value)
    if (choice === undefined) return
    readPiece(choice, text.add)
    // OpenRouter's words for a model that broke off.
    if (choice['finish_reason'] === 'error' || choice['error'] != null) failed = true
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
    if (json['service_tier'] != null) serviceTier = servedTier(json['service_tier'])
    const groq = objectOrUndefined(json['x_groq'])
    if (json['error'] != null || groq?.['error'] != null || frame.event === 'error') failed = true
    const chosen = arrayOrEmpty(json['choices'])
    chosen.forEach(readChoice)
    const usage = objectOrUndefined(json['usage'])
    const groqUsage = objectOrUndefined(groq?.['usage'])
    if (usage) readUsage(usage, rawMember(frame.data, ['usage']))
    else if (groqUsage) readUsage(groqUsage, rawMember(frame.data, ['x_groq', 'usage']))
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
      const usage = {
        buckets: bucketsOf(figures),
        ...(searches && { toolCalls: { web_search: searches } }),
        ...(serviceTier !== undefined && { serviceTier }),
      }
      return {
        usage: known ? usage : undefined,
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
