import type { InputCount } from '../core/bound.ts'
import type { Errand } from '../core/ports/deployment.ts'
import type { Format, RequestBody } from '../core/ports/format.ts'
import { brokenError } from './failure.ts'
import { type Forward, requestTo } from './forward.ts'
import type { Gateway } from './gateway.ts'
import type { Callable } from './resolve.ts'

/** A count is a few bytes; what is longer is none. */
const ANSWER_CAP_BYTES = 1024 * 1024
/** How long a call that is near its limit waits for an exact count, before the count of bytes decides. */
const CALL_PATIENCE_MS = 5_000

/** The provider's own count of a call's input; undefined where it does not count, or not in time. */
export async function countInput(
  gateway: Gateway,
  deployment: Callable,
  format: Format,
  body: RequestBody,
): Promise<InputCount | undefined> {
  const { counting } = format
  const errand: Errand = { format: format.name, operation: 'count', stream: false, query: '' }
  if (!counting || gateway.endpoints[deployment.endpoint]?.path(deployment, errand) === undefined) return undefined
  const giveBack = gateway.counts.take()
  if (!giveBack) return undefined
  const asked = Buffer.from(JSON.stringify(counting.request(body, deployment.upstreamModel)))
  try {
    const forward = { deployment, errand, clientHeaders: {}, body: asked }
    const { status, bytes } = await askForCount(gateway, forward, CALL_PATIENCE_MS)
    const count = status === 200 ? counting.inputTokens(JSON.parse(bytes.toString())) : undefined
    return isCount(count) ? { tokens: count, of: 'provider' } : undefined
  } catch {
    return undefined
  } finally {
    giveBack()
  }
}

const isCount = (count: unknown): count is number => Number.isSafeInteger(count) && (count as number) >= 0

/** Asks a provider's counting endpoint, and answers whatever it says. Throws PublicError where it cannot be reached. */
export async function askForCount(gateway: Gateway, asked: Forward, timeoutMs: number) {
  const request = requestTo(gateway, asked)
  try {
    const answer = await gateway.dispatcher.request({ ...request, headersTimeout: timeoutMs, bodyTimeout: timeoutMs })
    return { status: answer.statusCode, headers: answer.headers, bytes: await upTo(answer.body, ANSWER_CAP_BYTES) }
  } catch (error) {
    throw brokenError(asked.deployment, error as Error)
  }
}

async function upTo(body: AsyncIterable<Buffer>, capBytes: number): Promise<Buffer> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of body) {
    size += chunk.length
    if (size > capBytes) throw new Error('the answer is too long')
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}
