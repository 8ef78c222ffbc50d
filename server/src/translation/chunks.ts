import type { LanguageModelV3StreamPart } from '@ai-sdk/provider'
import { finishOf, type Head, usageOf } from './answer.ts'

/** Remembers from part to part which tool calls there are, in their order. */
export interface ChunkWriter {
  /** The events to write for a part; none where it says nothing to a client of OpenAI's. */
  chunk(part: LanguageModelV3StreamPart): readonly object[]
}

/** Writes the parts of a stream as OpenAI's chunks. */
export function chunkWriter(head: Head, includeUsage: boolean): ChunkWriter {
  const tools = new Map<string, number>()
  const nothing = includeUsage ? { usage: null } : {}
  const chunk = (delta: object, finish: string | null = null) => ({
    ...head,
    object: 'chat.completion.chunk',
    choices: [{ index: 0, delta, logprobs: null, finish_reason: finish }],
    ...nothing,
  })
  const toolChunk = (id: string, more: object) => chunk({ tool_calls: [{ index: tools.get(id) ?? 0, ...more }] })

  return {
    chunk(part) {
      switch (part.type) {
        case 'stream-start':
          return [chunk({ role: 'assistant', content: '' })]
        case 'text-delta':
          return [chunk({ content: part.delta })]
        case 'reasoning-delta':
          return [chunk({ reasoning_content: part.delta })]
        case 'tool-input-start':
          tools.set(part.id, tools.size)
          return [
            toolChunk(part.id, { id: part.id, type: 'function', function: { name: part.toolName, arguments: '' } }),
          ]
        case 'tool-input-delta':
          return [toolChunk(part.id, { function: { arguments: part.delta } })]
        case 'finish': {
          const last = chunk({}, finishOf(part.finishReason))
          const usage = { ...head, object: 'chat.completion.chunk', choices: [], usage: usageOf(part.usage) }
          return includeUsage ? [last, usage] : [last]
        }
        default:
          return []
      }
    },
  }
}
