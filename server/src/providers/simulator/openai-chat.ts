import type { RequestBody } from '../../core/ports/format.ts'
import { arrayOrEmpty, type JsonObject, objectOrUndefined, stringOrEmpty } from '../formats/field.ts'
import { openaiChat } from '../formats/openai/chat.ts'
import type { SimulatedAnswer } from './answer.ts'
import type { Conversation } from './conversation.ts'
import { type Dialect, pieces, type Simulation } from './dialect.ts'

/** The simulated models as OpenAI Chat Completions would answer. */
export const openaiDialect: Dialect = { format: openaiChat, conversation, body, frames }

function conversation(request: RequestBody): Conversation {
  const { json } = request
  const demand = openaiChat.demand(request, { query: '' })
  const messages = arrayOrEmpty(json['messages']).map((message) => objectOrUndefined(message) ?? {})
  const lastUser = messages.findLast((message) => message['role'] === 'user')
  return {
    model: demand.model,
    messages: [JSON.stringify(json['tools'] ?? []), ...messages.map((message) => JSON.stringify(message))],
    lastUserText: textOf(lastUser?.['content']),
    endsWithUser: messages.at(-1)?.['role'] === 'user',
    tools: arrayOrEmpty(json['tools']).flatMap((tool) => {
      const { name, parameters } = objectOrUndefined(objectOrUndefined(tool)?.['function']) ?? {}
      return typeof name === 'string' ? [{ name, schema: objectOrUndefined(parameters) ?? {} }] : []
    }),
    toolChoice: toolChoice(json['tool_choice']),
    choices: demand.choices,
    maxOutputTokens: demand.maxOutputTokens,
    mostThinkingTokens: Infinity,
    stream: demand.stream,
    caching: 'always',
  }
}

function toolChoice(value: unknown): Conversation['toolChoice'] {
  const name = objectOrUndefined(objectOrUndefined(value)?.['function'])?.['name']
  if (typeof name === 'string') return { name }
  if (value === 'none') return 'none'
  return value === 'required' ? 'any' : 'auto'
}

function textOf(content: unknown): string {
  const texts = arrayOrEmpty(content).map((part) => stringOrEmpty(objectOrUndefined(part)?.['text']))
  return stringOrEmpty(content) + texts.join(' ')
}

function body(simulation: Simulation): unknown {
  return {
    ...head(simulation, 'chat.completion'),
    choices: simulation.answers.map((answer, index) => ({
      index,
      message: {
        role: 'assistant',
        content: answer.toolCall ? null : answer.text,
        refusal: null,
        ...(answer.toolCall && { tool_calls: [toolCall(answer.toolCall)] }),
      },
      logprobs: null,
      finish_reason: finishReason(answer),
    })),
    usage: usage(simulation),
  }
}

function* frames(simulation: Simulation, request: RequestBody): Generator<{ frame: string; tokens: number }> {
  const withUsage = openaiChat.reportsUsageUnasked(request)
  const base = head(simulation, 'chat.completion.chunk')
  const chunk = (choices: readonly unknown[], more: JsonObject = withUsage ? { usage: null } : {}) =>
    `data: ${JSON.stringify({ ...base, choices, ...more })}\n\n`
  const delta = (index: number, piece: JsonObject, finish_reason: string | null = null) =>
    chunk([{ index, delta: piece, logprobs: null, finish_reason }])
  for (const [index, answer] of simulation.answers.entries()) {
    yield {
      frame: delta(index, { role: 'assistant', content: answer.toolCall ? null : '' }),
      tokens: answer.thinkingTokens,
    }
    const call = answer.toolCall
    if (call) {
      yield { frame: delta(index, { tool_calls: [{ index: 0, ...toolCall({ ...call, json: '' }) }] }), tokens: 1 }
      for (const piece of pieces(call.json))
        yield { frame: delta(index, { tool_calls: [{ index: 0, function: { arguments: piece } }] }), tokens: 1 }
    }
    for (const piece of pieces(answer.text)) yield { frame: delta(index, { content: piece }), tokens: 1 }
    yield { frame: delta(index, {}, finishReason(answer)), tokens: 0 }
  }
  if (withUsage) yield { frame: chunk([], { usage: usage(simulation) }), tokens: 0 }
  yield { frame: 'data: [DONE]\n\n', tokens: 0 }
}

function head({ id, createdAtMs, conversation: { model } }: Simulation, object: string): JsonObject {
  const created = Math.floor(createdAtMs / 1000)
  return { id: `chatcmpl-sim-${id}`, object, created, model, service_tier: 'default', system_fingerprint: 'fp_sim' }
}

function toolCall({ id, name, json }: { id: string; name: string; json: string }): JsonObject {
  return { id, type: 'function', function: { name, arguments: json } }
}

function finishReason({ ending }: SimulatedAnswer): string {
  return ending === 'tool' ? 'tool_calls' : ending
}

function usage({ inputTokens, cachedTokens, answers }: Simulation): JsonObject {
  const completion = answers.reduce((sum, answer) => sum + answer.outputTokens, 0)
  const reasoning = answers.reduce((sum, answer) => sum + answer.thinkingTokens, 0)
  return {
    prompt_tokens: inputTokens,
    completion_tokens: completion,
    total_tokens: inputTokens + completion,
    prompt_tokens_details: { cached_tokens: cachedTokens, audio_tokens: 0 },
    completion_tokens_details: {
      reasoning_tokens: reasoning,
      audio_tokens: 0,
      accepted_prediction_tokens: 0,
      rejected_prediction_tokens: 0,
    },
  }
}
