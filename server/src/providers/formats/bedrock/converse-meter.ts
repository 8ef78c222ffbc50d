import type { Frame, Meter, Verdict } from '../../../core/ports/format.ts'
import { arrayOrEmpty, type JsonObject, objectOrUndefined, servedName } from '../field.ts'
import { type OutputText, outputText } from '../output-text.ts'
import { rawMember } from '../raw-usage.ts'
import { converseUsage } from './converse-usage.ts'
import { servedTier } from './served-tier.ts'

/** Reads the answers of Converse, plain or streamed: there the usage comes last, in `metadata`, after `messageStop`. */
export function converseMeter({ stream }: { readonly stream: boolean }): Meter {
  const text = outputText()
  let usage: JsonObject | undefined
  let rawUsage: string | null = null
  let serviceTier: string | undefined
  let servedModel: string | null = null
  let finished = false
  let failed = false

  const readMetadata = (json: JsonObject, data: string) => {
    const trace = objectOrUndefined(json['trace'])
    servedModel = servedName(objectOrUndefined(trace?.['promptRouter'])?.['invokedModelId']) ?? servedModel
    const latency = objectOrUndefined(json['performanceConfig'])?.['latency']
    serviceTier = servedTier(objectOrUndefined(json['serviceTier'])?.['type'], latency)
    usage = objectOrUndefined(json['usage']) ?? usage
    if (usage) rawUsage = rawMember(data, ['usage']) ?? rawUsage
  }
  const readEvent = ({ event, data }: Frame): Verdict => {
    if (isException(event)) failed = true
    const json = objectOrUndefined(JSON.parse(data)) ?? {}
    switch (event) {
      case 'contentBlockStart':
        addBlock(text, json['start'])
        return 'pass'
      case 'contentBlockDelta':
        addBlock(text, json['delta'])
        return 'pass'
      case 'messageStop':
        finished = true
        return 'keep'
      case 'metadata':
        readMetadata(json, data)
        finished = true
        return 'hold'
      default:
        return 'pass'
    }
  }
  const readAnswer = ({ data }: Frame): Verdict => {
    const json = objectOrUndefined(JSON.parse(data))
    const message = objectOrUndefined(objectOrUndefined(json?.['output'])?.['message'])
    for (const block of arrayOrEmpty(message?.['content'])) addBlock(text, block)
    if (json) readMetadata(json, data)
    // Where an answer would have its `output`, AWS's errors have a message.
    failed = typeof json?.['message'] === 'string'
    finished = json !== undefined
    return 'hold'
  }

  return {
    frame(frame) {
      try {
        return stream ? readEvent(frame) : readAnswer(frame)
      } catch {
        return stream ? 'pass' : 'hold'
      }
    },
    reading() {
      const read = usage && converseUsage(usage)
      return {
        usage: read && { ...read.usage, ...(serviceTier !== undefined && { serviceTier }) },
        reportedTotal: read?.reportedTotal,
        rawUsage,
        servedModel,
        finished: finished && !failed,
        failed,
        outputText: text.text(),
        outputLength: text.length(),
      }
    },
  }
}

/** An event stream's own way to say that an answer that had begun well has failed. */
export function isException(event: string): boolean {
  return event === 'error' || event.endsWith('Exception')
}

/** What a model wrote in a block, or in the beginning or a piece of one. */
export function addBlock(text: OutputText, value: unknown): void {
  const block = objectOrUndefined(value)
  if (block === undefined) return
  text.add(block['text'])
  const reasoning = objectOrUndefined(block['reasoningContent'])
  text.add(reasoning?.['text'])
  text.add(objectOrUndefined(reasoning?.['reasoningText'])?.['text'])
  text.add(objectOrUndefined(block['citationsContent'])?.['content'])
  const toolUse = objectOrUndefined(block['toolUse'])
  if (toolUse === undefined) return
  text.add(toolUse['name'])
  const { input } = toolUse
  text.add(objectOrUndefined(input) && Object.keys(input as JsonObject).length > 0 ? JSON.stringify(input) : input)
}
