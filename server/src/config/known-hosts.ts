import type { EndpointName } from '../providers/endpoints/all.ts'
import type { FormatName } from '../providers/formats/all.ts'

/** A host whose API is known: where it is, what it speaks, and what its credential is called. */
export interface KnownHost {
  readonly provider: string
  readonly baseUrl: string
  readonly credentialName: string
  /** How requests reach it. */
  readonly endpoint: EndpointName
  /** The APIs that it speaks. */
  readonly formats: readonly FormatName[]
  readonly knowsMaxCompletionTokens: boolean
  readonly knowsStreamOptions: boolean
}

const host = (
  provider: string,
  baseUrl: string,
  knowsMaxCompletionTokens: boolean,
  knowsStreamOptions = true,
): KnownHost => {
  return {
    provider,
    baseUrl,
    credentialName: `${provider.toUpperCase()}_API_KEY`,
    endpoint: 'openai',
    formats: ['openai-chat'],
    knowsMaxCompletionTokens,
    knowsStreamOptions,
  }
}

export const KNOWN_HOSTS: readonly KnownHost[] = [
  host('openai', 'https://api.openai.com/v1', true),
  {
    provider: 'anthropic',
    baseUrl: 'https://api.anthropic.com',
    credentialName: 'ANTHROPIC_API_KEY',
    endpoint: 'anthropic',
    formats: ['anthropic-messages'],
    knowsMaxCompletionTokens: false,
    knowsStreamOptions: true,
  },
  host('groq', 'https://api.groq.com/openai/v1', true),
  // Mistral answers 422 to stream_options, and sends usage on the last chunk unasked (openai-agents-python#442).
  host('mistral', 'https://api.mistral.ai/v1', false, false),
  host('deepseek', 'https://api.deepseek.com/v1', false),
  host('openrouter', 'https://openrouter.ai/api/v1', false),
  host('together', 'https://api.together.xyz/v1', false),
  host('fireworks', 'https://api.fireworks.ai/inference/v1', false),
  host('xai', 'https://api.x.ai/v1', true),
  host('cerebras', 'https://api.cerebras.ai/v1', true),
]
