import { headersOf } from './answers.ts'
import type { Received, Script } from './fake-provider.ts'

/** What OpenAI's other APIs answer, in their own words; `toolCall` in place of the text. */
export interface OpenAiAnswer {
  readonly pieces: readonly string[]
  readonly toolCall?: { readonly name: string; readonly arguments: string }
  readonly responseUsage: object
  readonly completionUsage: object
  readonly embeddingUsage: object
}

export const HELLO_OPENAI: OpenAiAnswer = {
  pieces: ['Hel', 'lo, ', 'wörld ', '👋'],
  responseUsage: {
    input_tokens: 19,
    input_tokens_details: { cached_tokens: 4, cache_write_tokens: 0 },
    output_tokens: 10,
    output_tokens_details: { reasoning_tokens: 3 },
    total_tokens: 29,
  },
  completionUsage: { prompt_tokens: 5, completion_tokens: 7, total_tokens: 12 },
  embeddingUsage: { prompt_tokens: 8, total_tokens: 8 },
}

/** Answers by the path: Responses and what belongs to them, Embeddings, the older Completions. */
export function answeringOpenAi(answer: OpenAiAnswer = HELLO_OPENAI): Script {
  return async (exchange) => {
    exchange.response.writeHead(200, headersOf(exchange.received))
    for (const frame of openAiBytes(exchange.received, answer)) await exchange.write(frame)
    exchange.response.end()
  }
}

/** The frames of that answer; a plain answer is one. */
export function openAiBytes({ path, json }: Received, answer = HELLO_OPENAI): Buffer[] {
  const model = String(json?.model)
  const stream = json?.stream === true
  if (path.endsWith('/responses/input_tokens')) return [body({ object: 'response.input_tokens', input_tokens: 11 })]
  if (path.endsWith('/responses/compact')) return [body(compaction(answer))]
  if (path.endsWith('/responses')) return stream ? responseEvents(answer, model) : [body(response(answer, model))]
  if (path.endsWith('/embeddings')) return [body(embedding(answer, model, json))]
  const options = json?.stream_options as { include_usage?: boolean } | undefined
  return stream ? completionChunks(answer, model, options?.include_usage === true) : [body(completion(answer, model))]
}

const body = (value: unknown) => Buffer.from(JSON.stringify(value))
const CREATED = 1_790_000_000

function itemOf({ pieces, toolCall }: OpenAiAnswer): Record<string, unknown> {
  if (toolCall) return { id: 'fc_1', type: 'function_call', status: 'completed', call_id: 'call_1', ...toolCall }
  const content = [{ type: 'output_text', text: pieces.join(''), annotations: [] }]
  return { id: 'msg_1', type: 'message', status: 'completed', role: 'assistant', content }
}

function response(answer: OpenAiAnswer, model: string, status = 'completed'): Record<string, unknown> {
  const done = status === 'completed'
  return {
    ...{ id: 'resp_1', object: 'response', created_at: CREATED, status, error: null, incomplete_details: null },
    ...{ instructions: null, metadata: {}, parallel_tool_calls: true, temperature: 1, tool_choice: 'auto', tools: [] },
    ...{ model, top_p: 1, service_tier: 'default', output: done ? [itemOf(answer)] : [] },
    usage: done ? answer.responseUsage : null,
  }
}

export function responseEvents(answer: OpenAiAnswer, model: string): Buffer[] {
  let sequence_number = 0
  const event = (type: string, data: object) =>
    Buffer.from(`event: ${type}\ndata: ${JSON.stringify({ type, sequence_number: sequence_number++, ...data })}\n\n`)
  const at = { output_index: 0, item_id: answer.toolCall ? 'fc_1' : 'msg_1' }
  const part = { ...at, content_index: 0 }
  const empty = answer.toolCall ? { arguments: '' } : { content: [] }
  const item = itemOf(answer)
  const inside = answer.toolCall
    ? [
        event('response.function_call_arguments.delta', { ...at, delta: answer.toolCall.arguments }),
        event('response.function_call_arguments.done', { ...at, arguments: answer.toolCall.arguments }),
      ]
    : [
        event('response.content_part.added', { ...part, part: { type: 'output_text', text: '', annotations: [] } }),
        ...answer.pieces.map((delta) => event('response.output_text.delta', { ...part, delta, obfuscation: 'aZ3' })),
        event('response.output_text.done', { ...part, text: answer.pieces.join('') }),
      ]
  return [
    event('response.created', { response: response(answer, model, 'in_progress') }),
    event('response.output_item.added', { output_index: 0, item: { ...item, status: 'in_progress', ...empty } }),
    ...inside,
    event('response.output_item.done', { output_index: 0, item }),
    event('response.completed', { response: response(answer, model) }),
  ]
}

function compaction({ responseUsage }: OpenAiAnswer): object {
  const output = [{ id: 'cmp_1', type: 'compaction', encrypted_content: 'gAAAAABpM0Yj' }]
  return { id: 'resp_2', object: 'response.compaction', created_at: CREATED, output, usage: responseUsage }
}

/** The official client asks for base64: two floats, 0.5 and -1. */
function embedding({ embeddingUsage }: OpenAiAnswer, model: string, json: Received['json']): object {
  const vector = json?.encoding_format === 'base64' ? 'AAAAPwAAgL8=' : [0.5, -1]
  const inputs = Array.isArray(json?.input) ? json.input : [json?.input]
  const data = inputs.map((_, index) => ({ object: 'embedding', index, embedding: vector }))
  return { object: 'list', data, model, usage: embeddingUsage }
}

function completion({ pieces, completionUsage: usage }: OpenAiAnswer, model: string): object {
  const choice = { text: pieces.join(''), index: 0, logprobs: null, finish_reason: 'stop' }
  return { id: 'cmpl-1', object: 'text_completion', created: CREATED, model, choices: [choice], usage }
}

export function completionChunks(answer: OpenAiAnswer, model: string, includeUsage: boolean): Buffer[] {
  const head = { id: 'cmpl-1', object: 'text_completion', created: CREATED, model }
  const frame = (more: object) => Buffer.from(`data: ${JSON.stringify({ ...head, ...more })}\n\n`)
  const nothing = includeUsage ? { usage: null } : {}
  const chunk = (text: string, finish_reason: string | null) =>
    frame({ choices: [{ text, index: 0, logprobs: null, finish_reason }], ...nothing })
  const frames = [...answer.pieces.map((piece) => chunk(piece, null)), chunk('', 'stop')]
  if (includeUsage) frames.push(frame({ choices: [], usage: answer.completionUsage }))
  return [...frames, Buffer.from('data: [DONE]\n\n')]
}
