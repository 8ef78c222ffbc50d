import { arrayOrEmpty, type JsonObject, objectOrUndefined } from '../field.ts'

/**
 * Counts what Google bills beside tokens: grounding. Code execution and URL contexts cost tokens alone, which the usage
 * has as its tool prompt.
 */
export interface Grounding {
  read(metadata: JsonObject): void
  /** By kind; undefined where there was none. */
  toolCalls(servedModel: string | null): Readonly<Record<string, number>> | undefined
}

export function grounding(): Grounding {
  const queries = new Set<string>()
  let maps = false
  return {
    read(metadata) {
      for (const name of ['webSearchQueries', 'imageSearchQueries'])
        for (const query of arrayOrEmpty(metadata[name]))
          // Google does not bill empty queries, nor one twice.
          if (typeof query === 'string' && query.trim() !== '' && queries.size < MOST_QUERIES)
            queries.add(query.slice(0, LONGEST_QUERY))
      maps ||= arrayOrEmpty(metadata['groundingChunks']).some((chunk) => objectOrUndefined(chunk)?.['maps'] != null)
    },
    toolCalls(servedModel) {
      if (queries.size === 0 && !maps) return undefined
      const searches = servedModel !== null && BILLED_BY_PROMPT.test(servedModel) ? 1 : queries.size
      return { ...(queries.size > 0 && { web_search: searches }), ...(maps && { google_maps: 1 }) }
    },
  }
}

/** Google's prices: up to Gemini 2.5 a prompt that was grounded is billed, from Gemini 3 on each query. */
const BILLED_BY_PROMPT = /^(?:models\/)?gemini-[12]\b/
const MOST_QUERIES = 1000
const LONGEST_QUERY = 2000
