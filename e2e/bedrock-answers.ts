import { Sha256 } from '@smithy/core/checksum'
import { EventStreamCodec } from '@smithy/core/event-streams'
import { SignatureV4 } from '@smithy/signature-v4'
import type { Received, Script } from './fake-provider.ts'

/** The credentials that the gateway has, and nobody else: what is signed otherwise is refused, as AWS does. */
export const AWS_KEYS = {
  AWS_ACCESS_KEY_ID: 'AKIDCANARY0123456789',
  AWS_SECRET_ACCESS_KEY: 'canary-aws-secret-8f1c40e97ab2d6',
  AWS_SESSION_TOKEN: 'canary-aws-session-55b0c3d1e7',
  AWS_REGION: 'eu-central-1',
}

export const CONVERSE_USAGE = { inputTokens: 12, outputTokens: 9, totalTokens: 521, cacheReadInputTokens: 500 }
export const CLAUDE_USAGE = { input_tokens: 12, output_tokens: 9 }
export const PIECES = ['Hel', 'lo, ', 'wörld ', '👋'] as const
const TEXT = PIECES.join('')

/** Answers as Bedrock does, by the path. `instead` goes out in place of the end of a stream. */
export function bedrockAnswering(instead?: Buffer): Script {
  return async (exchange) => {
    const { received, response } = exchange
    if (!(await isSigned(received)))
      return void response
        .writeHead(403, { 'content-type': 'application/json', 'x-amzn-errortype': 'InvalidSignatureException' })
        .end(
          JSON.stringify({ message: 'The request signature we calculated does not match the signature you provided.' }),
        )
    const { headers, frames } = answerOf(received)
    response.writeHead(200, { 'x-amzn-requestid': '00000000-0000-4000-8000-000000000000', ...headers })
    const isStream = headers['content-type'] === EVENT_STREAM
    for (const bytes of instead && isStream ? [...frames.slice(0, 3), instead] : frames) await exchange.write(bytes)
    response.end()
  }
}

/** A stream that waits for the test after so many frames. */
export function holdingBedrockAfter(count: number): Script {
  return async (exchange) => {
    const { headers, frames } = answerOf(exchange.received)
    exchange.response.writeHead(200, headers)
    for (const bytes of frames.slice(0, count)) await exchange.write(bytes)
    await exchange.held()
    for (const bytes of frames.slice(count)) await exchange.write(bytes)
    exchange.response.end()
  }
}

/** The bytes of that answer, to compare with what a client got. */
export const bedrockBytes = (received: Received) => Buffer.concat(answerOf(received).frames)

const EVENT_STREAM = 'application/vnd.amazon.eventstream'
const JSON_HEADERS = { 'content-type': 'application/json' }

function answerOf({ path, json }: Received): { headers: Record<string, string>; frames: Buffer[] } {
  const action = path.slice(path.lastIndexOf('/') + 1)
  if (action === 'count-tokens') return { headers: JSON_HEADERS, frames: [body({ inputTokens: 20 })] }
  if (action === 'converse') return { headers: JSON_HEADERS, frames: [body(converseAnswer())] }
  if (action === 'converse-stream') return { headers: { 'content-type': EVENT_STREAM }, frames: converseFrames() }
  const isClaude = json?.['anthropic_version'] !== undefined
  if (action === 'invoke') {
    const counts = { 'x-amzn-bedrock-input-token-count': '12', 'x-amzn-bedrock-output-token-count': '9' }
    const answer = isClaude ? claudeMessage() : { generation: TEXT, prompt_token_count: 12, stop_reason: 'stop' }
    return { headers: { ...JSON_HEADERS, ...counts }, frames: [body(answer)] }
  }
  const headers = { 'content-type': EVENT_STREAM, 'x-amzn-bedrock-content-type': 'application/json' }
  return { headers, frames: isClaude ? claudeFrames() : llamaFrames() }
}

const body = (value: unknown) => Buffer.from(JSON.stringify(value))

