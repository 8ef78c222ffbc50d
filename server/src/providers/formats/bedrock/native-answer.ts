import type { MeterReading } from '../../../core/ports/format.ts'
import type { Usage } from '../../../core/usage.ts'
import { arrayOrEmpty, type JsonObject, numberOrUndefined, objectOrUndefined } from '../field.ts'
import type { OutputText } from '../output-text.ts'
import { addBlock } from './converse-meter.ts'
import { converseUsage } from './converse-usage.ts'

type Read = Pick<MeterReading, 'reportedTotal'> & { readonly usage: Usage }

/** The usage object of makers that tell one, in OpenAI's words or in Nova's; undefined for any other. */
export function nativeUsage(json: JsonObject): Read | undefined {
  const told = objectOrUndefined(json['usage']) ?? objectOrUndefined(objectOrUndefined(json['metadata'])?.['usage'])
  if (told === undefined) return undefined
  if ('inputTokens' in told) return converseUsage(told)
  const input = numberOrUndefined(told['prompt_tokens'])
  if (input === undefined) return undefined
  const cached = numberOrUndefined(objectOrUndefined(told['prompt_tokens_details'])?.['cached_tokens'])
  const output = numberOrUndefined(told['completion_tokens'])
  const reasoning = numberOrUndefined(objectOrUndefined(told['completion_tokens_details'])?.['reasoning_tokens'])
  return {
    usage: {
      buckets: {
        inUncached: input - (cached ?? 0),
        ...(cached !== undefined && { inCacheRead: cached }),
        ...(output !== undefined && { outText: output - (reasoning ?? 0) }),
        ...(reasoning !== undefined && { outReasoning: reasoning }),
      },
    },
    reportedTotal: numberOrUndefined(told['total_tokens']),
  }
}

/** What AWS counted itself, by its own names: of the last piece of a stream, or of a plain answer's headers. */
export function countedByAws(figures: JsonObject): Usage | undefined {
  const input = numberOrUndefined(figures['inputTokenCount'])
  const output = numberOrUndefined(figures['outputTokenCount'])
  const read = numberOrUndefined(figures['cacheReadInputTokenCount'])
  const written = numberOrUndefined(figures['cacheWriteInputTokenCount'])
  if (input === undefined && output === undefined) return undefined
  return {
    buckets: {
      ...(input !== undefined && { inUncached: input }),
      ...(read !== undefined && { inCacheRead: read }),
      ...(written !== undefined && { inCacheWriteOther: written }),
      ...(output !== undefined && { outText: output }),
    },
  }
}

const TEXTS = ['generation', 'outputText', 'completion', 'text'] as const
const LISTS = ['outputs', 'results', 'generations', 'completions', 'choices'] as const

/** What the model wrote, in an answer or a piece of one, in the words of any maker. */
export function addNativeText(text: OutputText, json: JsonObject): void {
  for (const name of TEXTS) text.add(json[name])
  for (const name of LISTS)
    for (const value of arrayOrEmpty(json[name])) {
      const item = objectOrUndefined(value) ?? {}
      text.add(item['text'])
      text.add(item['outputText'])
      text.add(objectOrUndefined(item['data'])?.['text'])
      addMessage(text, objectOrUndefined(item['message']) ?? objectOrUndefined(item['delta']))
    }
  addBlock(text, objectOrUndefined(json['contentBlockStart'])?.['start'])
  addBlock(text, objectOrUndefined(json['contentBlockDelta'])?.['delta'])
  const message = objectOrUndefined(objectOrUndefined(json['output'])?.['message'])
  for (const block of arrayOrEmpty(message?.['content'])) addBlock(text, block)
}

function addMessage(text: OutputText, message: JsonObject | undefined): void {
  if (message === undefined) return
  text.add(message['content'])
  text.add(message['reasoning_content'])
  for (const call of arrayOrEmpty(message['tool_calls'])) {
    const called = objectOrUndefined(objectOrUndefined(call)?.['function'])
    text.add(called?.['name'])
    text.add(called?.['arguments'])
  }
}

const STOPS = ['stop_reason', 'stopReason', 'completionReason', 'finish_reason'] as const

/** Whether a piece says that the model has come to its end: the stream may still bring figures. */
export function hasStopped(json: JsonObject): boolean {
  const places = [json, json['messageStop'], ...LISTS.flatMap((name) => arrayOrEmpty(json[name]))]
  return (
    json['is_finished'] === true ||
    places.some((place) => {
      const object = objectOrUndefined(place)
      return STOPS.some((name) => typeof object?.[name] === 'string')
    })
  )
}
