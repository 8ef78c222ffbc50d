import type { RequestBody } from '../../core/ports/format.ts'
import { anthropicMessages } from '../formats/anthropic/messages.ts'
import { arrayOrEmpty, type JsonObject, objectOrUndefined, stringOrEmpty } from '../formats/field.ts'
import type { SimulatedAnswer } from './answer.ts'
import type { Conversation } from './conversation.ts'
import { type Dialect, pieces, type Simulation } from './dialect.ts'

/** The simulated models as Anthropic Messages would answer. */
export const anthropicDialect: Dialect = { format: anthropicMessages, conversation, body, frames }

function conversation(request: RequestBody): Conversation {
  const { json } = request
  const demand = anthropicMessages.demand(request, { query: '' })
  const messages = arrayOrEmpty(json['messages']).map((message) => objectOrUndefined(message) ?? {})
  const lastUser = messages.findLast((message) => textOf(message['content']) !== '' && message['role'] === 'user')
  const thinks = stringOrEmpty(objectOrUndefined(json['thinking'])?.['type'])
  return {
    model: demand.model,
    messages: [JSON.stringify([json['tools'], json['system']]), ...messages.map((message) => JSON.stringify(message))],
    lastUserText: textOf(lastUser?.['content']),
    endsWithUser: messages.at(-1) !== undefined && messages.at(-1) === lastUser,
    tools: arrayOrEmpty(json['tools']).flatMap((tool) => {
      const { name, input_schema } = objectOrUndefined(tool) ?? {}
      return typeof name === 'string' ? [{ name, schema: objectOrUndefined(input_schema) ?? {} }] : []
    }),
    toolChoice: toolChoice(objectOrUndefined(json['tool_choice'])),
    choices: 1,
    maxOutputTokens: demand.maxOutputTokens,
    mostThinkingTokens: thinks === 'adaptive' ? Infinity : thinks === 'enabled' ? demand.thinkingTokens : 0,
    stream: demand.stream,
    caching: request.text.includes('"cache_control"') ? 'marked' : 'never',
  }
}

function toolChoice(choice: JsonObject | undefined): Conversation['toolChoice'] {
  switch (choice?.['type']) {
    case 'tool':
      return { name: stringOrEmpty(choice['name']) }
    case 'any':
      return 'any'
    case 'none':
      return 'none'
    default:
      return 'auto'
  }
}

function textOf(content: unknown): string {
  const texts = arrayOrEmpty(content).map((block) => stringOrEmpty(objectOrUndefined(block)?.['text']))
  return stringOrEmpty(content) + texts.join(' ').trim()
}

function body(simulation: Simulation): unknown {
  const [answer] = simulation.answers
  return {
    ...head(simulation),
    content: answer ? blocks(answer) : [],
    stop_reason: answer && stopReason(answer),
    stop_sequence: null,
    usage: { ...inputUsage(simulation), ...outputUsage(simulation), service_tier: 'standard' },
  }
}

function* frames(simulation: Simulation): Generator<{ frame: string; tokens: number }> {
  const [answer] = simulation.answers
  if (answer === undefined) return
  const started = { ...head(simulation), content: [], stop_reason: null, stop_sequence: null }
  const usage = { ...inputUsage(simulation), output_tokens: 1, service_tier: 'standard' }
  yield { frame: event({ type: 'message_start', message: { ...started, usage } }), tokens: 0 }
  for (const [index, block] of blocks(answer).entries()) {
    const { start, deltas } = blockPieces(block)
    yield { frame: event({ type: 'content_block_start', index, content_block: start }), tokens: 0 }
    if (index === 0) yield { frame: event({ type: 'ping' }), tokens: 0 }
    for (const delta of deltas) yield { frame: event({ type: 'content_block_delta', index, delta }), tokens: 1 }
    yield { frame: event({ type: 'content_block_stop', index }), tokens: 0 }
  }
  const delta = { stop_reason: stopReason(answer), stop_sequence: null }
  yield { frame: event({ type: 'message_delta', delta, usage: outputUsage(simulation) }), tokens: 0 }
  yield { frame: event({ type: 'message_stop' }), tokens: 0 }
}

function event(data: JsonObject): string {
  return `event: ${String(data['type'])}\ndata: ${JSON.stringify(data)}\n\n`
}

function head({ id, conversation: { model } }: Simulation): JsonObject {
  return { id: `msg_sim_${id}`, type: 'message', role: 'assistant', model }
}

function blocks({ thoughts, text, toolCall }: SimulatedAnswer): readonly JsonObject[] {
  return [
    ...(thoughts === '' ? [] : [{ type: 'thinking', thinking: thoughts, signature: 'c2ltdWxhdGVk' }]),
    ...(text === '' ? [] : [{ type: 'text', text }]),
    ...(toolCall
      ? [
          {
            type: 'tool_use',
            id: toolCall.id.replace('call_', 'toolu_'),
            name: toolCall.name,
            input: JSON.parse(toolCall.json),
          },
        ]
      : []),
  ]
}

function blockPieces(block: JsonObject): { start: JsonObject; deltas: readonly JsonObject[] } {
  switch (block['type']) {
    case 'thinking': {
      const deltas = pieces(stringOrEmpty(block['thinking'])).map((thinking) => ({ type: 'thinking_delta', thinking }))
      const signed = { type: 'signature_delta', signature: block['signature'] }
      return { start: { ...block, thinking: '', signature: '' }, deltas: [...deltas, signed] }
    }
    case 'tool_use': {
      const deltas = pieces(JSON.stringify(block['input'])).map((partial_json) => ({
        type: 'input_json_delta',
        partial_json,
      }))
      return { start: { ...block, input: {} }, deltas }
    }
    default: {
      const deltas = pieces(stringOrEmpty(block['text'])).map((text) => ({ type: 'text_delta', text }))
      return { start: { ...block, text: '' }, deltas }
    }
  }
}

function stopReason({ ending }: SimulatedAnswer): string {
  return { stop: 'end_turn', length: 'max_tokens', tool: 'tool_use' }[ending]
}

function inputUsage({ inputTokens, cachedTokens, writtenTokens }: Simulation): JsonObject {
  return {
    input_tokens: inputTokens - cachedTokens - writtenTokens,
    cache_creation_input_tokens: writtenTokens,
    cache_read_input_tokens: cachedTokens,
    cache_creation: { ephemeral_5m_input_tokens: writtenTokens, ephemeral_1h_input_tokens: 0 },
  }
}

function outputUsage({ answers }: Simulation): JsonObject {
  const [answer] = answers
  return {
    output_tokens: answer?.outputTokens ?? 0,
    output_tokens_details: { thinking_tokens: answer?.thinkingTokens ?? 0 },
  }
}
