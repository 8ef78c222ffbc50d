import { once } from 'node:events'
import { connect } from 'node:net'
import { Agent, request } from 'undici'

/** A pool of its own, so that a test's many calls neither queue behind each other nor outlive it. */
export const pool = () =>
  new Agent({ connections: null, pipelining: 1, keepAliveTimeout: 1, headersTimeout: 0, bodyTimeout: 0 })

export interface WireAnswer {
  readonly status: number
  readonly headers: Record<string, string | string[] | undefined>
  readonly bytes: Buffer
  /** The answer broke off before its end. */
  readonly broken: boolean
}

export const CHAT = '/v1/chat/completions'
export const MESSAGES = '/v1/messages'
export const CHAT_MODEL = 'gpt-4o-mini'
export const MESSAGES_MODEL = 'claude-haiku-4-5'

export const chatCall = (more: object = {}) => ({
  model: CHAT_MODEL,
  messages: [{ role: 'user', content: 'Say hello.' }],
  max_tokens: 50,
  ...more,
})
export const messagesCall = (more: object = {}) => ({ ...chatCall(), model: MESSAGES_MODEL, ...more })

/** One call as bytes: what is sent is exactly this, and what came back is all of it. */
export async function call(
  url: string,
  path: string,
  key: string,
  body: unknown,
  options: { headers?: Record<string, string>; signal?: AbortSignal; dispatcher?: Agent } = {},
): Promise<WireAnswer> {
  const { headers = {}, ...rest } = options
  const answer = await request(url + path, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json', ...headers },
    body: typeof body === 'string' || Buffer.isBuffer(body) ? body : JSON.stringify(body),
    ...rest,
  })
  const chunks: Buffer[] = []
  let broken = false
  try {
    for await (const chunk of answer.body) chunks.push(chunk as Buffer)
  } catch {
    broken = true
  }
  return { status: answer.statusCode, headers: answer.headers, bytes: Buffer.concat(chunks), broken }
}

export const textOf = (answer: WireAnswer) => answer.bytes.toString()
export const jsonOf = (answer: WireAnswer) => JSON.parse(textOf(answer))

/** Sends raw bytes on a socket of their own, and answers everything that came until the other side closed it. */
export async function rawExchange(url: string, bytes: string | Buffer, withinMs = 5_000): Promise<string> {
  const { hostname, port } = new URL(url)
  const socket = connect(Number(port), hostname)
  let received = ''
  socket.setEncoding('latin1').on('data', (text: string) => {
    received += text
  })
  socket.on('error', () => undefined)
  await once(socket, 'connect')
  socket.write(bytes)
  socket.setTimeout(withinMs, () => socket.destroy())
  await once(socket, 'close')
  return received
}
