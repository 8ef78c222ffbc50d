import type { Demand } from '../../../core/bound.ts'
import type { Address, Format, Frame, Meter, MeterReading, RequestBody, Verdict } from '../../../core/ports/format.ts'
import {
  arrayOrEmpty,
  invalidField,
  type JsonObject,
  objectOrUndefined,
  optionalArray,
  optionalInteger,
  requiredModel,
  stringOrEmpty,
} from '../field.ts'
import { rawMember } from '../raw-usage.ts'
import { edit } from './edit.ts'
import { cohereError } from './error.ts'
import { type Figures, updateFigures, usageOf } from './figures.ts'

/** Cohere's Embed, version 2: texts, pictures, or mixtures of both, each with a context of its own. */
export const cohereEmbed: Format = {
  name: 'cohere-embed',
  demand,
  inputText: ({ json }) =>
    [...arrayOrEmpty(json['texts']), ...partsOf(json).map(({ part }) => part?.['text'])]
      .map(stringOrEmpty)
      .filter((text) => text !== '')
      .join('\n'),
  edit: (body, { model }) => edit(body, model === undefined ? {} : { model }),
  meter: cohereEmbedMeter,
  reportsUsageUnasked: () => true,
  error: cohereError,
}

function demand({ json, text }: RequestBody, address: Address): Demand {
  const model = requiredModel(json, address.model)
  const texts = stringsAt(json, 'texts')
  const images = stringsAt(json, 'images')
  const inputs = optionalArray(json, 'inputs').map((input, index) => {
    if (!Array.isArray(objectOrUndefined(input)?.['content']))
      throw invalidField(`inputs[${index}].content`, 'must be an array')
    return input
  })
  optionalInteger(json, 'max_tokens', { least: 1 })
  const pictures = partsOf(json).flatMap(({ part, path }) => (part?.['type'] === 'text' ? [] : [path]))
  const references = [...images.map((_, index) => `images[${index}]`), ...pictures]
  return {
    model,
    stream: false,
    inputBytes: Buffer.byteLength(text),
    hiddenInputTokens: 0,
    references,
    // A picture may fill a context, and each input has a context of its own.
    unboundedParts: texts.length + images.length + inputs.length > 1 ? references : [],
    maxOutputTokens: 0,
    thinkingTokens: 0,
    choices: 1,
    serviceTiers: { asked: [], possible: [] },
  }
}

function stringsAt(json: JsonObject, name: string): readonly string[] {
  return optionalArray(json, name).map((value, index) => {
    if (typeof value !== 'string') throw invalidField(`${name}[${index}]`, 'must be a string')
    return value
  })
}

function partsOf(json: JsonObject): readonly { part: JsonObject | undefined; path: string }[] {
  return arrayOrEmpty(json['inputs']).flatMap((input, index) =>
    arrayOrEmpty(objectOrUndefined(input)?.['content']).map((part, at) => {
      return { part: objectOrUndefined(part), path: `inputs[${index}].content[${at}]` }
    }),
  )
}

function cohereEmbedMeter(): Meter {
  const figures: Figures = new Map()
  let rawUsage: string | null = null
  let contexts = 1
  let finished = false
  let failed = false

  const read = ({ data }: Frame): void => {
    const json = objectOrUndefined(JSON.parse(data))
    if (json === undefined) return
    const embeddings = objectOrUndefined(json['embeddings'])
    failed = embeddings === undefined
    finished = !failed
    const byType = Object.values(embeddings ?? {}).map((list) => arrayOrEmpty(list).length)
    contexts = Math.max(1, ...byType.slice(0, MOST_TYPES))
    const meta = objectOrUndefined(json['meta'])
    if (meta === undefined) return
    updateFigures(figures, meta)
    rawUsage = rawMember(data, ['meta']) ?? null
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
      const usage = usageOf(figures)
      return {
        usage,
        reportedTotal: undefined,
        rawUsage: usage === undefined ? null : rawUsage,
        servedModel: null,
        finished,
        failed,
        outputText: '',
        outputLength: 0,
        contexts,
      }
    },
  }
}
/** There are seven: floats, integers, bits, text. */
const MOST_TYPES = 16
