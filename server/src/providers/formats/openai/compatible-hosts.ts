import type { JsonObject } from '../field.ts'

/**
 * What compatible hosts take beside OpenAI's own fields and nothing bounds: `models`, by which a host may fall back to
 * another model than the one that limits and prices saw; plugins and searches that the host runs itself.
 */
const UNBOUNDED_FIELDS = ['plugins', 'models', 'compound_custom', 'search_parameters']

/** Those that a request has; OpenRouter's `:online` behind a model's name asks for a search, too. */
export function unboundedExtras(json: JsonObject, model: string): string[] {
  const parts = UNBOUNDED_FIELDS.filter((name) => json[name] != null)
  return /:online$/i.test(model) ? [...parts, 'model'] : parts
}
