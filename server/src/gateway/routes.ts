import type { Operation } from '../core/ports/deployment.ts'
import type { RouteDeclaration } from '../core/route.ts'

/** One proxied route. `metering`: whether a call costs a provider anything. `{model}` stands for its name, percent-encoded. */
export interface ProxyRoute extends RouteDeclaration {
  readonly method: 'GET' | 'POST'
  /** The API that is called, by the name of its format. */
  readonly format: string
  readonly operation: Operation
  readonly metering: 'metered' | 'free'
  /** Where the path says it, and not the body. */
  readonly stream?: boolean
  /** Google's clients may put their key there, as `?key=`. */
  readonly takesKeyInQuery?: true
}

/** The most that a request's body may have, decoded: the largest that a provider takes (Anthropic, 32 MB). */
export const BODY_CAP_BYTES = 32 * 1024 * 1024

const IS_OF_ITS_KEY = { authentication: 'key', tenant: 'own', deadlineMs: null } as const
const post = (path: string, format: string, operation: Operation, metering: 'metered' | 'free'): ProxyRoute => {
  return { method: 'POST', path, format, operation, metering, ...IS_OF_ITS_KEY, bodyCapBytes: BODY_CAP_BYTES }
}
const call = (path: string, format: string, stream?: boolean): ProxyRoute => {
  return { ...post(path, format, 'call', 'metered'), ...(stream !== undefined && { stream }) }
}
const count = (path: string, format: string): ProxyRoute => post(path, format, 'count', 'free')

/** Google's clients ask for models at OpenAI's paths too, so that a key may stand in the query of each. */
const models = (path: string, format = 'openai-chat'): ProxyRoute => {
  const asked = { path, format, operation: 'models', metering: 'free', takesKeyInQuery: true } as const
  return { method: 'GET', ...asked, ...IS_OF_ITS_KEY, bodyCapBytes: 0 }
}

/** OpenAI's below a prefix: Azure has the same in its v1 API. */
const openai = (prefix: string): readonly ProxyRoute[] => [
  ...deployment(prefix),
  ...responses(prefix),
  models(`${prefix}/models`),
  models(`${prefix}/models/{model}`),
]
/** What Azure's dated versions have below the name of a deployment. */
const deployment = (prefix: string): readonly ProxyRoute[] => [
  call(`${prefix}/chat/completions`, 'openai-chat'),
  call(`${prefix}/embeddings`, 'openai-embeddings'),
  call(`${prefix}/completions`, 'openai-completions'),
]
const responses = (prefix: string): readonly ProxyRoute[] => [
  call(`${prefix}/responses`, 'openai-responses'),
  post(`${prefix}/responses/compact`, 'openai-responses', 'compact', 'metered'),
  count(`${prefix}/responses/input_tokens`, 'openai-responses'),
]

/** Gemini's below one version of its paths. */
const gemini = (version: string): readonly ProxyRoute[] => {
  const model = `${version}/models/{model}`
  return [
    call(`${model}:generateContent`, 'gemini-generate', false),
    call(`${model}:streamGenerateContent`, 'gemini-generate', true),
    count(`${model}:countTokens`, 'gemini-generate'),
    call(`${model}:embedContent`, 'gemini-embed', false),
    call(`${model}:batchEmbedContents`, 'gemini-embed', false),
  ].map((route) => ({ ...route, takesKeyInQuery: true }))
}

/**
 * The routes that model clients call. Anthropic's SDK appends /v1/messages to its base URL, and R4 gives it one that
 * ends in /v1 already: both work. Azure's clients put the deployment into the path, but not for Responses.
 */
export const PROXY_ROUTES: readonly ProxyRoute[] = [
  ...openai('/v1'),
  ...openai('/openai/v1'),
  ...responses('/openai'),
  ...deployment('/openai/deployments/{model}'),
  models('/openai/models'),
  call('/v1/messages', 'anthropic-messages'),
  call('/v1/v1/messages', 'anthropic-messages'),
  count('/v1/messages/count_tokens', 'anthropic-messages'),
  count('/v1/v1/messages/count_tokens', 'anthropic-messages'),
  call('/model/{model}/converse', 'bedrock-converse', false),
  call('/model/{model}/converse-stream', 'bedrock-converse', true),
  call('/model/{model}/invoke', 'bedrock-invoke', false),
  call('/model/{model}/invoke-with-response-stream', 'bedrock-invoke', true),
  count('/model/{model}/count-tokens', 'bedrock-converse'),
  ...gemini('/v1beta'),
  ...gemini('/v1'),
  call('/v2/chat', 'cohere-chat'),
  call('/v2/embed', 'cohere-embed', false),
  models('/v1beta/models', 'gemini-generate'),
  models('/v1beta/models/{model}', 'gemini-generate'),
]
