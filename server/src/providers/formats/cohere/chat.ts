import type { Demand } from '../../../core/bound.ts'
import type { Address, Format, RequestBody } from '../../../core/ports/format.ts'
import {
  arrayOrEmpty,
  type JsonObject,
  objectOrUndefined,
  optionalArray,
  optionalBoolean,
  optionalInteger,
  optionalObject,
  requiredMessages,
  requiredModel,
  stringOrEmpty,
} from '../field.ts'
import { cohereChatMeter } from './chat-meter.ts'
import { edit } from './edit.ts'
import { cohereError } from './error.ts'

/** Cohere's Chat, version 2. */
export const cohereChat: Format = {
  name: 'cohere-chat',
  demand,
  inputText,
  edit,
  meter: cohereChatMeter,
  reportsUsageUnasked: () => true,
  error: cohereError,
}

function demand({ json, text }: RequestBody, address: Address): Demand {
  const model = requiredModel(json, address.model)
  const messages = requiredMessages(json)
  return {
    model,
    stream: optionalBoolean(json, 'stream') ?? false,
    inputBytes: Buffer.byteLength(text),
    // What Cohere adds to a prompt it does not bill.
    hiddenInputTokens: 0,
    references: messages.flatMap(({ content }, index) => referencesOf(content, `messages[${index}].content`)),
    unboundedParts: optionalArray(json, 'tools').flatMap((tool, index) =>
      objectOrUndefined(tool)?.['type'] === 'function' ? [] : [`tools[${index}]`],
    ),
    maxOutputTokens: optionalInteger(json, 'max_tokens', { least: 1 }),
    thinkingTokens: thinkingTokens(json),
    choices: 1,
    serviceTiers: { asked: [], possible: [] },
  }
}

function thinkingTokens(json: JsonObject): number {
  const thinking = optionalObject(json, 'thinking')
  if (thinking === undefined) return 0
  return optionalInteger(thinking, 'token_budget', { least: 1, path: 'thinking.token_budget' }) ?? 0
}

/** A picture, or what is not known here, is worth tokens that its bytes do not tell. */
function referencesOf(content: unknown, path: string): string[] {
  if (objectOrUndefined(content)) return [path]
  return arrayOrEmpty(content).flatMap((part, at) =>
    typeof part === 'string' || PLAIN_PARTS.has(objectOrUndefined(part)?.['type']) ? [] : [`${path}[${at}]`],
  )
}
const PLAIN_PARTS = new Set<unknown>(['text', 'thinking', 'document'])

function inputText({ json }: RequestBody): string {
  const texts: string[] = []
  for (const value of arrayOrEmpty(json['messages'])) {
    const message = objectOrUndefined(value) ?? {}
    texts.push(stringOrEmpty(message['content']), stringOrEmpty(message['tool_plan']))
    for (const part of arrayOrEmpty(message['content'])) {
      const { text, thinking, document } = objectOrUndefined(part) ?? {}
      texts.push(stringOrEmpty(text), stringOrEmpty(thinking), document == null ? '' : JSON.stringify(document))
    }
    if (message['tool_calls'] != null) texts.push(JSON.stringify(message['tool_calls']))
  }
  for (const name of ['documents', 'tools', 'response_format'])
    if (json[name] != null) texts.push(JSON.stringify(json[name]))
  return texts.filter((text) => text !== '').join('\n')
}
