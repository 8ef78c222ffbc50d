import type { Received, Script } from './fake-provider.ts'

/** What a fake answer says and what it reports to have used, in the provider's own words. */
export interface ChatAnswer {
  readonly id?: string
  readonly pieces: readonly string[]
  readonly usage: Readonly<Record<string, unknown>>
  readonly toolCall?: { readonly name: string; readonly arguments: string }
}
export interface MessageAnswer {
  readonly id?: string
  readonly pieces: readonly string[]
  readonly usage: { readonly input_tokens: number; readonly output_tokens: number } & Readonly<Record<string, unknown>>
  readonly toolUse?: { readonly name: string; readonly input: Readonly<Record<string, unknown>> }
}

export const HELLO_CHAT: ChatAnswer = {
  pieces: ['Hel', 'lo, ', 'wörld ', '👋'],
  usage: {
    prompt_tokens: 19,
    completion_tokens: 10,
    total_tokens: 29,
    prompt_tokens_details: { cached_tokens: 4, audio_tokens: 0 },
    completion_tokens_details: { reasoning_tokens: 3, audio_tokens: 0 },
  },
}
export const HELLO_MESSAGE: MessageAnswer = {
  pieces: ['Hel', 'lo, ', 'wörld ', '👋'],
  usage: {
    input_tokens: 21,
    cache_creation_input_tokens: 5,
    cache_read_input_tokens: 7,
    cache_creation: { ephemeral_5m_input_tokens: 5, ephemeral_1h_input_tokens: 0 },
    output_tokens: 12,
  },
}

/** Answers as the called API does: chat or messages by the path, plain or streaming by the body. */
export function answering(chat: ChatAnswer = HELLO_CHAT, message: MessageAnswer = HELLO_MESSAGE): Script {
  return async (exchange) => {
    const { received, response } = exchange
    const bytes = answerBytes(received, chat, message)
    response.writeHead(200, headersOf(received))
    for (const frame of bytes) await exchange.write(frame)
    response.end()
  }
}

/** The frames of that answer; a plain answer is one. */
export function answerBytes(received: Received, chat = HELLO_CHAT, message = HELLO_MESSAGE): Buffer[] {
  const { path, json } = received
  if (isCount(path)) return [Buffer.from(JSON.stringify({ input_tokens: 20 }))]
  const model = String(json?.model)
  if (isMessages(path)) return json?.stream === true ? messageFrames(message, model) : [messageBody(message, model)]
  const options = json?.stream_options as { include_usage?: boolean } | undefined
  return json?.stream === true ? chatFrames(chat, model, options?.include_usage === true) : [chatBody(chat, model)]
}

export function headersOf(received: Received): Record<string, string> {
  const stream = received.json?.stream === true
  return {
    'content-type': stream ? 'text/event-stream; charset=utf-8' : 'application/json',
    'x-request-id': 'req_fake',
  }
}

/** A question of how many tokens a prompt has, which costs nothing: no call. */
export const isCount = (path: string) => /\/count_tokens(?:\?|$)/.test(path)
export const isMessages = (path: string) => path.includes('/messages')
const json = (value: unknown) => Buffer.from(JSON.stringify(value))
const CREATED = 1_790_000_000

export function chatBody({ id = 'chatcmpl-1', pieces, usage, toolCall }: ChatAnswer, model: string): Buffer {
  const message = toolCall
    ? { role: 'assistant', content: null, tool_calls: [{ id: 'call_1', type: 'function', function: toolCall }] }
    : { role: 'assistant', content: pieces.join(''), refusal: null }
  const choice = { index: 0, message, logprobs: null, finish_reason: toolCall ? 'tool_calls' : 'stop' }
  return json({ id, object: 'chat.completion', created: CREATED, model, choices: [choice], usage })
}

/** Where usage was asked for, every other chunk says `"usage":null`, as OpenAI's do. */
export function chatFrames(answer: ChatAnswer, model: string, includeUsage: boolean): Buffer[] {
  const { id = 'chatcmpl-1', pieces, usage, toolCall } = answer
  const head = { id, object: 'chat.completion.chunk', created: CREATED, model }
  const nothing = includeUsage ? { usage: null } : {}
  const chunk = (delta: unknown, finish: string | null = null) =>
    frame({ ...head, choices: [{ index: 0, delta, logprobs: null, finish_reason: finish }], ...nothing })
  const frames = [chunk({ role: 'assistant', content: toolCall ? null : '' })]
  if (toolCall)
    frames.push(
      chunk({ tool_calls: [{ index: 0, id: 'call_1', type: 'function', function: { ...toolCall, arguments: '' } }] }),
      chunk({ tool_calls: [{ index: 0, function: { arguments: toolCall.arguments } }] }),
    )
  else frames.push(...pieces.map((content) => chunk({ content })))
  frames.push(chunk({}, toolCall ? 'tool_calls' : 'stop'))
  if (includeUsage) frames.push(frame({ ...head, choices: [], usage }))
  return [...frames, Buffer.from('data: [DONE]\n\n')]
}
const frame = (data: unknown) => Buffer.from(`data: ${JSON.stringify(data)}\n\n`)

