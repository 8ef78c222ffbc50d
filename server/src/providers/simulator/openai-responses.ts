import { PublicError } from '../../core/errors.ts'
import type { RequestBody } from '../../core/ports/format.ts'
import { arrayOrEmpty, type JsonObject, objectOrUndefined, stringOrEmpty } from '../formats/field.ts'
import { inputItems } from '../formats/openai/responses-input.ts'
import { openaiResponses } from '../formats/openai/responses.ts'
import type { SimulatedAnswer } from './answer.ts'
import type { Conversation } from './conversation.ts'
import { type Dialect, pieces, type Simulation } from './dialect.ts'

/** The simulated models as OpenAI Responses would answer. Nothing is stored, so nothing that is stored can be named. */
export const responsesDialect: Dialect = { format: openaiResponses, conversation, body, frames }

function conversation(request: RequestBody): Conversation {
  const { json } = request
  const demand = openaiResponses.demand(request, { query: '' })
  for (const field of ['previous_response_id', 'conversation', 'prompt'])
    if (json[field] != null)
      throw new PublicError('invalid_field', `${field} names what is stored, and simulated models store nothing.`, {
        field,
      })
  const items = inputItems(json)
  const last = items.at(-1)
  return {
    model: demand.model,
    messages: [
      JSON.stringify([json['tools'] ?? [], json['instructions'] ?? '']),
      ...items.map((item) => JSON.stringify(item)),
    ],
    lastUserText: textOf(items.findLast(({ role }) => role === 'user')?.['content']),
    endsWithUser: last?.['role'] === 'user',
    tools: arrayOrEmpty(json['tools']).flatMap((value) => {
      const { type, name, parameters } = objectOrUndefined(value) ?? {}
      return type === 'function' && typeof name === 'string'
        ? [{ name, schema: objectOrUndefined(parameters) ?? {} }]
        : []
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
  const name = objectOrUndefined(value)?.['name']
  if (typeof name === 'string') return { name }
  if (value === 'none') return 'none'
  return value === 'required' ? 'any' : 'auto'
}

function textOf(content: unknown): string {
  const texts = arrayOrEmpty(content).map((one) => stringOrEmpty(objectOrUndefined(one)?.['text']))
  return stringOrEmpty(content) + texts.join(' ')
}

function body(simulation: Simulation): unknown {
  const [answer] = simulation.answers
  return response(simulation, endOf(answer!), itemsOf(simulation, answer!))
}

function endOf({ ending }: SimulatedAnswer): 'completed' | 'incomplete' {
  return ending === 'length' ? 'incomplete' : 'completed'
}

function response(
  simulation: Simulation,
  status: 'in_progress' | 'completed' | 'incomplete',
  output: readonly unknown[],
): JsonObject {
  const { id, createdAtMs, conversation: asked } = simulation
  return {
    id: `resp_sim_${id}`,
    object: 'response',
    created_at: Math.floor(createdAtMs / 1000),
    status,
    error: null,
    incomplete_details: status === 'incomplete' ? { reason: 'max_output_tokens' } : null,
    instructions: null,
    max_output_tokens: asked.maxOutputTokens ?? null,
    model: asked.model,
    output,
    parallel_tool_calls: true,
    service_tier: 'default',
    metadata: {},
    tool_choice: 'auto',
    tools: [],
    usage: status === 'in_progress' ? null : usage(simulation),
  }
}

/** What the model did, in order: it thought, and then wrote or called a tool. */
function itemsOf({ id }: Simulation, answer: SimulatedAnswer): readonly JsonObject[] {
  const thoughts = answer.thinkingTokens > 0 ? [{ id: `rs_sim_${id}`, type: 'reasoning', summary: [] }] : []
  const call = answer.toolCall
  const said = call
    ? { id: `fc_sim_${id}`, type: 'function_call', call_id: call.id, name: call.name, arguments: call.json }
    : { id: `msg_sim_${id}`, type: 'message', role: 'assistant', content: [textPart(answer.text)] }
  return [...thoughts, { ...said, status: endOf(answer) }]
}

function textPart(text: string): JsonObject {
  return { type: 'output_text', text, annotations: [] }
}

function* frames(simulation: Simulation): Generator<{ frame: string; tokens: number }> {
  const answer = simulation.answers[0]!
  let sequence_number = 0
  const event = (type: string, data: JsonObject, tokens = 0) => {
    const json = JSON.stringify({ type, sequence_number: sequence_number++, ...data })
    return { frame: `event: ${type}\ndata: ${json}\n\n`, tokens }
  }
  const beginning = { response: response(simulation, 'in_progress', []) }
  yield event('response.created', beginning)
  yield event('response.in_progress', beginning)
  const items = itemsOf(simulation, answer)
  for (const [output_index, item] of items.entries()) {
    const at = { item_id: item['id'], output_index }
    if (item['type'] === 'reasoning') {
      yield event('response.output_item.added', { output_index, item })
      yield event('response.output_item.done', { output_index, item }, answer.thinkingTokens)
      continue
    }
    const call = answer.toolCall
    const empty = call ? { arguments: '' } : { content: [] }
    yield event('response.output_item.added', { output_index, item: { ...item, ...empty, status: 'in_progress' } })
    if (call) {
      for (const delta of pieces(call.json)) yield event('response.function_call_arguments.delta', { ...at, delta }, 1)
      yield event('response.function_call_arguments.done', { ...at, name: call.name, arguments: call.json })
    } else {
      const inside = { ...at, content_index: 0 }
      yield event('response.content_part.added', { ...inside, part: textPart('') })
      for (const delta of pieces(answer.text))
        yield event('response.output_text.delta', { ...inside, delta, logprobs: [] }, 1)
      yield event('response.output_text.done', { ...inside, text: answer.text, logprobs: [] })
      yield event('response.content_part.done', { ...inside, part: textPart(answer.text) })
    }
    yield event('response.output_item.done', { output_index, item })
  }
  const status = endOf(answer)
  yield event(`response.${status}`, { response: response(simulation, status, items) })
}

function usage({ inputTokens, cachedTokens, answers }: Simulation): JsonObject {
  const { outputTokens, thinkingTokens } = answers[0]!
  return {
    input_tokens: inputTokens,
    input_tokens_details: { cached_tokens: cachedTokens, cache_write_tokens: 0 },
    output_tokens: outputTokens,
    output_tokens_details: { reasoning_tokens: thinkingTokens },
    total_tokens: inputTokens + outputTokens,
  }
}
