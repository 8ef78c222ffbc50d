import { type JsonObject, objectOrUndefined } from '../field.ts'

/**
 * What compatible hosts take beside OpenAI's own fields and nothing bounds: `models`, by which a host may fall back to
 * another model than the one that limits and prices saw; plugins and searches that the host runs itself; documents of
 * Azure's customers (`data_sources`), which are put before the model; settings and prompts that OpenRouter keeps.
 */
const UNBOUNDED_FIELDS = ['plugins', 'models', 'compound_custom', 'search_parameters', 'data_sources', 'preset']
/** OpenRouter's suffix for a search, and its kept settings; Groq's systems that search and run code unasked. */
const UNBOUNDED_MODELS = /:online$|@preset\/|^(?:groq\/)?compound(?:-|$)/i

/** Those that a request has. */
export function unboundedExtras(json: JsonObject, model: string): string[] {
  const parts = UNBOUNDED_FIELDS.filter((name) => json[name] != null)
  if (json[GOOGLES] != null && !isThinkingAlone(json[GOOGLES])) parts.push(GOOGLES)
  return UNBOUNDED_MODELS.test(model) ? [...parts, 'model'] : parts
}

/** What Google takes at its OpenAI-compatible endpoint; thinking stays below the output ceiling, a cached content may be of any size. */
const GOOGLES = 'extra_body'
function isThinkingAlone(extra: unknown): boolean {
  const { google, ...others } = objectOrUndefined(extra) ?? { others: true }
  const names = Object.keys(objectOrUndefined(google) ?? { others: true })
  return Object.keys(others).length === 0 && names.every((name) => name === 'thinking_config')
}
