import type { Demand } from '../../../core/bound.ts'
import type { Address, Edits, Format, Meter, RequestBody } from '../../../core/ports/format.ts'
import { arrayOrEmpty, invalidField, objectOrUndefined, requiredModel, servedName } from '../field.ts'
import { rawMember } from '../raw-usage.ts'
import { setMember, spliced } from '../splice.ts'
import { unboundedExtras } from './compatible-hosts.ts'
import { openaiError } from './error.ts'
import { bucketsOf, type Figures, updateFromCompletion } from './figures.ts'
import { hiddenInputTokens } from './hidden-tokens.ts'
import { askedTiers } from './service-tier.ts'
import { optionalTexts, readable } from './text-list.ts'

/** OpenAI Embeddings: many texts in one call, and nothing is written. */
export const openaiEmbeddings: Format = {
  name: 'openai-embeddings',
  demand,
  inputText: ({ json }) => {
    const input = optionalTexts(json, 'input')
    return input ? readable(input) : ''
  },
  edit,
  meter,
  reportsUsageUnasked: () => true,
  error: openaiError,
}

function demand({ json, text }: RequestBody, address: Address): Demand {
  const model = requiredModel(json, address.model)
  const input = optionalTexts(json, 'input')
  if (input === undefined) throw invalidField('input', 'must be a string or an array')
  return {
    model,
    stream: false,
    inputBytes: Buffer.byteLength(text),
    hiddenInputTokens: hiddenInputTokens(model, { messages: input.texts.length }),
    references: [],
    // Each of them may fill a context of its own.
    unboundedParts: [...input.others, ...unboundedExtras(json, model)],
    maxOutputTokens: 0,
    thinkingTokens: 0,
    choices: 1,
    serviceTiers: askedTiers(json),
  }
}

function edit({ text, members }: RequestBody, { model }: Edits): Buffer {
  const whole = { text, members, offset: 0 }
  return Buffer.from(spliced(text, model === undefined ? [] : [setMember(whole, 'model', JSON.stringify(model))]))
}

function meter(): Meter {
  const figures: Figures = {}
  let rawUsage: string | null = null
  let servedModel: string | null = null
  let contexts = 1
  let finished = false
  let failed = false
  return {
    frame({ data }) {
      try {
        const json = objectOrUndefined(JSON.parse(data)) ?? {}
        servedModel = servedName(json['model']) ?? null
        contexts = Math.max(1, arrayOrEmpty(json['data']).length)
        failed = json['error'] != null
        finished = !failed
        const usage = objectOrUndefined(json['usage'])
        if (usage) {
          updateFromCompletion(figures, usage)
          rawUsage = rawMember(data, ['usage']) ?? null
        }
      } catch {
        // What cannot be read is not known.
      }
      return 'hold'
    },
    reading: () => ({
      usage: rawUsage === null ? undefined : { buckets: { ...bucketsOf(figures), outText: figures.output ?? 0 } },
      reportedTotal: figures.total,
      rawUsage,
      servedModel,
      finished,
      failed,
      outputText: '',
      outputLength: 0,
      contexts,
    }),
  }
}
