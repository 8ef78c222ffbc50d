import { headersOf } from './answers.ts'
import type { Received, Script } from './fake-provider.ts'

/** What Cohere answers, in its own words; `toolCall` in place of the text. */
export interface CohereAnswer {
  readonly pieces: readonly string[]
  readonly toolCall?: { readonly name: string; readonly arguments: string }
  readonly usage: Readonly<Record<string, unknown>>
  readonly embedUnits: Readonly<Record<string, unknown>>
}

export const HELLO_COHERE: CohereAnswer = {
  pieces: ['Hel', 'lo, ', 'wörld ', '👋'],
  usage: {
    billed_units: { input_tokens: 19, output_tokens: 10 },
    tokens: { input_tokens: 517, output_tokens: 12 },
    cached_tokens: 496,
  },
  embedUnits: { input_tokens: 8, image_tokens: 1024 },
}

/** Answers by the path: chat in one piece or as events, and embeddings. */
export function answeringCohere(answer: CohereAnswer = HELLO_COHERE): Script {
  return holdingCohereAfter(Infinity, answer)
}

/** Sends so many events, waits for a release, and sends the rest. */
export function holdingCohereAfter(frames: number, answer = HELLO_COHERE): Script {
  return async (exchange) => {
    const bytes = cohereBytes(exchange.received, answer)
    exchange.response.writeHead(200, headersOf(exchange.received))
    for (const frame of bytes.slice(0, frames)) await exchange.write(frame)
    if (frames < bytes.length) await exchange.held()
    for (const frame of bytes.slice(frames)) await exchange.write(frame)
    exchange.response.end()
  }
}

/** The events of that answer; a plain answer is one. */
export function cohereBytes({ path, json }: Received, answer = HELLO_COHERE): Buffer[] {
  if (path.endsWith('/embed')) return [body(embeddings(answer, json))]
  return json?.stream === true ? events(answer) : [body(whole(answer))]
}

const body = (value: unknown) => Buffer.from(JSON.stringify(value))
const id = 'c14c80c3-18eb-4519-9460-6c92edd8cfb4'

function whole({ pieces, toolCall, usage }: CohereAnswer): object {
  const message = toolCall
    ? { tool_plan: 'I will ask.', tool_calls: [{ id: 'call_1', type: 'function', function: toolCall }] }
    : { content: [{ type: 'text', text: pieces.join('') }] }
  return { id, finish_reason: toolCall ? 'TOOL_CALL' : 'COMPLETE', message: { role: 'assistant', ...message }, usage }
}

function events({ pieces, toolCall, usage }: CohereAnswer): Buffer[] {
  const event = (type: string, data: object) =>
    Buffer.from(`event: ${type}\ndata: ${JSON.stringify({ type, ...data })}\n\n`)
  const index = 0
  const delta = (type: string, message: object) => event(type, { index, delta: { message } })
  const inside = toolCall
    ? [
        event('tool-plan-delta', { delta: { message: { tool_plan: 'I will ask.' } } }),
        delta('tool-call-start', {
          tool_calls: { id: 'call_1', type: 'function', function: { ...toolCall, arguments: '' } },
        }),
        delta('tool-call-delta', { tool_calls: { function: { arguments: toolCall.arguments } } }),
        event('tool-call-end', { index }),
      ]
    : [
        delta('content-start', { content: { type: 'text', text: '' } }),
        ...pieces.map((text) => delta('content-delta', { content: { text } })),
        event('content-end', { index }),
      ]
  return [
    event('message-start', { id, delta: { message: { role: 'assistant', content: [], tool_plan: '' } } }),
    ...inside,
    event('message-end', { delta: { finish_reason: toolCall ? 'TOOL_CALL' : 'COMPLETE', usage } }),
  ]
}

function embeddings({ embedUnits }: CohereAnswer, json: Received['json']): object {
  const inputs = (json?.['texts'] ?? json?.['inputs'] ?? json?.['images'] ?? []) as readonly unknown[]
  const meta = { api_version: { version: '2' }, billed_units: embedUnits }
  return { id, embeddings: { float: inputs.map(() => [0.5, 0.25]) }, response_type: 'embeddings_by_type', meta }
}
