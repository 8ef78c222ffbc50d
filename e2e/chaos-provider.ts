import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { type ChatCompletionRequest, type Fixture, type FixtureFileResponse, LLMock } from '@copilotkit/aimock'

/** One request that reached the provider, and what it did with it. */
export interface Arrival {
  /** 0 where it hung up before it said anything. */
  status: number
  /** Everything that it had to say was written. */
  whole: boolean
  /** What it reported, or would have, to have used. */
  usage: { readonly input: number; readonly output: number } | undefined
}

/** aimock: somebody else's idea of what OpenAI and Anthropic do, and of how they fail. */
export interface ChaosProvider {
  readonly url: string
  /** By the number of the client's call, in the order in which they came. */
  readonly arrivals: ReadonlyMap<number, readonly Arrival[]>
  close(): Promise<void>
}

/** The chance of each fault for calls that do not ask for one. */
const EVERYWHERE = { dropRate: 0.03, malformedRate: 0.02, rateLimitRate: 0.02, disconnectRate: 0.03 }
const NEVER = { dropRate: 0, malformedRate: 0, rateLimitRate: 0, disconnectRate: 0 }
const TEXT = 'Chaos is found in greatest abundance wherever order is being sought. 秩序 👋 '

const refusing = (status: number): FixtureFileResponse => ({ error: { message: `chaos ${status}` }, status })

/** What a call can ask the provider to do, by the word in its text. */
const BEHAVIOURS: Readonly<Record<string, Omit<Fixture, 'match' | 'response'> & { response?: FixtureFileResponse }>> = {
  calm: { chaos: NEVER },
  usual: {},
  steady: { latency: 4 },
  slow: { latency: 15, chunkSize: 12 },
  late: { chaos: { latencyMs: 150 } },
  tools: { response: { toolCalls: [{ name: 'weather', arguments: '{"city":"Köln"}' }] } },
  thinking: { response: { content: TEXT, reasoning: 'What is order?' } },
  dropped: { chaos: { dropRate: 1 } },
  malformed: { chaos: { malformedRate: 1 } },
  busy: { chaos: { rateLimitRate: 1 } },
  hangup: { chaos: { disconnectRate: 1 } },
  truncated: { truncateAfterChunks: 3 },
  cut: { disconnectAfterMs: 25, latency: 8, chunkSize: 8 },
  wrong: { response: refusing(400) },
  forbidden: { response: refusing(401) },
  missing: { response: refusing(404) },
  failing: { response: refusing(503) },
  overloaded: { response: refusing(529) },
}
export const BEHAVIOUR_NAMES = Object.keys(BEHAVIOURS)

/** The text that makes the provider behave so, for a call of this number. */
export const chaosText = (behaviour: string, number: number) => `Be ${behaviour}, call ${number}.`
const ASKED = /Be (\w+), call (\d+)\./
/** A header that is passed on to providers: by it an arrival is known before anything else happens to it. */
export const NUMBER_HEADER = 'idempotency-key'

export async function startChaosProvider(): Promise<ChaosProvider> {
  const arrivals = new Map<number, Arrival[]>()
  const mock = new LLMock({ host: '127.0.0.1', port: 0, logLevel: 'silent', chaos: EVERYWHERE, journalMaxEntries: 100 })
  for (const [name, { response, ...options }] of Object.entries(BEHAVIOURS))
    mock.on({ predicate: (request) => ASKED.exec(textOf(request))?.[1] === name }, answer(response), options)
  await mock.start()

  function answer(response: FixtureFileResponse = { content: TEXT }) {
    return (request: ChatCompletionRequest) => {
      if ('error' in response) return response as never
      const number = Number(ASKED.exec(textOf(request))?.[2])
      const usage = usageOf(number, request)
      const arrival = arrivals.get(number)?.at(-1)
      if (arrival) arrival.usage = usage
      return { ...response, usage: inWordsOf(request, usage) } as never
    }
  }

  // Beside aimock's own journal, which leaves out what nobody waited for.
  function arrived(message: unknown): void {
    const { request, response } = message as { request: IncomingMessage; response: ServerResponse }
    const number = Number(request.headers[NUMBER_HEADER] ?? Number.NaN)
    if (Number.isNaN(number)) return
    const arrival: Arrival = { status: 0, whole: false, usage: undefined }
    const earlier = arrivals.get(number)
    if (earlier) earlier.push(arrival)
    else arrivals.set(number, [arrival])
    response.once('close', () => {
      arrival.whole = response.writableFinished
      arrival.status = response.headersSent ? response.statusCode : 0
    })
  }
  subscribe('http.server.request.start', arrived)
  return {
    url: mock.url,
    arrivals,
    async close() {
      unsubscribe('http.server.request.start', arrived)
      await mock.stop()
    },
  }
}

function textOf({ messages }: ChatCompletionRequest): string {
  const content = messages.findLast(({ role }) => role === 'user')?.content
  return typeof content === 'string' ? content : ''
}

/** Never more output than was allowed, as real providers do. */
function usageOf(number: number, request: ChatCompletionRequest) {
  const most = Number(request['max_completion_tokens'] ?? request.max_tokens ?? 1)
  return { input: 5 + (number % 30), output: Math.min(most, 1 + (number % 45)) }
}

function inWordsOf({ model }: ChatCompletionRequest, { input, output }: { input: number; output: number }) {
  if (model.startsWith('claude')) return { input_tokens: input, output_tokens: output }
  return { prompt_tokens: input, completion_tokens: output, total_tokens: input + output }
}
