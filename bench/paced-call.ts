import { ANSWER_BODY, MODEL } from './call.ts'

/**
 * Calls whose answers take time: so many tokens, one every so many milliseconds, as a stream or in one piece. What the
 * upstream sends carries its own times at fixed widths, so that a client can tell what was added on the way, and knows
 * each byte that it should see.
 */
export interface Pace {
  readonly tokens: number
  readonly everyMs: number
  readonly stream: boolean
}

export function requestBody({ tokens, everyMs, stream }: Pace): string {
  return JSON.stringify({
    model: MODEL,
    messages: [
      { role: 'system', content: 'You are a helpful assistant that speaks exactly as fast as it is told to.' },
      { role: 'user', content: `Say ${tokens} tokens, one every ${everyMs} ms.` },
    ],
    max_tokens: tokens,
    temperature: 0.2,
    ...(stream ? { stream } : {}),
    user: 'bench-0123456789',
  })
}

/** What a request asks for, as the upstream reads it; `usage` is whether a stream is to end with its usage. */
export function paceOf(body: string): Pace & { readonly usage: boolean } {
  const [, tokens, everyMs] = /Say (\d+) tokens, one every ([\d.]+) ms\./.exec(body) ?? []
  if (tokens === undefined) throw new Error(`Not a paced call: ${body}`)
  return {
    ...{ tokens: Number(tokens), everyMs: Number(everyMs) },
    ...{ stream: body.includes('"stream":true'), usage: body.includes('"include_usage":true') },
  }
}

const PROMPT_TOKENS = 44
const STAMP_DIGITS = 16
const stamp = (us: number) => String(Math.round(us)).padStart(STAMP_DIGITS, '0')
const usageOf = (tokens: number) => ({
  prompt_tokens: PROMPT_TOKENS,
  completion_tokens: tokens,
  total_tokens: totalTokens(tokens),
  prompt_tokens_details: { cached_tokens: 0 },
  completion_tokens_details: { reasoning_tokens: 0 },
})

/** What one call uses, for the check of the ledger's sums. */
export function totalTokens(tokens: number): number {
  return PROMPT_TOKENS + tokens
}

/** An answer in one piece. `upstreamUs` is how long the upstream took for it. */
export function answerBody(tokens: number, upstreamUs: number): string {
  const answer = { ...(JSON.parse(ANSWER_BODY) as object), usage: usageOf(tokens) }
  return JSON.stringify({ ...answer, system_fingerprint: `fp_${stamp(upstreamUs)}` })
}

function frame(choices: readonly object[], more: object): string {
  const chunk = { id: 'chatcmpl-B9MBs8CjcvOU2jLn4n570S5q', object: 'chat.completion.chunk', created: 1767225600 }
  const rest = { model: 'gpt-4o-mini-2024-07-18', service_tier: 'default', choices, ...more }
  return `data: ${JSON.stringify({ ...chunk, ...rest })}\n\n`
}
const delta = (text: object, finish: string | null, more: object = {}) =>
  frame([{ index: 0, delta: text, logprobs: null, finish_reason: finish }], more)

const [BEFORE_TOKEN = '', AFTER_TOKEN = ''] = delta({ content: ' STAMP' }, null).split('STAMP')
const FINISH = delta({}, 'stop')
const DONE = 'data: [DONE]\n\n'

/** The frame that a stream begins with. */
export function firstFrame(upstreamUs: number): string {
  return delta({ role: 'assistant', content: '', refusal: null }, null, {
    system_fingerprint: `fp_${stamp(upstreamUs)}`,
  })
}

/** @param sentUs On the clock that all processes of a machine share. */
export function tokenFrame(sentUs: number): string {
  return BEFORE_TOKEN + stamp(sentUs) + AFTER_TOKEN
}

export function lastFrames(tokens: number, usage: boolean): string {
  return FINISH + (usage ? frame([], { usage: usageOf(tokens) }) : '') + DONE
}

/** How long a stream's body is for a client that did not ask for its usage. */
export function streamBytes(tokens: number): number {
  return firstFrame(0).length + tokens * tokenFrame(0).length + FINISH.length + DONE.length
}

/** How long the upstream took until the first byte, of a first frame or a whole answer. */
export function upstreamUsIn(text: string): number {
  return Number(/"system_fingerprint":"fp_(\d{16})"/.exec(text)?.[1])
}

const TOKENS = /"content":" (\d{16})"/g

/** When each token in a piece of a stream was sent. */
export function sentUsIn(text: string): number[] {
  return Array.from(text.matchAll(TOKENS), ([, digits]) => Number(digits))
}

/** The time on the clock that all processes of a machine share, in microseconds. */
export function nowUs(): number {
  const [seconds, nanoseconds] = process.hrtime()
  return seconds * 1e6 + nanoseconds / 1e3
}
