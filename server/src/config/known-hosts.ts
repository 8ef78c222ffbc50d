import type { DisconnectPolicy } from '../core/ports/deployment.ts'
import type { EndpointName } from '../providers/endpoints/all.ts'
import type { FormatName } from '../providers/formats/all.ts'

/** A host whose API is known: where it is, what it speaks, and what its credential is called. */
export interface KnownHost {
  readonly provider: string
  /** Another name by which proxy.yaml may call it, before the first slash of a model. */
  readonly alias?: string
  /** Undefined where every customer has one of their own. */
  readonly baseUrl: string | undefined
  readonly credentialName: string
  /** With its credential in the environment, models that the price book knows there are served without being listed. */
  readonly isOpen?: true
  /** How requests reach it. */
  readonly endpoint: EndpointName
  /** The APIs that it speaks. */
  readonly formats: readonly FormatName[]
  readonly knowsMaxCompletionTokens: boolean
  readonly knowsStreamOptions: boolean
  /** Where it bills an abandoned answer in full: what to do there when a client hangs up, unless proxy.yaml says otherwise. */
  readonly disconnect?: DisconnectPolicy
}

const BESIDE_CHAT: readonly FormatName[] = ['openai-responses', 'openai-embeddings', 'openai-completions']
/** Everything of OpenAI's that is served here: what is asked of a host that has less, it refuses itself. */
export const OPENAI_FORMATS: readonly FormatName[] = ['openai-chat', ...BESIDE_CHAT]

/** A host that speaks like OpenAI; `others`: the APIs that it documents beside Chat Completions. */
const host = (
  provider: string,
  baseUrl: string,
  others: readonly FormatName[],
  { knowsMaxCompletionTokens = false, knowsStreamOptions = true } = {},
): KnownHost => {
  return {
    provider,
    baseUrl,
    credentialName: `${provider.toUpperCase()}_API_KEY`,
    endpoint: 'openai',
    formats: ['openai-chat', ...others],
    knowsMaxCompletionTokens,
    knowsStreamOptions,
  }
}
const KNOWS_BOTH_CAPS = { knowsMaxCompletionTokens: true }

/** In the order in which those that are open are asked for a model that nobody lists. */
export const KNOWN_HOSTS: readonly KnownHost[] = [
  { ...host('openai', 'https://api.openai.com/v1', BESIDE_CHAT, KNOWS_BOTH_CAPS), isOpen: true },
  {
    provider: 'anthropic',
    baseUrl: 'https://api.anthropic.com',
    credentialName: 'ANTHROPIC_API_KEY',
    isOpen: true,
    endpoint: 'anthropic',
    formats: ['anthropic-messages', 'openai-chat'],
    knowsMaxCompletionTokens: false,
    knowsStreamOptions: true,
  },
  {
    provider: 'bedrock',
    // Every region has its own.
    baseUrl: undefined,
    credentialName: 'AWS_BEARER_TOKEN_BEDROCK',
    isOpen: true,
    endpoint: 'bedrock',
    formats: ['bedrock-converse', 'bedrock-invoke'],
    knowsMaxCompletionTokens: false,
    knowsStreamOptions: true,
    // AWS does not document what an abandoned stream costs; bills were seen that had it in full (BerriAI/litellm#34147).
    disconnect: 'drain',
  },
  {
    provider: 'gemini',
    baseUrl: 'https://generativelanguage.googleapis.com',
    credentialName: 'GEMINI_API_KEY',
    isOpen: true,
    endpoint: 'gemini',
    formats: ['gemini-generate', 'gemini-embed', 'openai-chat'],
    knowsMaxCompletionTokens: false,
    knowsStreamOptions: true,
    // Google's SDKs say of aborting a call: it ends at the client only, and the call is charged.
    disconnect: 'drain',
  },
  {
    provider: 'cohere',
    baseUrl: 'https://api.cohere.com',
    credentialName: 'COHERE_API_KEY',
    isOpen: true,
    endpoint: 'cohere',
    formats: ['cohere-chat', 'cohere-embed'],
    knowsMaxCompletionTokens: false,
    knowsStreamOptions: false,
  },
  {
    provider: 'azure_openai',
    alias: 'azure',
    baseUrl: undefined,
    credentialName: 'AZURE_OPENAI_API_KEY',
    isOpen: true,
    endpoint: 'azure',
    formats: OPENAI_FORMATS,
    knowsMaxCompletionTokens: true,
    knowsStreamOptions: true,
  },
  host('groq', 'https://api.groq.com/openai/v1', ['openai-responses'], KNOWS_BOTH_CAPS),
  // Mistral answers 422 to stream_options, and sends usage on the last chunk unasked (openai-agents-python#442).
  host('mistral', 'https://api.mistral.ai/v1', ['openai-embeddings'], { knowsStreamOptions: false }),
  // Its Completions answer at another base URL alone: https://api.deepseek.com/beta.
  host('deepseek', 'https://api.deepseek.com/v1', ['openai-completions']),
  host('openrouter', 'https://openrouter.ai/api/v1', BESIDE_CHAT),
  host('together', 'https://api.together.xyz/v1', ['openai-embeddings', 'openai-completions']),
  host('fireworks', 'https://api.fireworks.ai/inference/v1', BESIDE_CHAT),
  host('xai', 'https://api.x.ai/v1', ['openai-responses', 'openai-completions'], KNOWS_BOTH_CAPS),
  host('cerebras', 'https://api.cerebras.ai/v1', ['openai-completions'], KNOWS_BOTH_CAPS),
]

export const OPEN_HOSTS = KNOWN_HOSTS.filter(({ isOpen }) => isOpen)

/** What stands before the first slash of a model's name; empty where there is none. */
export function prefixOf(model: string): string {
  return model.slice(0, Math.max(0, model.indexOf('/')))
}

/** The host that a model's prefix names (`groq/…`), undefined where it names none. */
export function hostOfPrefix(prefix: string): KnownHost | undefined {
  return KNOWN_HOSTS.find(({ provider, alias }) => prefix !== '' && (prefix === provider || prefix === alias))
}

/** The known host at an address. Azure gives each resource a name of its own, below one of three domains. */
export function hostAt(baseUrl: string): KnownHost | undefined {
  const address = new URL(baseUrl).host
  if (AZURE_DOMAINS.some((domain) => address.endsWith(domain))) return hostOfPrefix('azure')
  if (/^bedrock-runtime[.-].*\.amazonaws\.com$/.test(address)) return hostOfPrefix('bedrock')
  return KNOWN_HOSTS.find((known) => known.baseUrl !== undefined && new URL(known.baseUrl).host === address)
}
const AZURE_DOMAINS = ['.openai.azure.com', '.cognitiveservices.azure.com', '.services.ai.azure.com']
