import type { Demand } from '../../../core/bound.ts'
import type { Address, Edits, Format, RequestBody } from '../../../core/ports/format.ts'
import { anthropicMessages } from '../anthropic/messages.ts'
import {
  arrayOrEmpty,
  invalidField,
  type JsonObject,
  objectOrUndefined,
  optionalInteger,
  optionalObject,
} from '../field.ts'
import { memberObject, setMember, type Splice, spliced } from '../splice.ts'
import { modelOf } from './address.ts'
import { CLAUDE, type Dialect, dialectOfBody, dialectOfModel, firstDialectOf, parentOf, present } from './dialects.ts'
import { awsError, awsErrorHeaders } from './error.ts'
import { invokeMeter } from './invoke-meter.ts'
import { mediaIn } from './media.ts'
import { textsIn } from './texts.ts'

/** AWS Bedrock's InvokeModel: bodies and answers are those of the model's maker. */
export const bedrockInvoke: Format = {
  name: 'bedrock-invoke',
  demand,
  inputText: (body) => (isClaude(body.json) ? anthropicMessages.inputText(body) : textsIn(body.json).join('\n')),
  edit,
  meter: invokeMeter,
  reportsUsageUnasked: () => true,
  counting: {
    request: ({ text }) => ({ input: { invokeModel: { body: Buffer.from(text).toString('base64') } } }),
    inputTokens: (answer) => objectOrUndefined(answer)?.['inputTokens'],
  },
  error: awsError,
  errorHeaders: awsErrorHeaders,
}

const isClaude = (json: JsonObject) => firstDialectOf(json) === CLAUDE

/** Tokens that no field holds: templates of conversations, and of the tools and documents in them. */
const HIDDEN_TOKENS = { perRequest: 256, perMessage: 8, forTools: 1024, perDocument: 64 } as const

function demand(body: RequestBody, address: Address): Demand {
  const { json, members, text } = body
  const model = modelOf(address)
  const stream = address.stream ?? false
  const byModel = dialectOfModel(model)
  const dialect = byModel === 'unmetered' ? undefined : (byModel ?? dialectOfBody(json))
  if (dialect === CLAUDE && Array.isArray(json['messages'])) {
    const asked = { text, members, json: { ...json, model, stream } }
    return { ...withoutTiers(anthropicMessages.demand(asked, address)), stream }
  }
  const messages = arrayOrEmpty(json['messages'] ?? json['chat_history'])
  const documents = arrayOrEmpty(json['documents'])
  const hasTools = arrayOrEmpty(toolsOf(json)).length > 0 || documents.length > 0
  return {
    model,
    stream,
    inputBytes: Buffer.byteLength(text),
    hiddenInputTokens:
      HIDDEN_TOKENS.perRequest +
      HIDDEN_TOKENS.perMessage * messages.length +
      HIDDEN_TOKENS.perDocument * documents.length +
      (hasTools ? HIDDEN_TOKENS.forTools : 0),
    references: mediaIn(json),
    unboundedParts: dialect ? hostedTools(json) : ["a body in words of its model's maker that are not known here"],
    maxOutputTokens: dialect?.ceilings.length === 0 ? 0 : largest(json, dialect?.ceilings ?? []),
    thinkingTokens: 0,
    choices: largest(json, dialect?.choices ?? []) ?? 1,
  }
}

/** Bedrock asks for tiers in headers, which no body shows: it may be served at any. */
function withoutTiers({ serviceTiers: _anthropics, ...rest }: Demand): Demand {
  return rest
}

/** Where a figure stands twice, nobody knows which one counts: the larger one bounds. */
function largest(json: JsonObject, paths: readonly string[]): number | undefined {
  for (const path of paths) if (path.includes('.')) optionalObject(json, path.slice(0, path.indexOf('.')))
  const figures = present(json, paths).map((path) =>
    optionalInteger(parentOf(json, path), path.slice(path.indexOf('.') + 1), { least: 1, path }),
  )
  return figures.reduce((most, figure) => (most === undefined || figure! > most ? figure : most), undefined)
}

function toolsOf(json: JsonObject): unknown {
  return json['tools'] ?? objectOrUndefined(json['toolConfig'])?.['tools']
}

/** Tools and connectors that the provider runs sample the model again and again within one request. */
function hostedTools(json: JsonObject): string[] {
  const connectors = arrayOrEmpty(json['connectors']).length > 0 ? ['connectors'] : []
  return arrayOrEmpty(toolsOf(json)).reduce<string[]>((parts, value, index) => {
    const tool = objectOrUndefined(value)
    const type = tool?.['type']
    const isHosted = tool?.['systemTool'] !== undefined || (type != null && type !== 'function')
    return isHosted ? [...parts, `tools[${index}]`] : parts
  }, connectors)
}

/** Only the ceiling is ever edited: the model is named by the path. */
function edit(body: RequestBody, { maxOutputTokens, upstreamModel = '' }: Edits): Buffer {
  const byBody = firstDialectOf(body.json)
  const byModel = dialectOfModel(upstreamModel)
  if (byBody && byModel && byModel !== 'unmetered') expectAlike(body.json, byBody, byModel)
  const dialect = byModel === 'unmetered' ? undefined : (byModel ?? byBody)
  if (maxOutputTokens === undefined || !dialect) return Buffer.from(body.text)
  const given = present(body.json, dialect.ceilings)
  const paths = given.length > 0 ? given : dialect.ceilings.slice(0, 1)
  return Buffer.from(
    spliced(
      body.text,
      paths.map((path) => ceilingSplice(body, path, maxOutputTokens)),
    ),
  )
}

function ceilingSplice(body: RequestBody, path: string, tokens: number): Splice {
  const [outer, inner] = path.split('.', 2) as [string, string?]
  const whole = { text: body.text, members: body.members, offset: 0 }
  if (inner === undefined) return setMember(whole, outer, String(tokens))
  const parent = objectOrUndefined(body.json[outer]) && memberObject(body, outer)
  return parent ? setMember(parent, inner, String(tokens)) : setMember(whole, outer, `{"${inner}":${tokens}}`)
}

/**
 * A name that is configured here does not say whose model it is, so that the bound was read from the body alone. What
 * it was read from has to be what this model's maker reads.
 */
function expectAlike(json: JsonObject, byBody: Dialect, byModel: Dialect): void {
  const [stray] = [
    ...present(json, byBody.ceilings).filter((path) => !(byModel.ceilings as readonly string[]).includes(path)),
    ...present(json, byModel.choices).filter((path) => !byBody.choices.includes(path)),
  ]
  if (stray !== undefined)
    throw invalidField(
      stray,
      `is no word of this model's maker: its output ceiling is ${byModel.ceilings[0] ?? 'none'}`,
    )
  if (byBody.ceilings.length === 0 && byModel.ceilings.length > 0)
    throw invalidField(byModel.ceilings[0]!, 'is missing, and the body is one for embeddings')
}
