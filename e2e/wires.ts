import type { Json } from './control-plane.ts'
import { PROXY_ROUTES, type ProxyRoute } from '../server/src/gateway/routes.ts'

/** Models by their names here, each at the fake provider; `-unpriced` ones have no price anywhere. */
export const WIRES_PROXY = `
model_list:
  - { model_name: chat, litellm_params: { model: openai/gpt-4o-mini, api_base: PROVIDER/v1 } }
  - { model_name: instruct, litellm_params: { model: openai/gpt-3.5-turbo-instruct, api_base: PROVIDER/v1 } }
  - { model_name: vectors, litellm_params: { model: openai/text-embedding-3-small, api_base: PROVIDER/v1 } }
  - { model_name: claude, litellm_params: { model: anthropic/claude-haiku-4-5, api_base: PROVIDER } }
  - { model_name: gemini, litellm_params: { model: gemini/gemini-2.5-flash, api_base: PROVIDER } }
  - { model_name: gemini-vectors, litellm_params: { model: gemini/gemini-embedding-001, api_base: PROVIDER } }
  - { model_name: bedrock, litellm_params: { model: bedrock/anthropic.claude-3-haiku-20240307-v1:0, api_base: PROVIDER } }
  - { model_name: cohere, litellm_params: { model: cohere/command-a-03-2025, api_base: PROVIDER } }
  - { model_name: cohere-vectors, litellm_params: { model: cohere/embed-v4.0, api_base: PROVIDER } }
  - { model_name: openai-unpriced, litellm_params: { model: openai/mystery-1, api_base: PROVIDER/v1 } }
  - { model_name: claude-unpriced, litellm_params: { model: anthropic/claude-mystery-1, api_base: PROVIDER } }
  - { model_name: gemini-unpriced, litellm_params: { model: gemini/gemini-mystery-1, api_base: PROVIDER } }
  - { model_name: cohere-unpriced, litellm_params: { model: cohere/mystery-1, api_base: PROVIDER } }
  - { model_name: bedrock-unpriced, litellm_params: { model: bedrock/anthropic.claude-mystery-v1:0, api_base: PROVIDER } }
`
/** Another base URL than a provider's own would serve any name: each model has its own instead. */
export const WIRES_ENVIRONMENT = {
  ...{ OPENAI_BASE_URL: undefined, ANTHROPIC_BASE_URL: undefined },
  ...{ GEMINI_API_KEY: 'AIza-wires', AWS_BEARER_TOKEN_BEDROCK: 'bedrock-wires', COHERE_API_KEY: 'cohere-wires' },
}

/** What the tests need to know of an API: the smallest call, where its ceiling stands, and how it says no. */
interface Wire {
  readonly model: string
  /** The model's name at its provider. */
  readonly canonical: string
  readonly unpriced: string
  readonly body: (ceiling: unknown) => Record<string, unknown>
  /** Undefined where its answers have no ceiling. */
  readonly ceilingPath: string | undefined
  /** The code of a refusal, wherever the API's shape has it. */
  readonly codeOf: (body: Json) => unknown
}

const messages = [{ role: 'user', content: 'Hi' }]
const openai = { unpriced: 'openai-unpriced', codeOf: (body: Json) => body.error.code }
const google = { unpriced: 'gemini-unpriced', codeOf: (body: Json) => body.error.details?.[0]?.reason?.toLowerCase() }
const aws = { model: 'bedrock', unpriced: 'bedrock-unpriced', codeOf: (body: Json) => body.code }
const cohere = { unpriced: 'cohere-unpriced', codeOf: (body: Json) => body.code }
const CLAUDE_AT_AWS = 'anthropic.claude-3-haiku-20240307-v1:0'

export const WIRES: Readonly<Record<string, Wire>> = {
  'openai-chat': {
    ...{ ...openai, model: 'chat', canonical: 'gpt-4o-mini', ceilingPath: 'max_tokens' },
    body: (max_tokens) => ({ messages, max_tokens }),
  },
  'openai-responses': {
    ...{ ...openai, model: 'chat', canonical: 'gpt-4o-mini', ceilingPath: 'max_output_tokens' },
    body: (max_output_tokens) => ({ input: 'Hi', max_output_tokens }),
  },
  'openai-completions': {
    ...{ ...openai, model: 'instruct', canonical: 'gpt-3.5-turbo-instruct', ceilingPath: 'max_tokens' },
    body: (max_tokens) => ({ prompt: 'Hi', max_tokens }),
  },
  'openai-embeddings': {
    ...{ ...openai, model: 'vectors', canonical: 'text-embedding-3-small', ceilingPath: undefined },
    body: () => ({ input: 'Hi' }),
  },
  'anthropic-messages': {
    ...{ model: 'claude', canonical: 'claude-haiku-4-5', unpriced: 'claude-unpriced', ceilingPath: 'max_tokens' },
    body: (max_tokens) => ({ messages, max_tokens }),
    codeOf: (body) => body.error.code,
  },
  'gemini-generate': {
    ...{ ...google, model: 'gemini', canonical: 'gemini-2.5-flash', ceilingPath: 'generationConfig.maxOutputTokens' },
    body: (maxOutputTokens) => ({ contents: [{ parts: [{ text: 'Hi' }] }], generationConfig: { maxOutputTokens } }),
  },
  'gemini-embed': {
    ...{ ...google, model: 'gemini-vectors', canonical: 'gemini-embedding-001', ceilingPath: undefined },
    body: () => ({ content: { parts: [{ text: 'Hi' }] } }),
  },
  'cohere-chat': {
    ...{ ...cohere, model: 'cohere', canonical: 'command-a', ceilingPath: 'max_tokens' },
    body: (max_tokens) => ({ messages, max_tokens }),
  },
  'cohere-embed': {
    ...{ ...cohere, model: 'cohere-vectors', canonical: 'embed-v4.0', ceilingPath: undefined },
    body: () => ({ input_type: 'search_document', texts: ['Hi'] }),
  },
  'bedrock-converse': {
    ...{ ...aws, canonical: CLAUDE_AT_AWS, ceilingPath: 'inferenceConfig.maxTokens' },
    body: (maxTokens) => ({ messages: [{ role: 'user', content: [{ text: 'Hi' }] }], inferenceConfig: { maxTokens } }),
  },
  'bedrock-invoke': {
    ...{ ...aws, canonical: CLAUDE_AT_AWS, ceilingPath: 'max_tokens' },
    body: (max_tokens) => ({ anthropic_version: 'bedrock-2023-05-31', messages, max_tokens }),
  },
}

/** Every route that reaches a model, from the very table that the gateway routes by. */
export const METERED: readonly ProxyRoute[] = PROXY_ROUTES.filter(({ metering }) => metering === 'metered')

/** The smallest call of a route: where it goes, and what it says. */
export function smallest({ path, format, operation }: ProxyRoute, model?: string, ceiling: unknown = 50) {
  const wire = WIRES[format]!
  const named = model ?? wire.model
  const inPath = path.includes('{model}')
  const body = wire.body(ceiling)
  if (operation === 'compact') delete body['max_output_tokens']
  return {
    path: path.replace('{model}', encodeURIComponent(named)),
    body: {
      ...(!inPath && { model: named }),
      ...(path.endsWith(':batchEmbedContents') ? { requests: [{ model: `models/${named}`, ...body }] } : body),
    } as Record<string, unknown>,
  }
}
