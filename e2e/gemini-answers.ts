import type { Received, Script } from './fake-provider.ts'

/** What Gemini answers, in its own words; `toolCall` in place of the text. */
export interface GeminiAnswer {
  readonly pieces: readonly string[]
  readonly toolCall?: { readonly name: string; readonly args: Readonly<Record<string, unknown>> }
  readonly usage: Readonly<Record<string, unknown>>
}

export const HELLO_GEMINI: GeminiAnswer = {
  pieces: ['Hel', 'lo, ', 'wörld ', '👋'],
  usage: {
    promptTokenCount: 19,
    cachedContentTokenCount: 4,
    candidatesTokenCount: 7,
    thoughtsTokenCount: 3,
    totalTokenCount: 29,
  },
}

/** Answers by the path: text in one piece, as events or as an array, counts, embeddings. */
export function answeringGemini(answer: GeminiAnswer = HELLO_GEMINI): Script {
  return async (exchange) => {
    exchange.response.writeHead(200, geminiHeaders(exchange.received))
    for (const frame of geminiBytes(exchange.received, answer)) await exchange.write(frame)
    exchange.response.end()
  }
}

/** Sends so many pieces, waits for a release, and sends the rest. */
export function holdingGeminiAfter(frames: number, answer = HELLO_GEMINI): Script {
  return async (exchange) => {
    const bytes = geminiBytes(exchange.received, answer)
    exchange.response.writeHead(200, geminiHeaders(exchange.received))
    for (const frame of bytes.slice(0, frames)) await exchange.write(frame)
    await exchange.held()
    for (const frame of bytes.slice(frames)) await exchange.write(frame)
    exchange.response.end()
  }
}

export function geminiHeaders({ path }: Received): Record<string, string> {
  const type = path.includes('alt=sse') ? 'text/event-stream' : 'application/json; charset=UTF-8'
  return { 'content-type': type, 'x-gemini-service-tier': 'standard' }
}

/** The pieces of that answer; one where it is plain. */
export function geminiBytes({ path, json }: Received, answer = HELLO_GEMINI): Buffer[] {
  if (path.includes(':countTokens')) return [body({ totalTokens: 20 })]
  if (path.includes(':embedContent'))
    return [body({ embedding: { values: [0.5, 0.25] }, usageMetadata: { promptTokenCount: 8 } })]
  if (path.includes(':batchEmbedContents')) {
    const embeddings = ((json?.['requests'] ?? []) as unknown[]).map(() => ({ values: [0.5, 0.25] }))
    return [body({ embeddings, usageMetadata: { promptTokenCount: 8 } })]
  }
  const model = /models\/([^:]+):/.exec(path)?.[1] ?? ''
  if (!path.includes(':streamGenerateContent')) return [body(whole(answer, model))]
  const frames = chunks(answer, model)
  if (path.includes('alt=sse')) return frames.map((one) => Buffer.from(`data: ${JSON.stringify(one)}\r\n\r\n`))
  const elements = frames.map((one, at) => `${at === 0 ? '[' : ',\r\n'}${JSON.stringify(one, null, 2)}`)
  return [...elements, '\n]\n'].map((text) => Buffer.from(text))
}

const body = (value: unknown) => Buffer.from(`${JSON.stringify(value, null, 2)}\n`)

function whole({ pieces, toolCall, usage }: GeminiAnswer, model: string): object {
  const part = toolCall ? { functionCall: toolCall } : { text: pieces.join('') }
  return {
    candidates: [{ content: { parts: [part], role: 'model' }, finishReason: 'STOP', index: 0 }],
    usageMetadata: usage,
    modelVersion: model,
    responseId: 'mAitaLm2',
  }
}

/** Usage comes with every piece and grows; the last one has all of it. */
function chunks({ pieces, toolCall, usage }: GeminiAnswer, model: string): object[] {
  const prompt = { promptTokenCount: usage['promptTokenCount'], totalTokenCount: usage['promptTokenCount'] }
  const parts = toolCall ? [{ functionCall: toolCall }] : pieces.map((text) => ({ text }))
  return [
    ...parts.map((part) => ({
      candidates: [{ content: { parts: [part], role: 'model' }, index: 0 }],
      usageMetadata: prompt,
      modelVersion: model,
      responseId: 'mAitaLm2',
    })),
    whole({ pieces: [''], usage }, model),
  ]
}
