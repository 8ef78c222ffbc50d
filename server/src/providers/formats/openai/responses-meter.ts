import type { Frame, Meter, MeterReading, Verdict } from '../../../core/ports/format.ts'
import type { Usage } from '../../../core/usage.ts'
import { arrayOrEmpty, type JsonObject, objectOrUndefined, servedName, stringOrEmpty } from '../field.ts'
import { outputText, type OutputText } from '../output-text.ts'
import { rawMember } from '../raw-usage.ts'
import { bucketsOf, type Figures, updateFromResponse } from './figures.ts'
import { hostedTools } from './hosted-tools.ts'
import { servedTier } from './service-tier.ts'

/** After these no figure changes, and each has the whole response in it. */
const TERMINAL = new Set(['response.completed', 'response.incomplete', 'response.failed'])
/** A response that is not over when the call is: it goes on in the background. */
const PENDING = new Set<unknown>(['queued', 'in_progress'])

/** Reads the answers of OpenAI Responses, and what came of a compaction. */
export function openaiResponsesMeter({ stream }: { stream: boolean }): Meter {
  const figures: Figures = {}
  const text = outputText()
  const tools = hostedTools()
  let rawUsage: string | null = null
  let servedModel: string | null = null
  let serviceTier: string | undefined
  let finished = false
  let failed = false

  const readResponse = (response: JsonObject, raw: () => string | undefined) => {
    servedModel = servedName(response['model']) ?? servedModel
    if (response['service_tier'] != null) serviceTier = servedTier(response['service_tier'])
    if (response['status'] === 'failed' || response['error'] != null) failed = true
    tools.response(response)
    const usage = objectOrUndefined(response['usage'])
    if (usage === undefined) return
    updateFromResponse(figures, usage)
    rawUsage = raw() ?? rawUsage
  }

  const readEvent = ({ data, event }: Frame, json: JsonObject): Verdict => {
    const type = stringOrEmpty(json['type']) || event
    const response = objectOrUndefined(json['response'])
    if (response) readResponse(response, () => rawMember(data, ['response', 'usage']))
    const item = objectOrUndefined(json['item'])
    if (type === 'response.output_item.added' && item) text.add(item['name'])
    if (type === 'response.output_item.done' && item) tools.done(item)
    if (type.endsWith('.delta') && type !== 'response.audio.delta') text.add(stringOrEmpty(json['delta']))
    if (TERMINAL.has(type)) {
      finished = true
      return 'hold'
    }
    // `response.failed` may follow, with its usage (seen where a rate limit was met inside a stream).
    if (type !== 'error' && json['error'] == null) return 'pass'
    failed = true
    return 'keep'
  }

  const readBody = ({ data }: Frame, json: JsonObject) => {
    readResponse(json, () => rawMember(data, ['usage']))
    for (const item of arrayOrEmpty(json['output'])) readItem(objectOrUndefined(item) ?? {}, text.add)
    finished = typeof json['status'] === 'string' ? !PENDING.has(json['status']) : !failed
  }

  return {
    frame(frame) {
      const otherwise = stream ? 'pass' : 'hold'
      try {
        const json = objectOrUndefined(JSON.parse(frame.data))
        if (json === undefined) return otherwise
        if (stream) return readEvent(frame, json)
        readBody(frame, json)
      } catch {
        // What cannot be read is not known.
      }
      return otherwise
    },
    reading(): MeterReading {
      return {
        usage: usageOf(),
        reportedTotal: figures.total,
        rawUsage,
        servedModel,
        finished,
        failed,
        outputText: text.text(),
        outputLength: text.length(),
      }
    },
  }

  /** Where the end is missing, the fees of tools that ran are known all the same. */
  function usageOf(): Usage | undefined {
    const used = tools.used()
    const tier = serviceTier !== undefined && { serviceTier }
    if (rawUsage !== null) return { buckets: bucketsOf(figures), ...used, ...tier }
    return used.toolCalls && !finished ? { buckets: {}, toolCalls: used.toolCalls, ...tier } : undefined
  }
}

/** Everything that an item of the output made the model write; a compaction repeats what users said. */
function readItem(item: JsonObject, add: OutputText['add']): void {
  if (item['role'] === 'user') return
  add(item['name'])
  add(item['summary'])
  add(item['content'])
  add(item['arguments'] ?? item['input'] ?? item['code'])
}
