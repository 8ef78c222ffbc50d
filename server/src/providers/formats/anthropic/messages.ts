import type { AskedTiers, Demand } from '../../../core/bound.ts'
import type { ErrorBody } from '../../../core/errors.ts'
import type { Edits, Format, RequestBody } from '../../../core/ports/format.ts'
import { anthropicMessagesMeter } from './messages-meter.ts'
import {
  arrayOrEmpty,
  type JsonObject,
  objectOrUndefined,
  optionalArray,
  optionalBoolean,
  optionalInteger,
  optionalObject,
  optionalString,
  picked,
  requiredMessages,
  requiredModel,
  stringOrEmpty,
} from '../field.ts'
import { setMember, type Splice, spliced } from '../splice.ts'

/** Anthropic Messages. */
export const anthropicMessages: Format = {
  name: 'anthropic-messages',
  demand,
  inputText,
  edit,
  meter: anthropicMessagesMeter,
  reportsUsageUnasked: () => true,
  counting: {
    request: ({ json }, model) => ({ model, ...picked(json, COUNTED) }),
    inputTokens: (answer) => objectOrUndefined(answer)?.['input_tokens'],
  },
  error,
}

/** The members of a message that count_tokens takes; the others do not change the input. */
const COUNTED = ['messages', 'system', 'tools', 'tool_choice', 'thinking', 'output_config', 'output_format'] as const

/**
 * Tokens that no field holds. Anthropic's pricing page lists the system prompt of tool use at up to about 700 tokens by
 * model, and each tool that it defines itself (bash, text editor, computer) at 245 to about 735: this is above all of
 * them.
 */
const HIDDEN_TOKENS = { perRequest: 16, perMessage: 8, forTools: 1024, perDefinedTool: 1024 } as const

function demand({ json, text }: RequestBody): Demand {
  const model = requiredModel(json)
  const messages = requiredMessages(json)
  const tools = optionalArray(json, 'tools')
  const definedTools = tools.filter((tool) => isDefinedTool(objectOrUndefined(tool)?.['type']))
  return {
    model,
    stream: optionalBoolean(json, 'stream') ?? false,
    inputBytes: Buffer.byteLength(text),
    hiddenInputTokens:
      HIDDEN_TOKENS.perRequest +
      HIDDEN_TOKENS.perMessage * messages.length +
      (tools.length > 0 ? HIDDEN_TOKENS.forTools : 0) +
      HIDDEN_TOKENS.perDefinedTool * definedTools.length,
    references: references(json, messages),
    unboundedParts: unboundedParts(json, tools),
    maxOutputTokens: optionalInteger(json, 'max_tokens', { least: 1 }),
    thinkingTokens: thinkingTokens(json),
    choices: 1,
    serviceTiers: serviceTiers(json),
  }
}

/** As answers name them: see the meter. A workspace may be set up for a place, and an account for priority. */
function serviceTiers(json: JsonObject): AskedTiers {
  const tier = optionalString(json, 'service_tier')
  const speed = optionalString(json, 'speed')
  const place = optionalString(json, 'inference_geo')
  return {
    asked: [speed, place].flatMap((word) => (word === undefined || USUAL.has(word) ? [] : [word])),
    possible: [...(tier === 'standard_only' ? [] : ['priority']), ...(place === undefined ? ['us'] : [])],
  }
}
const USUAL = new Set(['standard', 'global'])

function thinkingTokens(json: JsonObject): number {
  const thinking = optionalObject(json, 'thinking')
  if (thinking === undefined) return 0
  return optionalInteger(thinking, 'budget_tokens', { least: 1, path: 'thinking.budget_tokens' }) ?? 0
}

/** Images, documents, files, what the provider keeps, and whatever we do not know: tokens that do not follow from bytes. */
function references(json: JsonObject, messages: readonly JsonObject[]): string[] {
  const found = messages.flatMap(({ content }, index) => referencesOf(content, `messages[${index}].content`))
  found.push(...referencesOf(json['system'], 'system'))
  for (const name of ['container', 'thread']) if (json[name] != null) found.push(name)
  return found
}

