import type { AnswerHead, Frame, Meter, MeterReading, Verdict } from '../../../core/ports/format.ts'
import type { Usage } from '../../../core/usage.ts'
import { ELEMENT } from '../../framing/json-array.ts'
import { arrayOrEmpty, type JsonObject, objectOrUndefined, servedName, stringOrEmpty } from '../field.ts'
import { outputText } from '../output-text.ts'
import { rawMember } from '../raw-usage.ts'
import { bucketsOf, type Figures, servedTier, updateFigures } from './generate-usage.ts'
import { grounding } from './grounding.ts'

/**
 * Reads Gemini's answers: one object, events, or the elements of an array. A frame with usage alone may follow the one
 * that ends the text, so from that one on all waits for the end of the answer.
 */
export function geminiGenerateMeter({ stream, headers }: AnswerHead): Meter {
  const figures: Figures = {}
  const text = outputText()
  const grounded = grounding()
  const candidates = new Map<unknown, 'open' | 'ended'>()
  let rawUsage: string | null = null
  let lastUsage: JsonObject | undefined
  let servedModel: string | null = null
  let blocked = false
  let whole = false
  let failed = false

  const readCandidate = (value: unknown) => {
    const candidate = objectOrUndefined(value)
    if (candidate === undefined) return
    for (const part of arrayOrEmpty(objectOrUndefined(candidate['content'])?.['parts'])) readPart(part, text.add)
    const metadata = objectOrUndefined(candidate['groundingMetadata'])
    if (metadata) grounded.read(metadata)
    const index = candidate['index'] ?? 0
    const ended = isEnd(candidate['finishReason']) || candidates.get(index) === 'ended'
    if (candidates.size < MAX_CANDIDATES || candidates.has(index)) candidates.set(index, ended ? 'ended' : 'open')
  }
  const hasEnded = () => blocked || (candidates.size > 0 && candidates.values().every((state) => state === 'ended'))
  const read = (frame: Frame, isWhole: boolean): Verdict => {
    const json = objectOrUndefined(JSON.parse(frame.data))
    if (json === undefined) return isWhole ? 'hold' : 'pass'
    if (json['error'] != null) failed = true
    servedModel = servedName(json['modelVersion']) ?? servedModel
    const usage = objectOrUndefined(json['usageMetadata'])
    if (usage) {
      updateFigures(figures, usage)
      lastUsage = { ...lastUsage, ...usage }
      rawUsage = rawMember(frame.data, ['usageMetadata']) ?? rawUsage
    }
    if (isEnd(objectOrUndefined(json['promptFeedback'])?.['blockReason'])) blocked = true
    arrayOrEmpty(json['candidates']).forEach(readCandidate)
    if (isWhole) whole = !failed
    if (isWhole) return 'hold'
    return hasEnded() ? 'keep' : 'pass'
  }
  const usageOf = (): Usage | undefined => {
    if (Object.keys(figures).length === 0) return undefined
    const toolCalls = grounded.toolCalls(servedModel)
    const serviceTier = servedTier(lastUsage, headers[TIER_HEADER])
    return {
      buckets: bucketsOf(figures),
      ...(toolCalls && { toolCalls }),
      ...(serviceTier !== undefined && { serviceTier }),
    }
  }

  return {
    frame(frame) {
      const isWhole = !stream && frame.event !== ELEMENT
      try {
        return read(frame, isWhole)
      } catch {
        return isWhole ? 'hold' : 'pass'
      }
    },
    reading(): MeterReading {
      const usage = usageOf()
      return {
        usage,
        reportedTotal: figures.total,
        rawUsage: usage ? rawUsage : null,
        servedModel,
        finished: !failed && (whole || hasEnded()),
        failed,
        outputText: text.text(),
        outputLength: text.length(),
      }
    },
  }
}
/** Google's own ceiling is 8; a host that sends more candidates than this is not followed. */
const MAX_CANDIDATES = 128
const TIER_HEADER = 'x-gemini-service-tier'

function isEnd(reason: unknown): boolean {
  return typeof reason === 'string' && reason !== '' && !reason.endsWith('_UNSPECIFIED')
}

/** What the model wrote: text and thoughts, calls, code. The output of code that Google ran is not the model's. */
function readPart(value: unknown, add: (piece: unknown) => void): void {
  const part = objectOrUndefined(value)
  if (part === undefined) return
  add(part['text'])
  const call = objectOrUndefined(part['functionCall'])
  if (call) {
    add(call['name'])
    const { args } = call
    if (args != null) add(JSON.stringify(args))
  }
  add(stringOrEmpty(objectOrUndefined(part['executableCode'])?.['code']))
}
