import type { Endpoint } from '../../core/ports/deployment.ts'

/**
 * Anthropic: base URLs end before the version, `https://api.anthropic.com`, as its own SDKs have them. Its
 * OpenAI-compatible endpoint takes the credential as OpenAI's clients send it.
 */
export const anthropicEndpoint: Endpoint = {
  path(_deployment, { format, operation, query }) {
    const path = PATHS[`${format} ${operation}`]
    // What a client of the beta API asks with; nothing else of its query is anybody's business here.
    return path !== undefined && BETA.test(query) ? `${path}?beta=true` : path
  },
  headers({ credential, format }) {
    if (credential === undefined) return {}
    return format === 'openai-chat' ? { authorization: `Bearer ${credential}` } : { 'x-api-key': credential }
  },
  defaultHeaders: { 'anthropic-version': '2023-06-01' },
}

const BETA = /(?:^|&)beta=true(?:&|$)/

const PATHS: Readonly<Record<string, string>> = {
  'anthropic-messages call': '/v1/messages',
  'openai-chat call': '/v1/chat/completions',
  'anthropic-messages count': '/v1/messages/count_tokens',
}
