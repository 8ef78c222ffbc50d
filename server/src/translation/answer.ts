import type { LanguageModelV3FinishReason, LanguageModelV3GenerateResult, LanguageModelV3Usage } from '@ai-sdk/provider'

/** What every piece of an answer says of its call. */
export interface Head {
  readonly id: string
  /** In seconds, as OpenAI has it. */
  readonly created: number
  readonly model: string
}

/** A whole answer in OpenAI's shape. */
export function completionOf(head: Head, { content, finishReason, usage }: LanguageModelV3GenerateResult): object {
  const text = content.flatMap((part) => (part.type === 'text' ? [part.text] : [])).join('')
  const reasoning = content.flatMap((part) => (part.type === 'reasoning' ? [part.text] : [])).join('')
  const toolCalls = content.flatMap((part) =>
    part.type === 'tool-call'
      ? [{ id: part.toolCallId, type: 'function', function: { name: part.toolName, arguments: part.input } }]
      : [],
  )
  const message = {
    role: 'assistant',
    content: text === '' && toolCalls.length > 0 ? null : text,
    refusal: null,
    ...(reasoning !== '' && { reasoning_content: reasoning }),
    ...(toolCalls.length > 0 && { tool_calls: toolCalls }),
  }
  const choice = { index: 0, message, logprobs: null, finish_reason: finishOf(finishReason) }
  return { ...head, object: 'chat.completion', choices: [choice], usage: usageOf(usage) }
}

export function finishOf({ unified }: LanguageModelV3FinishReason): string {
  return FINISHES[unified] ?? 'stop'
}
const FINISHES: Readonly<Record<string, string>> = {
  length: 'length',
  'content-filter': 'content_filter',
  'tool-calls': 'tool_calls',
}

/** OpenAI's figures include what was cached. Null where the provider reported none: unknown is not 0. */
export function usageOf({ inputTokens, outputTokens }: LanguageModelV3Usage): object | null {
  const { total: prompt, cacheRead, cacheWrite } = inputTokens
  const { total: completion, reasoning } = outputTokens
  if (prompt === undefined || completion === undefined) return null
  return {
    prompt_tokens: prompt,
    completion_tokens: completion,
    total_tokens: prompt + completion,
    ...((cacheRead !== undefined || cacheWrite !== undefined) && {
      prompt_tokens_details: { cached_tokens: cacheRead ?? 0, cache_write_tokens: cacheWrite ?? 0 },
    }),
    ...(reasoning !== undefined && { completion_tokens_details: { reasoning_tokens: reasoning } }),
  }
}
