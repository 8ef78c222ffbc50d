import type { Frame, Meter, MeterReading, Verdict } from '../../../core/ports/format.ts'
import type { Buckets, Usage } from '../../../core/usage.ts'
import {
  arrayOrEmpty,
  countOrUndefined,
  type JsonObject,
  numberOrUndefined,
  objectOrUndefined,
  servedName,
} from '../field.ts'
import { outputText } from '../output-text.ts'
import { rawMember } from '../raw-usage.ts'

/** Anthropic's figures by their own names, each the last one that was not null: its deltas are cumulative. */
interface Figures {
  readonly tokens: Map<string, number>
  compactions: readonly JsonObject[]
}

/** Reads the answers of Anthropic Messages, plain or streamed: message_start, then message_delta over it. */
export function anthropicMessagesMeter({ stream }: { stream: boolean }): Meter {
  const figures: Figures = { tokens: new Map(), compactions: [] }
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
  const readBlock = (value: unknown) => {
    const block = objectOrUndefined(value)
    if (block === undefined) return
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
    arrayOrEmpty(message['content']).forEach(readBlock)
  }
  const readEvent = (event: JsonObject, data: string): Verdict => {
    switch (event['type']) {
      case 'message_start':
        readMessage(objectOrUndefined(event['message']) ?? {}, data, ['message', 'usage'])
        return 'pass'
      case 'content_block_start':
        readBlock(event['content_block'])
        return 'pass'
      case 'content_block_delta':
        readBlock(event['delta'])
        return 'pass'
      case 'message_delta':
        readUsage('message_delta', event['usage'], data, ['usage'])
        if (objectOrUndefined(event['delta'])?.['stop_reason'] != null) finished = true
        return 'pass'
      case 'message_stop':
        finished = true
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
        usage: rawUsages.size > 0 ? usageOf(figures) : undefined,
        reportedTotal: undefined,
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

function update(figures: Figures, usage: JsonObject): void {
  const set = (name: string, value: unknown) => {
    const figure = numberOrUndefined(value)
    if (figure !== undefined) figures.tokens.set(name, figure)
  }
  for (const name of TOP_LEVEL) set(name, usage[name])
  const split = objectOrUndefined(usage['cache_creation'])
  set('5m', split?.['ephemeral_5m_input_tokens'])
  set('1h', split?.['ephemeral_1h_input_tokens'])
  set('thinking', objectOrUndefined(usage['output_tokens_details'])?.['thinking_tokens'])
  const tools = objectOrUndefined(usage['server_tool_use'])
  set('web_search', countOrUndefined(tools?.['web_search_requests']))
  set('web_fetch', countOrUndefined(tools?.['web_fetch_requests']))
  if (Array.isArray(usage['iterations']))
    figures.compactions = usage['iterations']
      .map(objectOrUndefined)
      .filter((iteration): iteration is JsonObject => iteration?.['type'] === 'compaction')
}
const TOP_LEVEL = ['input_tokens', 'cache_creation_input_tokens', 'cache_read_input_tokens', 'output_tokens'] as const

/**
 * Anthropic's buckets are disjoint already, but for thinking, which its output includes. Compactions are billed beside
 * the top level, at the same model, and are added. Advisors are billed at another model and declined fallbacks not at
 * all: they stay in the raw usage only.
 */
function usageOf({ tokens, compactions }: Figures): Usage {
  const buckets: { -readonly [B in keyof Buckets]: Buckets[B] } = {}
  const add = (bucket: keyof Buckets, count: number | undefined) => {
    if (count !== undefined) buckets[bucket] = (buckets[bucket] ?? 0) + count
  }
  add('inUncached', tokens.get('input_tokens'))
  add('inCacheRead', tokens.get('cache_read_input_tokens'))
  addCacheWrites(add, tokens)
  add('outReasoning', tokens.get('thinking'))
  const output = tokens.get('output_tokens')
  if (output !== undefined) add('outText', output - (tokens.get('thinking') ?? 0))
  for (const compaction of compactions) {
    const compacted: Figures = { tokens: new Map(), compactions: [] }
    update(compacted, compaction)
    // A compaction has none of its own, whatever it says.
    const { buckets: more } = usageOf({ tokens: compacted.tokens, compactions: [] })
    for (const [bucket, count] of Object.entries(more)) add(bucket as keyof Buckets, count)
  }
  const toolCalls: Record<string, number> = {}
  for (const kind of ['web_search', 'web_fetch']) {
    const calls = tokens.get(kind)
    if (calls !== undefined) toolCalls[kind] = calls
  }
  return Object.keys(toolCalls).length > 0 ? { buckets, toolCalls } : { buckets }
}

/**
 * By time to live, as message_start tells. What a later cumulative figure has beyond that split has no known time to
 * live. A split larger than its whole leaves a negative rest, on purpose: the usage is then quarantined.
 */
function addCacheWrites(
  add: (bucket: keyof Buckets, count: number | undefined) => void,
  tokens: ReadonlyMap<string, number>,
): void {
  const shortLived = tokens.get('5m')
  const longLived = tokens.get('1h')
  const all = tokens.get('cache_creation_input_tokens')
  add('inCacheWrite5m', shortLived)
  add('inCacheWrite1h', longLived)
  const isSplit = shortLived !== undefined || longLived !== undefined
  const rest = all === undefined ? 0 : all - (shortLived ?? 0) - (longLived ?? 0)
  if (rest !== 0 || (all !== undefined && !isSplit)) add('inCacheWriteOther', rest)
}