function referencesOf(content: unknown, path: string): string[] {
  if (objectOrUndefined(content)) return [path]
  return arrayOrEmpty(content).flatMap((value, index) => {
    const at = `${path}[${index}]`
    const block = objectOrUndefined(value)
    if (block?.['type'] !== 'tool_result') return PLAIN_BLOCKS.has(block?.['type']) ? [] : [at]
    // A tool's result holds blocks of its own, but no further results.
    if (objectOrUndefined(block['content'])) return [`${at}.content`]
    return arrayOrEmpty(block['content']).flatMap((inner, innerIndex) =>
      PLAIN_BLOCKS.has(objectOrUndefined(inner)?.['type']) ? [] : [`${at}.content[${innerIndex}]`],
    )
  })
}
const PLAIN_BLOCKS = new Set<unknown>([
  'text',
  'thinking',
  'redacted_thinking',
  'tool_use',
  'server_tool_use',
  'search_result',
])

/**
 * Tools that Anthropic runs, and compaction, sample the model again and again within one request; `fallbacks` sample
 * other models than the one that limits and prices saw.
 */
function unboundedParts(json: JsonObject, tools: readonly unknown[]): string[] {
  const parts: string[] = []
  if (json['fallbacks'] != null) parts.push('fallbacks')
  if (arrayOrEmpty(json['mcp_servers']).length > 0) parts.push('mcp_servers')
  tools.forEach((tool, index) => {
    const type = objectOrUndefined(tool)?.['type']
    if (type != null && type !== 'custom' && !isDefinedTool(type)) parts.push(`tools[${index}]`)
  })
  arrayOrEmpty(objectOrUndefined(json['context_management'])?.['edits']).forEach((value, index) => {
    if (stringOrEmpty(objectOrUndefined(value)?.['type']).startsWith('compact'))
      parts.push(`context_management.edits[${index}]`)
  })
  return parts
}

/** Tools that Anthropic defines and the client runs. */
function isDefinedTool(type: unknown): boolean {
  return typeof type === 'string' && /^(?:bash|text_editor|computer|memory)_\d/.test(type)
}

function inputText({ json }: RequestBody): string {
  const texts: string[] = []
  const add = (content: unknown) => {
    texts.push(stringOrEmpty(content))
    for (const value of arrayOrEmpty(content)) {
      const block = objectOrUndefined(value) ?? {}
      texts.push(stringOrEmpty(block['text']), stringOrEmpty(block['thinking']), stringOrEmpty(block['name']))
      if (block['input'] != null) texts.push(JSON.stringify(block['input']))
      if (block['type'] === 'tool_result') add(textsOfResult(block['content']))
    }
  }
  add(json['system'])
  for (const message of arrayOrEmpty(json['messages'])) add(objectOrUndefined(message)?.['content'])
  if (json['tools'] != null) texts.push(JSON.stringify(json['tools']))
  return texts.filter((text) => text !== '').join('\n')
}

function textsOfResult(content: unknown): string {
  const texts = arrayOrEmpty(content).map((block) => stringOrEmpty(objectOrUndefined(block)?.['text']))
  return stringOrEmpty(content) + texts.join('\n')
}

function edit(body: RequestBody, edits: Edits): Buffer {
  const whole = { text: body.text, members: body.members, offset: 0 }
  const splices: Splice[] = []
  if (edits.model !== undefined) splices.push(setMember(whole, 'model', JSON.stringify(edits.model)))
  if (edits.maxOutputTokens !== undefined) splices.push(setMember(whole, 'max_tokens', String(edits.maxOutputTokens)))
  return Buffer.from(spliced(body.text, splices))
}

/** Anthropic's shape, with our own members beside its two. */
function error({ code, status, message, hint, field, details, retryAfterSeconds }: ErrorBody): unknown {
  return {
    type: 'error',
    error: {
      type: ERROR_TYPES[status] ?? (status < 500 ? 'invalid_request_error' : 'api_error'),
      message: `${message} ${hint}`,
      code,
      hint,
      ...(field !== undefined && { field }),
      ...(details && { details }),
      ...(retryAfterSeconds !== undefined && { retryAfterSeconds }),
    },
  }
}
const ERROR_TYPES: Readonly<Record<number, string>> = {
  401: 'authentication_error',
  403: 'permission_error',
  404: 'not_found_error',
  413: 'request_too_large',
  429: 'rate_limit_error',
  503: 'overloaded_error',
  504: 'timeout_error',
}
