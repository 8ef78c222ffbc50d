import { setTimeout as delay } from 'node:timers/promises'
import Anthropic from '@anthropic-ai/sdk'
import OpenAI from 'openai'
import { request, type Agent } from 'undici'
import { chaosText, NUMBER_HEADER } from './chaos-provider.ts'
import { CHAT, MESSAGES } from './wire.ts'

/** Who calls, and how: all that chance decides of a call before it is made. */
export interface ChaosCall {
  readonly number: number
  readonly url: string
  readonly key: string
  readonly model: string
  readonly behaviour: string
  readonly client: 'sdk' | 'raw'
  readonly stream: boolean
  readonly maxTokens: number
  /** The client hangs up after so long, if it is still waiting then. */
  readonly leavesAfterMs: number | undefined
  readonly padding: string
  readonly label: string
  /** How often its SDK tries again by itself. */
  readonly retries: number
}

/** What the client knows of its call afterwards. */
export interface ChaosSeen {
  readonly number: number
  /** Every answer that came, in order: an SDK tries again by itself. */
  readonly answers: { readonly callId: string; readonly status: number; readonly refused: boolean }[]
  /** It saw the whole of an answer, as far as its API tells. */
  complete: boolean
  /** Tokens in all, where the answer said so. */
  totalTokens: number | undefined
  left: boolean
  /** It waited longer than anything here may take. */
  hung: boolean
  /** How it went, in a word. */
  outcome: string
}

const HANGS_AFTER_MS = 30_000

/** Makes the call, and never throws: what goes wrong is what it tells. */
export async function chaosCall(one: ChaosCall, dispatcher: Agent): Promise<ChaosSeen> {
  const { number } = one
  const seen: ChaosSeen = {
    ...{ number, answers: [], complete: false, totalTokens: undefined, left: false, hung: false },
    outcome: '',
  }
  const patience = new AbortController()
  const leaves = one.leavesAfterMs === undefined ? undefined : setTimeout(leave, one.leavesAfterMs)
  const hangs = setTimeout(() => {
    seen.hung = true
    patience.abort()
  }, HANGS_AFTER_MS)
  try {
    const messages = one.model.startsWith('claude')
    if (one.client === 'raw') await rawCall(one, messages, seen, patience.signal, dispatcher)
    else if (messages) await anthropicCall(one, seen, patience.signal)
    else await openaiCall(one, seen, patience.signal)
    seen.outcome ||= seen.complete ? 'complete' : 'no whole answer'
  } catch (error) {
    const last = seen.answers.at(-1)
    if (seen.left) seen.outcome = 'left'
    else if (last && last.status >= 400) seen.outcome = `${last.status}${last.refused ? ' of a limit' : ''}`
    else seen.outcome = (error as Error).name === 'SyntaxError' ? 'no JSON' : 'broken off'
  } finally {
    clearTimeout(leaves)
    clearTimeout(hangs)
  }
  if (seen.hung) seen.outcome = 'HUNG'
  return seen

  function leave(): void {
    seen.left = true
    patience.abort()
  }
}

function headersOf({ number, label }: ChaosCall): Record<string, string> {
  return {
    [NUMBER_HEADER]: String(number),
    'x-token-trackr-session': String(number),
    'x-token-trackr-label-team': label,
  }
}

function bodyOf({ model, behaviour, number, padding, maxTokens }: ChaosCall) {
  const content = `${padding}${chaosText(behaviour, number)}`
  return { model, messages: [{ role: 'user' as const, content }], max_tokens: maxTokens }
}

function noteAnswer(seen: ChaosSeen, status: number, header: (name: string) => string | null | undefined): void {
  const callId = header('x-token-trackr-call-id')
  if (!callId) throw new Error(`an answer of ${status} without a call id`)
  seen.answers.push({ callId, status, refused: header('x-token-trackr-limit') != null })
}

const noting =
  (seen: ChaosSeen): typeof fetch =>
  async (input, init) => {
    const response = await fetch(input, init)
    noteAnswer(seen, response.status, (name) => response.headers.get(name))
    return response
  }

async function openaiCall(one: ChaosCall, seen: ChaosSeen, signal: AbortSignal): Promise<void> {
  const client = new OpenAI({ apiKey: one.key, baseURL: `${one.url}/v1`, maxRetries: one.retries, fetch: noting(seen) })
  const options = { headers: headersOf(one), signal }
  if (!one.stream) {
    const answer = await client.chat.completions.create(bodyOf(one), options)
    seen.totalTokens = answer.usage?.total_tokens
    seen.complete = Array.isArray(answer.choices)
    return
  }
  const asked = { ...bodyOf(one), stream: true as const, stream_options: { include_usage: one.number % 2 === 0 } }
  let finished = false
  for await (const chunk of await client.chat.completions.create(asked, options)) {
    finished ||= chunk.choices[0]?.finish_reason != null
    seen.totalTokens = chunk.usage?.total_tokens ?? seen.totalTokens
  }
  // It ends its iterator quietly when the client aborts, and where a stream is cut.
  seen.complete = finished && !signal.aborted && (one.number % 2 !== 0 || seen.totalTokens !== undefined)
  if (seen.left) seen.outcome = 'left'
}

async function anthropicCall(one: ChaosCall, seen: ChaosSeen, signal: AbortSignal): Promise<void> {
  const client = new Anthropic({ apiKey: one.key, baseURL: one.url, maxRetries: one.retries, fetch: noting(seen) })
  const options = { headers: headersOf(one), signal }
  if (!one.stream) {
    const { usage } = await client.messages.create(bodyOf(one), options)
    seen.totalTokens = usage && usage.input_tokens + usage.output_tokens
    seen.complete = usage !== undefined
    return
  }
  let input = 0
  let output = 0
  for await (const event of await client.messages.create({ ...bodyOf(one), stream: true }, options)) {
    if (event.type === 'message_start') input = event.message.usage.input_tokens
    if (event.type === 'message_delta') output = event.usage.output_tokens
    if (event.type === 'message_stop') seen.complete = true
  }
  if (seen.complete) seen.totalTokens = input + output
  if (seen.left) seen.outcome = 'left'
}

async function rawCall(
  one: ChaosCall,
  messages: boolean,
  seen: ChaosSeen,
  signal: AbortSignal,
  dispatcher: Agent,
): Promise<void> {
  const { statusCode, headers, body } = await request(one.url + (messages ? MESSAGES : CHAT), {
    method: 'POST',
    headers: { authorization: `Bearer ${one.key}`, 'content-type': 'application/json', ...headersOf(one) },
    body: JSON.stringify({ ...bodyOf(one), stream: one.stream }),
    signal,
    dispatcher,
  })
  noteAnswer(seen, statusCode, (name) => headers[name] as string | undefined)
  let text = ''
  for await (const chunk of body) {
    text += String(chunk)
    // Some read slower than the answer comes.
    if (one.number % 7 === 0) await delay(3)
  }
  if (statusCode >= 400) throw new Error(text)
  if (one.stream && !text.startsWith('{')) {
    seen.complete = /data: \[DONE\]\n\n$|event: message_stop\n/.test(text)
    return
  }
  const answer = JSON.parse(text)
  const { input_tokens, output_tokens, total_tokens } = answer.usage
  seen.totalTokens = total_tokens ?? input_tokens + output_tokens
  seen.complete = true
}
