import type { LanguageModelV3, LanguageModelV3StreamPart } from '@ai-sdk/provider'
import type { TranslatedAnswer, Translation } from '../core/ports/translation.ts'
import { completionOf, type Head } from './answer.ts'
import { chunkWriter } from './chunks.ts'
import { failureOf, ours, refusalIn } from './failure.ts'
import type { Loopback } from './loopback.ts'
import { callOptionsOf } from './request.ts'

/**
 * Answers calls of OpenAI's Chat by AWS Bedrock's Converse, through the native route behind the door. Throws PublicError
 * where a body cannot be said in the other API.
 */
export function chatOverConverse(door: Pick<Loopback, 'url' | 'fetch'>): Translation {
  return {
    from: 'openai-chat',
    into: 'bedrock-converse',
    async answer(call) {
      const { id, body, key, headers, signal, stream, atMs } = call
      const options = { ...callOptionsOf(body), headers: { ...headers }, abortSignal: signal }
      // Loaded when first needed: most installations never do, and it is large.
      const { createAmazonBedrock } = await import('@ai-sdk/amazon-bedrock')
      // The region is only for AWS's own addresses; ours stands in the place of one.
      const bedrock = createAmazonBedrock({ baseURL: door.url, fetch: door.fetch, apiKey: key, region: 'us-east-1' })
      const model = bedrock(call.model)
      const head: Head = { id: `chatcmpl-${id}`, created: Math.floor(atMs / 1000), model: call.model }
      try {
        return stream ? await streamed(model, options, head, asksForUsage(body)) : await whole(model, options, head)
      } catch (error) {
        const refusal = refusalIn(error)
        if (refusal) return refusal
        const { status, headers: told, body: failure } = failureOf(error)
        return { status, contentType: JSON_TYPE, headers: told, pieces: one(JSON.stringify(failure)) }
      }
    },
  }
}
const JSON_TYPE = 'application/json; charset=utf-8'

type Options = Parameters<LanguageModelV3['doGenerate']>[0]

async function whole(model: LanguageModelV3, options: Options, head: Head): Promise<TranslatedAnswer> {
  const result = await model.doGenerate(options)
  const text = JSON.stringify(completionOf(head, result))
  return { status: 200, contentType: JSON_TYPE, headers: ours(result.response?.headers), pieces: one(text) }
}

async function streamed(
  model: LanguageModelV3,
  options: Options,
  head: Head,
  includeUsage: boolean,
): Promise<TranslatedAnswer> {
  const { stream, response } = await model.doStream(options)
  const pieces = events(stream, head, includeUsage)
  return { status: 200, contentType: 'text/event-stream; charset=utf-8', headers: ours(response?.headers), pieces }
}

async function* events(
  parts: AsyncIterable<LanguageModelV3StreamPart>,
  head: Head,
  includeUsage: boolean,
): AsyncIterable<string> {
  const writer = chunkWriter(head, includeUsage)
  for await (const part of parts) {
    if (part.type === 'error') {
      yield event(failureOf(part.error).body)
      return
    }
    for (const chunk of writer.chunk(part)) yield event(chunk)
  }
  yield 'data: [DONE]\n\n'
}

function asksForUsage(body: Readonly<Record<string, unknown>>): boolean {
  const options = body['stream_options'] as { include_usage?: unknown } | null | undefined
  return options?.include_usage === true
}

const event = (value: object) => `data: ${JSON.stringify(value)}\n\n`

async function* one(text: string): AsyncIterable<string> {
  yield text
}
