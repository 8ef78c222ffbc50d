import { createHash } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { buffer } from 'node:stream/consumers'
import { setTimeout } from 'node:timers/promises'
import { type ErrorBody, ERRORS, PublicError } from '../../core/errors.ts'
import type { RequestBody } from '../../core/ports/format.ts'
import { parseRequestBody } from '../../core/request-body.ts'
import { countTokens } from '../tokenizer.ts'
import { answerTo } from './answer.ts'
import { anthropicDialect } from './anthropic-messages.ts'
import type { Dialect, Simulation } from './dialect.ts'
import { diceOf } from './dice.ts'
import { SIMULATED_MODELS, type SimulatedModel } from './models.ts'
import { openaiDialect } from './openai-chat.ts'
import { responsesDialect } from './openai-responses.ts'
import { type PromptCache, promptCache } from './prompt-cache.ts'

export interface Simulator {
  /** For deployments of any format that is simulated. */
  readonly baseUrl: string
  close(): Promise<void>
}

/** Starts the simulated provider on a free port of this machine. `latencyFactor` 0 makes it answer at once. */
export async function startSimulator({ latencyFactor = 1 }: { latencyFactor?: number } = {}): Promise<Simulator> {
  const cache = promptCache(MAX_REMEMBERED)
  const server = createServer((request, response) => {
    void answer(request, response, { cache, latencyFactor })
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(0, '127.0.0.1', resolve)
  })
  const { port } = server.address() as AddressInfo
  return {
    baseUrl: `http://127.0.0.1:${port}/v1`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}
/** Beginnings of conversations in the simulated prompt cache. */
const MAX_REMEMBERED = 10_000

interface Setting {
  readonly cache: PromptCache
  readonly latencyFactor: number
}

/** The end of the path tells the format, since base URLs differ in whether they have the version in them. */
const DIALECTS: readonly (readonly [ending: string, dialect: Dialect])[] = [
  ['/chat/completions', openaiDialect],
  ['/responses', responsesDialect],
  ['/messages', anthropicDialect],
]

const COUNT_PATH = '/messages/count_tokens'

async function answer(request: IncomingMessage, response: ServerResponse, setting: Setting): Promise<void> {
  const path = (request.url ?? '').replace(/\?.*$/s, '')
  const [, dialect] = DIALECTS.find(([ending]) => path.endsWith(ending)) ?? [undefined, undefined]
  try {
    if (path.endsWith(COUNT_PATH)) return await count(request, response)
    if (dialect === undefined) throw new PublicError('not_found', `There is no ${path} here.`)
    if (request.method !== 'POST') throw new PublicError('method_not_allowed', `${path} takes POST.`)
    await simulate(request, response, dialect, setting)
  } catch (error) {
    if (response.headersSent || response.destroyed) response.destroy()
    else send(response, errorBody(error).status, (dialect ?? openaiDialect).format.error(errorBody(error)))
  }
}

/** Anthropic's count of a message's input, without making it. */
async function count(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const body = parseRequestBody((await buffer(request)).toString())
  const messages = Array.isArray(body.json['messages']) ? body.json['messages'].length : 0
  send(response, 200, { input_tokens: await inputTokensOf(anthropicDialect, body, messages) })
}

/** o200k_base's count of the request's texts, and 3 tokens for each message and for the answer's beginning. */
async function inputTokensOf(dialect: Dialect, body: RequestBody, messages: number): Promise<number> {
  const text = dialect.format.inputText(body)
  const textTokens = (await countTokens(text)) ?? Math.ceil(Buffer.byteLength(text) / 4)
  return textTokens + 3 * Math.max(0, messages - 1) + 3
}

async function simulate(
  request: IncomingMessage,
  response: ServerResponse,
  dialect: Dialect,
  { cache, latencyFactor }: Setting,
): Promise<void> {
  const text = (await buffer(request)).toString()
  const body = parseRequestBody(text)
  const conversation = dialect.conversation(body)
  const model = SIMULATED_MODELS.get(conversation.model)
  if (model === undefined) {
    const models = [...SIMULATED_MODELS.keys()].join(', ')
    throw new PublicError('model_not_found', `${conversation.model} is not simulated; ${models} are.`, {
      field: 'model',
    })
  }
  const simulation = await simulationOf(dialect, body, model, cache)
  const dice = diceOf(text)
  const leaving = new AbortController()
  response.once('close', () => leaving.abort())
  const wait = async (ms: number) => {
    if (ms * latencyFactor > 0) await setTimeout(ms * latencyFactor, undefined, { signal: leaving.signal })
  }
  const perTokenMs = 1000 / dice.between(model.tokensPerSecond)
  const firstTokenMs = dice.between(model.firstTokenMs)
  if (!conversation.stream) {
    const tokens = simulation.answers.reduce((sum, one) => sum + one.outputTokens, 0)
    await wait(firstTokenMs + tokens * perTokenMs)
    return send(response, 200, dialect.body(simulation, body))
  }
  await wait(firstTokenMs)
  response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-cache' })
  for (const { frame, tokens } of dialect.frames(simulation, body)) {
    if (tokens > 0) await wait(tokens * perTokenMs)
    if (!response.write(frame)) await drained(response, leaving.signal)
  }
  response.end()
}

/**
 * Counts as it says. What an earlier request began with too is cached, in steps of 64 tokens.
 */
async function simulationOf(
  dialect: Dialect,
  body: RequestBody,
  model: SimulatedModel,
  cache: PromptCache,
): Promise<Simulation> {
  const conversation = dialect.conversation(body)
  const inputTokens = await inputTokensOf(dialect, body, conversation.messages.length)
  const asked = conversation.maxOutputTokens ?? 1
  if (inputTokens + asked > model.contextTokens)
    throw new PublicError(
      'invalid_request',
      `${conversation.model} has a context of ${model.contextTokens} tokens; this request takes ${inputTokens} and asks for up to ${asked} more.`,
    )
  const { caching } = conversation
  const cachedTokens = caching === 'never' ? 0 : inSteps(inputTokens * cache.share(conversation.messages))
  const writtenTokens = caching === 'marked' ? inSteps(inputTokens) - cachedTokens : 0
  const answers = await Promise.all(
    Array.from({ length: conversation.choices }, (_, index) => answerTo(conversation, model, index)),
  )
  const id = createHash('sha256').update(body.text).digest('hex').slice(0, 24)
  return { id, createdAtMs: Date.now(), conversation, answers, inputTokens, cachedTokens, writtenTokens }
}

function inSteps(tokens: number): number {
  return Math.floor(tokens / CACHE_STEP) * CACHE_STEP
}
const CACHE_STEP = 64

function drained(response: ServerResponse, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    response.once('drain', resolve)
    signal.addEventListener('abort', () => reject(new Error('the client left')), { once: true })
  })
}

function send(response: ServerResponse, status: number, json: unknown): void {
  const payload = Buffer.from(JSON.stringify(json))
  response.writeHead(status, { 'content-type': 'application/json', 'content-length': payload.length })
  response.end(payload)
}

function errorBody(error: unknown): ErrorBody {
  if (error instanceof PublicError) return error.body
  const { status, next } = ERRORS.internal
  return { code: 'internal', status, message: 'The simulator failed.', hint: next }
}
