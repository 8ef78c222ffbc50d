import type { Demand } from '../../../core/bound.ts'
import type { Address, Edits, Format, RequestBody } from '../../../core/ports/format.ts'
import {
  invalidField,
  type JsonObject,
  optionalBoolean,
  optionalInteger,
  requiredModel,
  stringOrEmpty,
} from '../field.ts'
import { setMember, type Splice, spliced } from '../splice.ts'
import { choicesMeter } from './choices-meter.ts'
import { unboundedExtras } from './compatible-hosts.ts'
import { openaiError } from './error.ts'
import { hiddenInputTokens } from './hidden-tokens.ts'
import { askedTiers } from './service-tier.ts'
import { askForUsage, asksForUsage, checkStreamOptions } from './stream-usage.ts'
import { optionalTexts, readable } from './text-list.ts'

/** OpenAI's older Completions: a text that is continued, or several at once. */
export const openaiCompletions: Format = {
  name: 'openai-completions',
  demand,
  inputText,
  edit,
  meter: (answer) => choicesMeter(answer, (choice, add) => add(choice['text'])),
  reportsUsageUnasked: asksForUsage,
  error: openaiError,
}

/** No call makes more, so that sums of what they may use stay in 64 bits. */
const MOST_CHOICES = 2048

function demand({ json, text }: RequestBody, address: Address): Demand {
  const model = requiredModel(json, address.model)
  // Where there is no prompt, the model begins a document of its own.
  const prompts = optionalTexts(json, 'prompt') ?? { texts: [''], others: [] }
  const suffix = json['suffix'] ?? ''
  if (typeof suffix !== 'string') throw invalidField('suffix', 'must be a string')
  optionalBoolean(json, 'echo')
  checkStreamOptions(json)
  const count = prompts.texts.length + prompts.others.length
  return {
    model,
    stream: optionalBoolean(json, 'stream') ?? false,
    inputBytes: Buffer.byteLength(text) + Buffer.byteLength(suffix) * (count - 1),
    hiddenInputTokens: hiddenInputTokens(model, { messages: 2 * count }),
    references: [],
    unboundedParts: [...prompts.others, ...unboundedExtras(json, model)],
    // 0 scores the prompt and writes nothing, with `echo`.
    maxOutputTokens: optionalInteger(json, 'max_tokens', { least: 0 }),
    thinkingTokens: 0,
    choices: choicesOf(json, count),
    serviceTiers: askedTiers(json),
  }
}

/** `best_of` answers are written, and billed, of which `n` are shown: for every prompt. */
function choicesOf(json: JsonObject, prompts: number): number {
  const shown = optionalInteger(json, 'n', { least: 1, most: 128 }) ?? 1
  const written = Math.max(shown, optionalInteger(json, 'best_of', { least: 1, most: 128 }) ?? 1)
  if (written * prompts > MOST_CHOICES)
    throw invalidField('prompt', `asks for ${written * prompts} completions, and ${MOST_CHOICES} are the most`)
  return written * prompts
}

function inputText({ json }: RequestBody): string {
  const prompts = optionalTexts(json, 'prompt') ?? { texts: [], others: [] }
  const suffix = stringOrEmpty(json['suffix'])
  return readable({
    texts: prompts.texts.flatMap((prompt) => (suffix === '' ? [prompt] : [prompt, suffix])),
    others: [],
  })
}

function edit(body: RequestBody, { model, maxOutputTokens, includeUsage }: Edits): Buffer {
  const whole = { text: body.text, members: body.members, offset: 0 }
  const splices: Splice[] = []
  if (model !== undefined) splices.push(setMember(whole, 'model', JSON.stringify(model)))
  if (maxOutputTokens !== undefined) splices.push(setMember(whole, 'max_tokens', String(maxOutputTokens)))
  if (includeUsage) splices.push(askForUsage(body))
  return Buffer.from(spliced(body.text, splices))
}
