import type { Demand } from '../../../core/bound.ts'
import type { Address, Edits, Format, RequestBody } from '../../../core/ports/format.ts'
import {
  invalidField,
  objectOrUndefined,
  optionalArray,
  optionalBoolean,
  optionalInteger,
  optionalObject,
  picked,
  requiredModel,
} from '../field.ts'
import { setMember, type Splice, spliced } from '../splice.ts'
import { unboundedExtras } from './compatible-hosts.ts'
import { openaiError } from './error.ts'
import { hiddenInputTokens } from './hidden-tokens.ts'
import { inputItems, inputText, referencesIn, unboundedIn } from './responses-input.ts'
import { openaiResponsesMeter } from './responses-meter.ts'
import { isDefinedTool, unboundedTools } from './responses-tools.ts'
import { askedTiers } from './service-tier.ts'
import { checkStreamOptions } from './stream-usage.ts'

/** OpenAI Responses, and the compaction of a conversation. Its streams say the usage unasked. */
export const openaiResponses: Format = {
  name: 'openai-responses',
  demand,
  inputText,
  edit,
  meter: openaiResponsesMeter,
  reportsUsageUnasked: () => true,
  counting: {
    request: ({ json }, model) => ({ model, ...picked(json, COUNTED) }),
    inputTokens: (answer) => objectOrUndefined(answer)?.['input_tokens'],
  },
  error: openaiError,
}

/** The members of a request that the count of its input takes. */
const COUNTED = [
  ...['input', 'instructions', 'tools', 'tool_choice', 'parallel_tool_calls', 'text', 'reasoning', 'truncation'],
  ...['previous_response_id', 'conversation'],
]

/** What OpenAI keeps of earlier calls, and reads again: each may fill the context. */
const STORED = ['previous_response_id', 'conversation']

function demand({ json, text }: RequestBody, { compacts }: Address): Demand {
  const model = requiredModel(json)
  const items = inputItems(json)
  const tools = optionalArray(json, 'tools')
  checkStreamOptions(json)
  optionalObject(json, 'text')
  if (optionalBoolean(json, 'background'))
    throw invalidField('background', 'cannot be true here: what such a call uses is known only after it')
  return {
    model,
    stream: optionalBoolean(json, 'stream') ?? false,
    inputBytes: Buffer.byteLength(text),
    hiddenInputTokens: hiddenInputTokens(model, {
      messages: items.length + 1,
      tools: tools.length,
      definedTools: tools.filter(isDefinedTool).length,
    }),
    references: [...STORED.filter((name) => json[name] != null), ...referencesIn(items)],
    unboundedParts: [
      // A stored prompt may bring tools of its own; a compaction inside a call reads the context once more.
      ...(json['prompt'] == null ? [] : ['prompt']),
      ...(optionalArray(json, 'context_management').length === 0 ? [] : ['context_management']),
      ...unboundedTools(tools, 'tools'),
      ...unboundedIn(items),
      ...unboundedExtras(json, model),
    ],
    maxOutputTokens: compacts ? undefined : optionalInteger(json, 'max_output_tokens', { least: 1 }),
    thinkingTokens: 0,
    choices: 1,
    ...(compacts && { cannotClamp: true }),
    serviceTiers: askedTiers(json),
  }
}

function edit(body: RequestBody, { model, maxOutputTokens }: Edits): Buffer {
  const whole = { text: body.text, members: body.members, offset: 0 }
  const splices: Splice[] = []
  if (model !== undefined) splices.push(setMember(whole, 'model', JSON.stringify(model)))
  if (maxOutputTokens !== undefined) splices.push(setMember(whole, 'max_output_tokens', String(maxOutputTokens)))
  return Buffer.from(spliced(body.text, splices))
}
