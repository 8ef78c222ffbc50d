import type { AskedTiers, Demand } from '../../../core/bound.ts'
import type { Address, Edits, Format, RequestBody } from '../../../core/ports/format.ts'
import {
  arrayOrEmpty,
  invalidField,
  type JsonObject,
  objectOrUndefined,
  optionalArray,
  optionalInteger,
  optionalObject,
  picked,
} from '../field.ts'
import { memberObject, setMember, type Splice, spliced } from '../splice.ts'
import { additionalDemand } from './additional-fields.ts'
import { modelOf } from './address.ts'
import { converseMeter } from './converse-meter.ts'
import { awsError, awsErrorHeaders } from './error.ts'
import { textsIn } from './texts.ts'

/** AWS Bedrock's Converse: one shape for the models of every maker. */
export const bedrockConverse: Format = {
  name: 'bedrock-converse',
  demand,
  inputText: ({ json }) => textsIn(picked(json, COUNTED)).join('\n'),
  edit,
  meter: converseMeter,
  reportsUsageUnasked: () => true,
  counting: {
    request: ({ json }) => ({ input: { converse: picked(json, COUNTED) } }),
    inputTokens: (answer) => objectOrUndefined(answer)?.['inputTokens'],
  },
  error: awsError,
  errorHeaders: awsErrorHeaders,
}

/** The members of a request that CountTokens takes; the others do not change the input. */
const COUNTED = ['messages', 'system', 'toolConfig', 'additionalModelRequestFields'] as const

/** Tokens that no field holds: templates of conversations, and the dearest maker's system prompt for tools (Claude's). */
const HIDDEN_TOKENS = { perRequest: 128, perMessage: 8, forTools: 1024 } as const

function demand({ json, text }: RequestBody, address: Address): Demand {
  const model = modelOf(address)
  const messages = optionalArray(json, 'messages').map((message, index) => {
    const object = objectOrUndefined(message)
    if (object === undefined) throw invalidField(`messages[${index}]`, 'must be an object')
    return object
  })
  const inference = optionalObject(json, 'inferenceConfig') ?? {}
  const tools = toolsOf(json)
  const additional = additionalDemand(json)
  return {
    model,
    stream: address.stream ?? false,
    inputBytes: Buffer.byteLength(text),
    hiddenInputTokens:
      HIDDEN_TOKENS.perRequest +
      HIDDEN_TOKENS.perMessage * messages.length +
      (tools.length > 0 ? HIDDEN_TOKENS.forTools : 0) +
      additional.hiddenInputTokens,
    references: [
      ...optionalArray(json, 'system').flatMap((block, index) => referenceOf(block, `system[${index}]`)),
      ...messages.flatMap(({ content }, index) => referencesOf(content, `messages[${index}].content`)),
    ],
    unboundedParts: [
      // A prompt that AWS keeps: its texts and its output ceiling are there and not here.
      ...(/:prompt\//.test(model) || json['promptVariables'] != null ? ['a stored prompt'] : []),
      ...tools.flatMap((tool, index) => (isBounded(tool) ? [] : [`toolConfig.tools[${index}]`])),
      ...additional.unboundedParts,
    ],
    maxOutputTokens: optionalInteger(inference, 'maxTokens', { least: 1, path: 'inferenceConfig.maxTokens' }),
    thinkingTokens: additional.thinkingTokens,
    choices: 1,
    serviceTiers: askedTiers(json),
  }
}

function toolsOf(json: JsonObject): readonly unknown[] {
  const tools = optionalObject(json, 'toolConfig')?.['tools']
  if (tools === undefined || tools === null) return []
  if (!Array.isArray(tools)) throw invalidField('toolConfig.tools', 'must be an array')
  return tools
}

/** Tools that AWS runs itself sample the model again and again within one request. */
function isBounded(tool: unknown): boolean {
  const object = objectOrUndefined(tool)
  return object !== undefined && Object.keys(object).every((name) => name === 'toolSpec' || name === 'cachePoint')
}

/** Images, documents, sounds, videos and whatever we do not know: their tokens do not follow from their bytes. */
function referencesOf(content: unknown, path: string): string[] {
  if (objectOrUndefined(content)) return [path]
  return arrayOrEmpty(content).flatMap((block, index) => referenceOf(block, `${path}[${index}]`))
}

function referenceOf(value: unknown, path: string): string[] {
  const block = objectOrUndefined(value)
  if (block === undefined) return typeof value === 'string' ? [] : [path]
  return Object.entries(block).flatMap(([kind, part]) => {
    if (kind === 'toolResult') return referencesOf(objectOrUndefined(part)?.['content'], `${path}.toolResult.content`)
    if (kind === 'guardContent' && objectOrUndefined(part)?.['text'] !== undefined) return []
    return PLAIN_BLOCKS.has(kind) ? [] : [`${path}.${kind}`]
  })
}
const PLAIN_BLOCKS = new Set([
  ...['text', 'json', 'toolUse', 'reasoningContent', 'cachePoint', 'searchResult', 'citationsContent'],
  ...['toolAddition', 'toolRemoval'],
])

/** What is not asked for is served at the usual tier: an account cannot be set up to prefer another one. */
function askedTiers(json: JsonObject): AskedTiers {
  const tier = optionalObject(json, 'serviceTier')?.['type'] ?? 'default'
  const latency = optionalObject(json, 'performanceConfig')?.['latency'] ?? 'standard'
  if (typeof tier !== 'string') throw invalidField('serviceTier.type', 'must be a string')
  if (typeof latency !== 'string') throw invalidField('performanceConfig.latency', 'must be a string')
  return { asked: [tier, latency].filter((name) => name !== 'default' && name !== 'standard'), possible: [] }
}

function edit(body: RequestBody, { maxOutputTokens }: Edits): Buffer {
  const splices: Splice[] = []
  if (maxOutputTokens !== undefined) {
    const inference = objectOrUndefined(body.json['inferenceConfig']) && memberObject(body, 'inferenceConfig')
    const whole = { text: body.text, members: body.members, offset: 0 }
    splices.push(
      inference
        ? setMember(inference, 'maxTokens', String(maxOutputTokens))
        : setMember(whole, 'inferenceConfig', `{"maxTokens":${maxOutputTokens}}`),
    )
  }
  return Buffer.from(spliced(body.text, splices))
}
