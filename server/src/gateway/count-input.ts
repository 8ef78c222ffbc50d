import type { IncomingHttpHeaders } from 'node:http'
import type { RequestBody } from '../core/ports/format.ts'
import { brokenError } from './failure.ts'
import { requestTo } from './forward.ts'
import type { Gateway } from './gateway.ts'
import type { Callable } from './resolve.ts'

/** A count is a few bytes; what is longer is none. */
const ANSWER_CAP_BYTES = 1024 * 1024
/** How long a call that is near its limit waits for an exact count, before the count of bytes decides. */
const CALL_PATIENCE_MS = 5_000

/** The members of a message that count_tokens takes; the others do not change the input. */
const COUNTED = ['messages', 'system', 'tools', 'tool_choice', 'thinking']

/** The provider's own count of a call's input; undefined where it does not count, or not in time. */
export async function countInput(
  gateway: Gateway,
  deployment: Callable,
  body: RequestBody,
): Promise<number | undefined> {
  if (gateway.endpoints[deployment.format]?.countPath === undefined) return undefined
  const giveBack = gateway.counts.take()
  if (!giveBack) return undefined
  const counted = Object.fromEntries(COUNTED.flatMap((name) => (name in body.json ? [[name, body.json[name]]] : [])))
  const asked = Buffer.from(JSON.stringify({ model: deployment.upstreamModel, ...counted }))
  try {
    const { status, bytes } = await askForCount(gateway, deployment, deployment.format, {}, asked, CALL_PATIENCE_MS)
    const count: unknown = status === 200 ? JSON.parse(bytes.toString()).input_tokens : undefined
    return Number.isSafeInteger(count) && (count as number) >= 0 ? (count as number) : undefined
  } catch {
    return undefined
  } finally {
    giveBack()
  }
}

/** Asks a provider's counting endpoint, and answers whatever it says. Throws PublicError where it cannot be reached. */
export async function askForCount(
  gateway: Gateway,
  deployment: Callable,
  format: string,
  clientHeaders: IncomingHttpHeaders,
  body: Buffer,
  timeoutMs: number,
) {
  const endpoint = gateway.endpoints[format]!
  const request = requestTo({ deployment, endpoint, clientHeaders, body, path: endpoint.countPath! })
  try {
    const answer = await gateway.dispatcher.request({ ...request, headersTimeout: timeoutMs, bodyTimeout: timeoutMs })
    return { status: answer.statusCode, headers: answer.headers, bytes: await upTo(answer.body, ANSWER_CAP_BYTES) }
  } catch (error) {
    throw brokenError(deployment, error as Error)
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
