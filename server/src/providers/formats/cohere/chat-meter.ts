import type { Frame, Meter, MeterReading, Verdict } from '../../../core/ports/format.ts'
import { arrayOrEmpty, type JsonObject, objectOrUndefined } from '../field.ts'
import { outputText } from '../output-text.ts'
import { rawMember } from '../raw-usage.ts'
import { type Figures, updateFigures, usageOf } from './figures.ts'

/** Reads the answers of Cohere's Chat: one message, or events of which `message-end` is the last and brings the usage. */
export function cohereChatMeter({ stream }: { stream: boolean }): Meter {
  const figures: Figures = new Map()
  const text = outputText()
  let rawUsage: string | null = null
  let finished = false
  let failed = false

  const readEnd = (end: JsonObject, data: string, path: readonly string[]) => {
    const usage = objectOrUndefined(end['usage'])
    if (usage) {
      updateFigures(figures, usage)
      rawUsage = rawMember(data, path) ?? null
    }
    failed = end['finish_reason'] === 'ERROR' || end['error'] != null
    finished = !failed && end['finish_reason'] != null
  }
  const readPart = (value: unknown) => {
    const part = objectOrUndefined(value)
    text.add(part?.['text'])
    text.add(part?.['thinking'])
  }
  const readCall = (value: unknown) => {
    const called = objectOrUndefined(objectOrUndefined(value)?.['function'])
    text.add(called?.['name'])
    text.add(called?.['arguments'])
  }
  /** Of a piece, what is a list in a whole message is its one member. */
  const readMessage = (message: JsonObject) => {
    text.add(message['tool_plan'])
    for (const part of listOf(message['content'])) readPart(part)
    for (const called of listOf(message['tool_calls'])) readCall(called)
  }
  const read = (frame: Frame): Verdict => {
    const json = objectOrUndefined(JSON.parse(frame.data)) ?? {}
    if (!stream) {
      const message = objectOrUndefined(json['message'])
      if (message) readMessage(message)
      readEnd(json, frame.data, ['usage'])
      // An error has a message, too, which is a text.
      failed ||= message === undefined
      return 'hold'
    }
    const delta = objectOrUndefined(json['delta']) ?? {}
    readMessage(objectOrUndefined(delta['message']) ?? {})
    if (json['type'] !== 'message-end') return 'pass'
    readEnd(delta, frame.data, ['delta', 'usage'])
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
      const usage = usageOf(figures)
      return {
        usage,
        reportedTotal: undefined,
        rawUsage: usage === undefined ? null : rawUsage,
        servedModel: null,
        finished: finished && !failed,
        failed,
        outputText: text.text(),
        outputLength: text.length(),
      }
    },
  }
}

function listOf(value: unknown): readonly unknown[] {
  return objectOrUndefined(value) ? [value] : arrayOrEmpty(value)
}