function converseAnswer() {
  const message = { role: 'assistant', content: [{ text: TEXT }] }
  return { output: { message }, stopReason: 'end_turn', usage: CONVERSE_USAGE, metrics: { latencyMs: 1 } }
}

function converseFrames(): Buffer[] {
  return [
    event('messageStart', { role: 'assistant' }),
    ...PIECES.map((text) => event('contentBlockDelta', { contentBlockIndex: 0, delta: { text } })),
    event('contentBlockStop', { contentBlockIndex: 0 }),
    event('messageStop', { stopReason: 'end_turn' }),
    event('metadata', { usage: CONVERSE_USAGE, metrics: { latencyMs: 1 } }),
  ]
}

function claudeMessage() {
  const content = [{ type: 'text', text: TEXT }]
  return {
    id: 'msg_1',
    type: 'message',
    role: 'assistant',
    model: 'claude',
    content,
    stop_reason: 'end_turn',
    usage: CLAUDE_USAGE,
  }
}

const METRICS = { 'amazon-bedrock-invocationMetrics': { inputTokenCount: 12, outputTokenCount: 9 } }

function claudeFrames(): Buffer[] {
  const delta = (text: string) => chunk({ type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text } })
  return [
    chunk({
      type: 'message_start',
      message: { ...claudeMessage(), content: [], usage: { ...CLAUDE_USAGE, output_tokens: 1 } },
    }),
    chunk({ type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } }),
    ...PIECES.map(delta),
    chunk({ type: 'content_block_stop', index: 0 }),
    chunk({ type: 'message_delta', delta: { stop_reason: 'end_turn' }, usage: { output_tokens: 9 } }),
    chunk({ type: 'message_stop', ...METRICS }),
  ]
}

function llamaFrames(): Buffer[] {
  return [
    ...PIECES.map((generation) => chunk({ generation, stop_reason: null })),
    chunk({ generation: '', stop_reason: 'stop', ...METRICS }),
  ]
}

const codec = new EventStreamCodec(
  (bytes) => Buffer.from(bytes as Uint8Array).toString(),
  (text) => Buffer.from(text),
)
function frame(kind: 'event' | 'exception', name: string, payload: unknown): Buffer {
  const text = (value: string) => ({ type: 'string' as const, value })
  const headers = {
    [`:${kind}-type`]: text(name),
    ':content-type': text('application/json'),
    ':message-type': text(kind),
  }
  return Buffer.from(codec.encode({ headers, body: body(payload) }))
}
const event = (name: string, payload: unknown) => frame('event', name, payload)
const chunk = (payload: unknown) => event('chunk', { bytes: body(payload).toString('base64'), p: 'abc' })
export const exception = (name: string, message: string) => frame('exception', name, { message })

/** Whether AWS's own signer makes the same signature of the request with the gateway's secret, over at least what AWS asks. */
async function isSigned({ method, path, headers, body: bytes }: Received): Promise<boolean> {
  const { authorization = '' } = headers
  const names = /SignedHeaders=([^,]+)/.exec(authorization)?.[1]?.split(';') ?? []
  if (!['content-type', 'host', 'x-amz-date', 'x-amz-security-token'].every((name) => names.includes(name)))
    return false
  const at = String(headers['x-amz-date']).replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6Z')
  const signer = new SignatureV4({
    credentials: {
      accessKeyId: AWS_KEYS.AWS_ACCESS_KEY_ID,
      secretAccessKey: AWS_KEYS.AWS_SECRET_ACCESS_KEY,
      sessionToken: AWS_KEYS.AWS_SESSION_TOKEN,
    },
    region: AWS_KEYS.AWS_REGION,
    service: 'bedrock',
    sha256: Sha256,
    applyChecksum: false,
  })
  const signed = Object.fromEntries(names.map((name) => [name, String(headers[name])]))
  const request = { method, protocol: 'http:', hostname: 'host', path, query: {}, body: bytes, headers: signed }
  return (await signer.sign(request, { signingDate: new Date(at) })).headers['authorization'] === authorization
}
