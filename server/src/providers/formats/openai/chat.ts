import type { Demand } from '../../../core/bound.ts'
import type { Address, Edits, Format, RequestBody } from '../../../core/ports/format.ts'
import {
  arrayOrEmpty,
  type JsonObject,
  objectOrUndefined,
  optionalArray,
  optionalBoolean,
  optionalInteger,
  requiredMessages,
  requiredModel,
  stringOrEmpty,
} from '../field.ts'
import { setMember, type Splice, spliced } from '../splice.ts'
import { openaiChatMeter } from './chat-meter.ts'
import { unboundedExtras } from './compatible-hosts.ts'
import { openaiError } from './error.ts'
import { hiddenInputTokens } from './hidden-tokens.ts'
import { askedTiers } from './service-tier.ts'
import { askForUsage, asksForUsage, checkStreamOptions } from './stream-usage.ts'

/** OpenAI Chat Completions, as OpenAI and many other hosts speak it. */
export const openaiChat: Format = {
  name: 'openai-chat',
  demand,
  inputText,
  edit,
  meter: openaiChatMeter,
  reportsUsageUnasked: asksForUsage,
  error: openaiError,
}

function demand({ json, text }: RequestBody, address: Address): Demand {
  const model = requiredModel(json, address.model)
  const messages = requiredMessages(json)
  const tools = [...optionalArray(json, 'tools'), ...optionalArray(json, 'functions')]
  checkStreamOptions(json)
  return {
    model,
    stream: optionalBoolean(json, 'stream') ?? false,
    inputBytes: Buffer.byteLength(text),
    hiddenInputTokens: hiddenInputTokens(model, { messages: messages.length, tools: tools.length }),
    references: messages.flatMap(referencesOf),
    unboundedParts: unboundedParts(json, model),
    maxOutputTokens: maxOutputTokens(json),
    thinkingTokens: 0,
    choices: optionalInteger(json, 'n', { least: 1, most: 128 }) ?? 1,
    serviceTiers: askedTiers(json),
  }
}

/** Where both names are given the larger wins: hosts differ in which one they read. */
function maxOutputTokens(json: JsonObject): number | undefined {
  const older = optionalInteger(json, 'max_tokens', { least: 1 })
  const newer = optionalInteger(json, 'max_completion_tokens', { least: 1 })
  return older !== undefined && newer !== undefined ? Math.max(older, newer) : (newer ?? older)
}

/** A part that is not plain text is worth tokens that its bytes do not tell, be it a URL, an id or data. */
function referencesOf(message: JsonObject, index: number): string[] {
  if (objectOrUndefined(message['content'])) return [`messages[${index}].content`]
  const references = arrayOrEmpty(message['content']).flatMap((part, at) =>
    PLAIN_PARTS.has(objectOrUndefined(part)?.['type']) || typeof part === 'string'
      ? []
      : [`messages[${index}].content[${at}]`],
  )
  if (message['audio'] != null) references.push(`messages[${index}].audio`)
  return references
}
const PLAIN_PARTS = new Set<unknown>(['text', 'refusal'])

/**
 * Web search and other tools that the host runs itself; `prediction`, whose rejected tokens are billed beyond the output
 * ceiling.
 */
function unboundedParts(json: JsonObject, model: string): string[] {
  const parts = ['web_search_options', 'prediction'].filter((name) => json[name] != null)
  parts.push(...unboundedExtras(json, model))
  optionalArray(json, 'tools').forEach((tool, index) => {
    if (!CLIENT_TOOLS.has(objectOrUndefined(tool)?.['type'])) parts.push(`tools[${index}]`)
  })
  return parts
}
const CLIENT_TOOLS = new Set<unknown>(['function', 'custom'])

function inputText({ json }: RequestBody): string {
  const texts: string[] = []
  for (const value of arrayOrEmpty(json['messages'])) {
    const message = objectOrUndefined(value) ?? {}
    texts.push(stringOrEmpty(message['role']), stringOrEmpty(message['name']), stringOrEmpty(message['content']))
    for (const part of arrayOrEmpty(message['content'])) {
      const { text, refusal } = objectOrUndefined(part) ?? {}
      texts.push(stringOrEmpty(text), stringOrEmpty(refusal))
    }
    for (const name of ['tool_calls', 'function_call', 'tool_call_id', 'reasoning_content', 'refusal'])
      if (message[name] != null) texts.push(JSON.stringify(message[name]))
  }
  for (const name of ['tools', 'functions', 'response_format'])
    if (json[name] != null) texts.push(JSON.stringify(json[name]))
  return texts.filter((text) => text !== '').join('\n')
}

function edit(body: RequestBody, edits: Edits): Buffer {
  const splices: Splice[] = []
  const whole = { text: body.text, members: body.members, offset: 0 }
  const set = (name: string, json: string) => splices.push(setMember(whole, name, json))
  if (edits.model !== undefined) set('model', JSON.stringify(edits.model))
  const ceiling = edits.maxOutputTokens ?? unheardCeiling(body.json, edits)
  if (ceiling !== undefined) for (const name of ceilingFields(body.json, edits)) set(name, String(ceiling))
  if (edits.includeUsage) splices.push(askForUsage(body))
  return Buffer.from(spliced(body.text, splices))
}

/** The client's ceiling, where the host would not know the only name that it was given by. */
function unheardCeiling(json: JsonObject, { outputCapField }: Edits): number | undefined {
  return outputCapField === 'max_tokens' && json['max_tokens'] == null ? maxOutputTokens(json) : undefined
}

/** Every ceiling that the client gave, and one that the host knows, so that no reading of them is above ours. */
function ceilingFields(json: JsonObject, { outputCapField = 'max_completion_tokens' }: Edits): string[] {
  const given = ['max_tokens', 'max_completion_tokens'].filter((name) => json[name] != null)
  const isKnown = given.length > 0 && (outputCapField === 'max_completion_tokens' || given.includes(outputCapField))
  return isKnown ? given : [...given, outputCapField]
}
