import type { AskedTiers, Demand } from '../../../core/bound.ts'
import type { Address, Format, RequestBody } from '../../../core/ports/format.ts'
import { type JsonObject, objectOrUndefined, optionalInteger } from '../field.ts'
import { type Content, referencesOf, textsOf } from './contents.ts'
import { edit } from './edit.ts'
import { googleError } from './error.ts'
import { geminiGenerateMeter } from './generate-meter.ts'
import { memberOf, modelOf, objectAt, objectsAt } from './members.ts'

/** Gemini's generateContent and streamGenerateContent. Model and mode stand in the path. */
export const geminiGenerate: Format = {
  name: 'gemini-generate',
  demand,
  inputText,
  edit,
  meter: geminiGenerateMeter,
  reportsUsageUnasked: () => true,
  counting: {
    request: ({ json }, model) => ({ generateContentRequest: { ...json, model: `models/${model}` } }),
    inputTokens: (answer) => objectOrUndefined(answer)?.['totalTokens'],
  },
  error: googleError,
}

/** Tokens around turns and tools that no field holds; Google does not publish them, and they are few. */
const HIDDEN_TOKENS = { perRequest: 32, perContent: 8, forTools: 256, perTool: 32 } as const
/** Google's own ceiling of candidates. */
const MOST_CANDIDATES = 8

function demand({ json, text }: RequestBody, address: Address): Demand {
  const model = modelOf(json, address.model)
  const contents = contentsOf(json)
  const tools = objectsAt(json, 'tools')
  const config = objectAt(json, 'generationConfig')
  const cached = memberOf(json, 'cachedContent')
  return {
    model,
    stream: address.stream ?? false,
    inputBytes: Buffer.byteLength(text),
    hiddenInputTokens:
      HIDDEN_TOKENS.perRequest +
      HIDDEN_TOKENS.perContent * contents.length +
      (tools.length > 0 ? HIDDEN_TOKENS.forTools + HIDDEN_TOKENS.perTool * functionsOf(tools) : 0),
    references: [...contents.flatMap(referencesOf), ...(cached.value === undefined ? [] : [cached.path])],
    unboundedParts: tools.flatMap(hostedTools),
    maxOutputTokens: config && integerAt(config, 'maxOutputTokens', 1),
    thinkingTokens: thinkingTokens(config),
    choices: (config && integerAt(config, 'candidateCount', 1, MOST_CANDIDATES)) ?? 1,
    serviceTiers: serviceTiers(json),
  }
}

function contentsOf(json: JsonObject): readonly Content[] {
  const system = objectAt(json, 'systemInstruction')
  return [...(system ? [system] : []), ...objectsAt(json, 'contents')]
}

function integerAt({ path, value }: Content, name: string, least: number, most?: number): number | undefined {
  const member = memberOf(value, name, path)
  return optionalInteger(value, member.name, { least, path: member.path, ...(most !== undefined && { most }) })
}

/**
 * Thinking counts against maxOutputTokens (an answer of 256 thoughts and no text at a ceiling of 256:
 * googleapis/python-genai#811), so it needs no bound of its own, but a clamp must leave it room. -1 lets the model decide.
 */
function thinkingTokens(config: Content | undefined): number {
  const thinking = config && objectAt(config.value, 'thinkingConfig', config.path)
  return Math.max(0, (thinking && integerAt(thinking, 'thinkingBudget', -1)) ?? 0)
}

/** Flex and priority have to be asked for; priority may be served at the usual tier, which a ceiling covers anyway. */
function serviceTiers(json: JsonObject): AskedTiers {
  const { value } = memberOf(json, 'serviceTier')
  const asked = typeof value === 'string' ? value.toLowerCase() : undefined
  return { asked: asked === undefined || USUAL_TIERS.has(asked) ? [] : [asked], possible: [] }
}
const USUAL_TIERS = new Set(['', 'standard', 'unspecified', 'service_tier_unspecified'])

/** Whatever Google runs itself (search, code, URLs, files) puts more before the model, and asks it again. */
function hostedTools({ path, value }: Content): string[] {
  return Object.keys(value).flatMap((name) =>
    value[name] == null || name === 'functionDeclarations' || name === 'function_declarations'
      ? []
      : [`${path}.${name}`],
  )
}

function functionsOf(tools: readonly Content[]): number {
  return tools.reduce((sum, { path, value }) => sum + objectsAt(value, 'functionDeclarations', path).length, 0)
}

function inputText({ json }: RequestBody): string {
  const texts = contentsOf(json).flatMap(textsOf)
  for (const name of ['tools', 'generationConfig']) {
    const { value } = memberOf(json, name)
    if (value !== undefined) texts.push(JSON.stringify(value))
  }
  return texts.join('\n')
}
