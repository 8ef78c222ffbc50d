import type { Usage, UsedElsewhere } from '../../../core/usage.ts'
import { arrayOrEmpty, countOrUndefined, type JsonObject, objectOrUndefined, servedName } from '../field.ts'

/** What the tools that OpenAI runs itself add to a bill: fees by call, and the tokens of its image models. */
export interface HostedTools {
  /** One item of the output, as it is when it is done. Saying it twice counts it once. */
  done(item: JsonObject): void
  /** A whole response: what it says of tools goes before what was counted. */
  response(response: JsonObject): void
  used(): Pick<Usage, 'toolCalls' | 'elsewhere'>
}

/**
 * Fees are not in OpenAI's usage. Searches of files are counted by their items; searches of the web too, unless the
 * response itself says how many are billed: opening a page is no search. Code runs in containers, and containers are
 * what is billed. (openai-node, `Response.ToolUsage`.)
 */
export function hostedTools(): HostedTools {
  const seen = { web_search: new Set(), file_search: new Set(), code_interpreter: new Set() }
  let searches: number | undefined
  let images: UsedElsewhere | undefined

  const done = (item: JsonObject) => {
    if (item['type'] === 'file_search_call') seen.file_search.add(item['id'])
    if (item['type'] === 'code_interpreter_call') seen.code_interpreter.add(item['container_id'] ?? item['id'])
    const action = objectOrUndefined(item['action'])?.['type'] ?? 'search'
    if (item['type'] === 'web_search_call' && action === 'search') seen.web_search.add(item['id'])
  }

  return {
    done,
    response(response) {
      for (const item of arrayOrEmpty(response['output'])) done(objectOrUndefined(item) ?? {})
      const usage = objectOrUndefined(response['tool_usage'])
      searches = countOrUndefined(objectOrUndefined(usage?.['web_search'])?.['num_requests']) ?? searches
      images = imagesOf(objectOrUndefined(usage?.['image_gen']), response) ?? images
    },
    used() {
      const calls = {
        web_search: searches ?? seen.web_search.size,
        file_search: seen.file_search.size,
        code_interpreter: seen.code_interpreter.size,
      }
      const toolCalls = Object.fromEntries(Object.entries(calls).filter(([, count]) => count > 0))
      return {
        ...(Object.keys(toolCalls).length > 0 && { toolCalls }),
        ...(images && { elsewhere: [images] }),
      }
    },
  }
}

/** Images are made by a model of their own, at its rates. Undefined where none was made. */
function imagesOf(usage: JsonObject | undefined, response: JsonObject): UsedElsewhere | undefined {
  const total = countOrUndefined(usage?.['total_tokens'])
  if (usage === undefined || !total) return undefined
  const figure = (details: string, name: string) => countOrUndefined(objectOrUndefined(usage[details])?.[name]) ?? 0
  const cachedText = figure('cached_tokens_details', 'cached_text_tokens')
  const cachedImage = figure('cached_tokens_details', 'cached_image_tokens')
  const inImage = figure('input_tokens_details', 'image_tokens') - cachedImage
  const outText = figure('output_tokens_details', 'text_tokens')
  const input = countOrUndefined(usage['input_tokens']) ?? 0
  const output = countOrUndefined(usage['output_tokens']) ?? 0
  return {
    model: imageModel(response),
    buckets: {
      inUncached: input - inImage - cachedText - cachedImage,
      inCacheRead: cachedText + cachedImage,
      inImage,
      outText,
      outImage: output - outText,
    },
  }
}

function imageModel(response: JsonObject): string {
  for (const value of arrayOrEmpty(response['tools'])) {
    const tool = objectOrUndefined(value)
    if (tool?.['type'] === 'image_generation') return servedName(tool['model']) ?? NO_NAME
  }
  return NO_NAME
}
/** Which one makes images changes over time where a request names none: without a name there is no price. */
const NO_NAME = 'image_generation'
