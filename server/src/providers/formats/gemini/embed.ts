import { type Demand } from '../../../core/bound.ts'
import type { Address, Format, Frame, Meter, MeterReading, RequestBody, Verdict } from '../../../core/ports/format.ts'
import { type JsonObject, objectOrUndefined } from '../field.ts'
import { rawMember } from '../raw-usage.ts'
import { type Content, referencesOf, textsOf } from './contents.ts'
import { edit } from './edit.ts'
import { googleError } from './error.ts'
import { bucketsOf, type Figures, updateFigures } from './generate-usage.ts'
import { expectModel, modelOf, objectAt, objectsAt } from './members.ts'

/** Gemini's embedContent, and batchEmbedContents, which is a list of such requests. */
export const geminiEmbed: Format = {
  name: 'gemini-embed',
  demand,
  inputText: ({ json }) => contentsOf(json).flatMap(textsOf).join('\n'),
  edit,
  meter: geminiEmbedMeter,
  reportsUsageUnasked: () => true,
  error: googleError,
}

/** Tokens around each text that no field holds. */
const HIDDEN_TOKENS_PER_CONTENT = 16

function demand({ json, text }: RequestBody, address: Address): Demand {
  const model = modelOf(json, address.model)
  for (const { path, value } of objectsAt(json, 'requests')) expectModel(value, model, path)
  const contents = contentsOf(json)
  const references = contents.flatMap(referencesOf)
  return {
    model,
    stream: false,
    inputBytes: Buffer.byteLength(text),
    hiddenInputTokens: HIDDEN_TOKENS_PER_CONTENT * contents.length,
    references,
    // A picture may fill a context, and each request of a batch has a context of its own.
    unboundedParts: contents.length > 1 ? references : [],
    maxOutputTokens: 0,
    thinkingTokens: 0,
    choices: 1,
    serviceTiers: { asked: [], possible: [] },
  }
}

function contentsOf(json: JsonObject): readonly Content[] {
  const single = objectAt(json, 'content')
  const batch = objectsAt(json, 'requests').flatMap(({ path, value }) => objectAt(value, 'content', path) ?? [])
  return [...(single ? [single] : []), ...batch]
}

/** Older models report no usage of embeddings at all; then the texts are counted. */
function geminiEmbedMeter(): Meter {
  const figures: Figures = {}
  let rawUsage: string | null = null
  let finished = false
  let failed = false

  const read = (frame: Frame): void => {
    const json = objectOrUndefined(JSON.parse(frame.data))
    if (json === undefined) return
    failed = json['error'] != null
    finished = !failed
    const usage = objectOrUndefined(json['usageMetadata'])
    if (usage === undefined) return
    updateFigures(figures, usage)
    rawUsage = rawMember(frame.data, ['usageMetadata']) ?? null
  }

  return {
    frame(frame): Verdict {
      try {
        read(frame)
      } catch {
        // What cannot be read is not known.
      }
      return 'hold'
    },
    reading(): MeterReading {
      const known = Object.keys(figures).length > 0
      return {
        usage: known ? { buckets: bucketsOf(figures) } : undefined,
        reportedTotal: figures.total,
        rawUsage: known ? rawUsage : null,
        servedModel: null,
        finished,
        failed,
        outputText: '',
        outputLength: 0,
      }
    },
  }
}