export function messageBody({ id = 'msg_1', pieces, usage, toolUse }: MessageAnswer, model: string): Buffer {
  const content = toolUse
    ? [{ type: 'tool_use', id: 'toolu_1', ...toolUse }]
    : [{ type: 'text', text: pieces.join('') }]
  const stop = toolUse ? 'tool_use' : 'end_turn'
  return json({ id, type: 'message', role: 'assistant', model, content, stop_reason: stop, stop_sequence: null, usage })
}

export function messageFrames(answer: MessageAnswer, model: string): Buffer[] {
  const { id = 'msg_1', pieces, usage, toolUse } = answer
  const start = { id, type: 'message', role: 'assistant', model, content: [], stop_reason: null, stop_sequence: null }
  const block = toolUse
    ? { type: 'tool_use', id: 'toolu_1', name: toolUse.name, input: {} }
    : { type: 'text', text: '' }
  const deltas = toolUse
    ? [{ type: 'input_json_delta', partial_json: JSON.stringify(toolUse.input) }]
    : pieces.map((text) => ({ type: 'text_delta', text }))
  return [
    event('message_start', { message: { ...start, usage: { ...usage, output_tokens: 1 } } }),
    event('content_block_start', { index: 0, content_block: block }),
    event('ping', {}),
    ...deltas.map((delta) => event('content_block_delta', { index: 0, delta })),
    event('content_block_stop', { index: 0 }),
    event('message_delta', {
      delta: { stop_reason: toolUse ? 'tool_use' : 'end_turn', stop_sequence: null },
      usage: { output_tokens: usage.output_tokens },
    }),
    event('message_stop', {}),
  ]
}
const event = (type: string, data: object) =>
  Buffer.from(`event: ${type}\ndata: ${JSON.stringify({ type, ...data })}\n\n`)

/** Waits for a release before it says anything; only counts are answered at once. */
export const holding =
  (then: Script): Script =>
  async (exchange) => {
    if (!isCount(exchange.received.path)) await exchange.held()
    await then(exchange)
  }

/** Sends so many frames, waits for a release, and sends the rest. */
export function holdingAfter(frames: number, chat = HELLO_CHAT, message = HELLO_MESSAGE): Script {
  return async (exchange) => {
    const bytes = answerBytes(exchange.received, chat, message)
    exchange.response.writeHead(200, headersOf(exchange.received))
    for (const frameBytes of bytes.slice(0, frames)) await exchange.write(frameBytes)
    await exchange.held()
    for (const frameBytes of bytes.slice(frames)) await exchange.write(frameBytes)
    exchange.response.end()
  }
}

/** Closes the connection without a word. */
export const dyingBeforeHeaders: Script = ({ socket }) => {
  socket.destroy()
}

/** Sends the head and the first bytes of the answer, and dies. */
export function dyingAfter(bytes: number, chat = HELLO_CHAT, message = HELLO_MESSAGE): Script {
  return async (exchange) => {
    const whole = Buffer.concat(answerBytes(exchange.received, chat, message))
    const length = exchange.received.json?.stream === true ? {} : { 'content-length': String(whole.length) }
    exchange.response.writeHead(200, { ...headersOf(exchange.received), ...length })
    exchange.response.flushHeaders()
    // Its callback says that the bytes have left, so that the death after them does not take them along.
    if (bytes > 0) await new Promise((resolve) => exchange.response.write(whole.subarray(0, bytes), resolve))
    exchange.socket.destroy()
  }
}

/** Any answer at all. */
export const saying =
  (status: number, headers: Record<string, string>, body: string | Buffer | readonly (string | Buffer)[]): Script =>
  async (exchange) => {
    exchange.response.writeHead(status, headers)
    for (const piece of Array.isArray(body) ? (body as readonly (string | Buffer)[]) : [body as string | Buffer])
      await exchange.write(piece)
    exchange.response.end()
  }
