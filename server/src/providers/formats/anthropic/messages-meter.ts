import type { Frame, Meter, MeterReading, Verdict } from '../../../core/ports/format.ts'
import { arrayOrEmpty, type JsonObject, objectOrUndefined, servedName, stringOrEmpty } from '../field.ts'
import { outputText } from '../output-text.ts'
import { rawMember } from '../raw-usage.ts'
import { type Figures, forgetPlaceholder, newFigures, update, usageOf } from './messages-usage.ts'

/** Reads the answers of Anthropic Messages, plain or streamed: message_start, then message_delta over it. */
export function anthropicMessagesMeter({ stream }: { stream: boolean }): Meter {
  const figures = newFigures()
  const rawUsages = new Map<string, string>()
  const text = outputText()
  let servedModel: string | null = null
  let finished = false
  let failed = false

  const readUsage = (where: string, usage: unknown, data: string, path: readonly string[]) => {
    const object = objectOrUndefined(usage)
    if (object === undefined) return
    update(figures, object)
    const raw = rawMember(data, path)
    if (raw !== undefined) rawUsages.set(where, raw)
  }
  const readBlock = (value: unknown, place: unknown) => {
    const block = objectOrUndefined(value)
    if (block === undefined) return
    servedModel = readBilled(figures, block, place) ?? servedModel
    text.add(block['text'])
    text.add(block['thinking'])
    text.add(block['partial_json'])
    text.add(block['name'])
    const { input } = block
    if (objectOrUndefined(input) && Object.keys(input as JsonObject).length > 0) text.add(JSON.stringify(input))
  }
  const readMessage = (message: JsonObject, data: string, path: readonly string[]) => {
    servedModel = servedName(message['model']) ?? servedModel
    readUsage(path[0] === 'usage' ? 'usage' : 'message_start', message['usage'], data, path)
    readStop(figures, message)
    arrayOrEmpty(message['content']).forEach(readBlock)
  }
  const finish = () => {
    forgetPlaceholder(figures)
    finished = true
  }
  const readEvent = (event: JsonObject, data: string): Verdict => {
    switch (event['type']) {
      case 'message_start':
        readMessage(objectOrUndefined(event['message']) ?? {}, data, ['message', 'usage'])
        figures.outputIsPlaceholder = true
        return 'pass'
      case 'content_block_start':
        readBlock(event['content_block'], event['index'])
        return 'pass'
      case 'content_block_delta':
        readBlock(event['delta'], event['index'])
        return 'pass'
      case 'message_delta':
        readUsage('message_delta', event['usage'], data, ['usage'])
        if (readStop(figures, objectOrUndefined(event['delta']) ?? {})) finish()
        return 'pass'
      case 'message_stop':
        finish()
        return 'hold'
      case 'error':
        failed = true
        return 'pass'
      default:
        return 'pass'
    }
  }
  const read = (frame: Frame): Verdict => {
    if (frame.event === 'error') failed = true
    const json = objectOrUndefined(JSON.parse(frame.data))
    if (stream) return json ? readEvent(json, frame.data) : 'pass'
    if (json?.['type'] === 'error') failed = true
    else if (json) {
      readMessage(json, frame.data, ['usage'])
      finished = true
    }
    return 'hold'
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
      return {
        ...(rawUsages.size > 0 ? usageOf(figures) : { usage: undefined, reportedTotal: undefined }),
        rawUsage: rawText(rawUsages),
        servedModel,
        finished: finished && !failed,
        failed,
        outputText: text.text(),
        outputLength: text.length(),
      }
    },
  }
}

/** A plain answer's usage as it came; of a stream, both of its usages by the event that brought them. */
function rawText(rawUsages: ReadonlyMap<string, string>): string | null {
  if (rawUsages.size === 0) return null
  const plain = rawUsages.get('usage')
  if (plain !== undefined) return plain
  return `{${[...rawUsages].map(([event, raw]) => `${JSON.stringify(event)}:${raw}`).join(',')}}`
}

/** Blocks that tell of the bill: a run of code, and a model that gives way to another, whose name is returned. */
function readBilled(figures: Figures, block: JsonObject, place: unknown): string | undefined {
  const { hops, codeExecutions } = figures
  if (block['type'] === 'server_tool_use' && stringOrEmpty(block['name']).endsWith('code_execution')) {
    if (codeExecutions.size < MOST_PLACES) codeExecutions.add(place)
  }
  if (block['type'] !== 'fallback') return undefined
  const from = servedName(objectOrUndefined(block['from'])?.['model'])
  const category = objectOrUndefined(block['trigger'])?.['category']
  if (hops.size < MOST_PLACES) hops.set(place, { from, category: typeof category === 'string' ? category : null })
  return servedName(objectOrUndefined(block['to'])?.['model'])
}
const MOST_PLACES = 1000

/** Why the model stopped, where it has; a refusal is billed by its category. */
function readStop(figures: Figures, message: JsonObject): boolean {
  const reason = message['stop_reason']
  if (reason == null) return false
  const category = objectOrUndefined(message['stop_details'])?.['category']
  figures.refusal = reason === 'refusal' ? (typeof category === 'string' ? category : null) : undefined
  return true
}
