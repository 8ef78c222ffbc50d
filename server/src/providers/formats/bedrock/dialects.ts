import { type JsonObject, objectOrUndefined } from '../field.ts'

/** How a family of makers' models is asked, as far as it bears on the most that they can use. Members are given by paths. */
export interface Dialect {
  /** Where the output ceiling may stand; the first is where it is put when the client gave none. Empty: nothing is written. */
  readonly ceilings: readonly [string, ...string[]] | readonly []
  /** Where the number of answers may stand, each of which has the whole ceiling. */
  readonly choices: readonly string[]
}

const dialect = (ceilings: Dialect['ceilings'], choices: readonly string[] = []): Dialect => ({ ceilings, choices })

export const CLAUDE = dialect(['max_tokens', 'max_tokens_to_sample'])
const NOVA = dialect(['inferenceConfig.maxTokens', 'inferenceConfig.max_new_tokens'])
const TITAN = dialect(['textGenerationConfig.maxTokenCount'])
const LLAMA = dialect(['max_gen_len'])
const COMMAND = dialect(['max_tokens'], ['num_generations'])
const JURASSIC = dialect(['maxTokens'], ['numResults'])
/** Chat and plain completions in OpenAI's words: most makers'. */
const CHAT = dialect(['max_tokens', 'max_completion_tokens'], ['n'])
const GPT = dialect(['max_completion_tokens', 'max_tokens'], ['n'])
const EMBEDDINGS = dialect([])

/** By the beginning of the id that AWS gives a model; undefined where it is not billed by tokens, or its words are not known. */
const BY_ID: readonly (readonly [beginning: string, dialect: Dialect | undefined])[] = [
  ['anthropic.', CLAUDE],
  ['amazon.titan-embed', EMBEDDINGS],
  ['amazon.nova-2-multimodal-embeddings', EMBEDDINGS],
  ['amazon.titan-text', TITAN],
  ['amazon.titan-tg1', TITAN],
  ['amazon.nova-canvas', undefined],
  ['amazon.nova-reel', undefined],
  ['amazon.nova-sonic', undefined],
  ['amazon.nova-', NOVA],
  ['amazon.', undefined],
  ['meta.llama', LLAMA],
  ['cohere.embed', EMBEDDINGS],
  ['cohere.command', COMMAND],
  ['cohere.', undefined],
  ['ai21.j2', JURASSIC],
  ['ai21.', CHAT],
  ['openai.', GPT],
  ...['mistral', 'deepseek', 'qwen', 'google', 'moonshot', 'moonshotai', 'minimax', 'nvidia', 'zai', 'writer'].map(
    (maker) => [`${maker}.`, CHAT] as const,
  ),
  ...['stability', 'twelvelabs', 'luma'].map((maker) => [`${maker}.`, undefined] as const),
]

/**
 * The dialect by a model's id, inference profile or ARN; 'unmetered' where the id says that it has none that we know,
 * and undefined where the name says nothing: one that is configured here, or an ARN of something made by a user.
 */
export function dialectOfModel(model: string): Dialect | 'unmetered' | undefined {
  const id = model.slice(model.lastIndexOf('/') + 1)
  // An inference profile is a model's id with where it runs before it: us., eu., global.
  const found = BY_ID.find(([beginning]) => id.startsWith(beginning) || id.includes(`.${beginning}`))
  return found && (found[1] ?? 'unmetered')
}

/** The dialect by what only it has; undefined where the body could be of several, or has words of several. */
export function dialectOfBody(json: JsonObject): Dialect | undefined {
  const found = firstDialectOf(json)
  const own = found && [...found.ceilings, ...found.choices]
  const isMixed = present(json, FIGURES).some((path) => !own?.includes(path))
  const isAsked = found === EMBEDDINGS && ['messages', 'message', 'prompt'].some((name) => json[name] != null)
  return isMixed || isAsked ? undefined : found
}
/** All places of all dialects at which a figure changes how much is written. */
const FIGURES = [CLAUDE, NOVA, TITAN, LLAMA, COMMAND, JURASSIC, CHAT].flatMap(({ ceilings, choices }) => [
  ...ceilings,
  ...choices,
])

/** The first dialect that a body has a word of. */
export function firstDialectOf(json: JsonObject): Dialect | undefined {
  const has = (...names: string[]) => names.some((name) => json[name] != null)
  if (has('anthropic_version')) return CLAUDE
  if (has('inferenceConfig')) return NOVA
  if (has('textGenerationConfig')) return TITAN
  if (has('max_gen_len')) return LLAMA
  if (has('texts', 'dimensions', 'embeddingTypes', 'embeddingConfig', 'input_type')) return EMBEDDINGS
  if (has('message', 'num_generations')) return COMMAND
  if (has('maxTokens', 'numResults')) return JURASSIC
  if (has('messages', 'prompt') && has('max_tokens', 'max_completion_tokens')) return CHAT
  return undefined
}

/** The paths of a dialect at which the body has something. */
export function present(json: JsonObject, paths: readonly string[]): readonly string[] {
  return paths.filter((path) => parentOf(json, path)[path.slice(path.indexOf('.') + 1)] != null)
}

/** The object that a path leads into: the body, or the one below it. */
export function parentOf(json: JsonObject, path: string): JsonObject {
  const dot = path.indexOf('.')
  return dot === -1 ? json : (objectOrUndefined(json[path.slice(0, dot)]) ?? {})
}
